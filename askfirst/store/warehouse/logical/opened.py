"""What the open part of a scope adds to its summaries, for several dimensions at once.

The open part are the events for which no summary answers: of days that are not closed yet, or
of all days where a filter restricts them. A page finds this once and keeps it as the relation `opened`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ibis

from askfirst.columns import DIMENSIONS, Dimension
from askfirst.store.warehouse.logical.events import (
    CLICK,
    VIEW,
    events_of,
    open_events,
    profiles_of_visits,
    with_profile,
)
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.summaries import SUMS
from askfirst.store.warehouse.logical.visits import open_part_of_visits, visits_between
from askfirst.store.warehouse.tables import stored

OPENED = {"dimension": "int8", "value": "int32", **dict.fromkeys((*SUMS, "visitors"), "int64")}


def open_part(scope: Scope, dimension: str) -> Any:
    """Return value, visits, views, bounces, ms and visitors of the open part of a scope.

    Visitors are those who had the value in the open part and not before it in the scope.
    """
    if not scope.kept:
        return opened(scope, (dimension,)).drop("dimension")
    kept = ibis.table(OPENED, name="opened")
    return kept.filter(kept.dimension == DIMENSIONS[dimension].number).drop("dimension")


def opened(scope: Scope, dimensions: tuple[str, ...]) -> Any:
    """Return `OPENED`: what the open part of a scope adds, for each of these dimensions."""
    asked = [DIMENSIONS[name] for name in dimensions]
    events = _Events(scope, asked)
    visits = _of_seen(scope, open_part_of_visits(scope), _visits_before)
    found = []
    for one in asked:
        if one.by == "all":
            found += [_all_visits(scope), _counted(one, events.by_visitor())]
        elif one.kept == "visit":
            viewed = visits.filter(visits.views > 0)
            pairs = viewed.group_by("visitor", value=viewed[one.column])
            found.append(_counted(one, _marked(pairs, viewed, visits=viewed.now.sum())))
        else:
            found.append(_counted(one, events.pairs(one)))
    return ibis.union(*found) if len(found) > 1 else found[0]


def _marked(grouped: Any, rows: Any, **amounts: Any) -> Any:
    """Return amounts by group, and whether its rows are of the open part (`now`) or before it."""
    return grouped.agg(now=rows.now.max(), first=rows.now.min(), **amounts)


def _counted(one: Dimension, pairs: Any) -> Any:
    """Return `OPENED` from pairs of a value and a visitor."""
    new = ((pairs.now == 1) & (pairs["first"] == 1)).ifelse(1, 0)
    amount = "visits" if one.kept == "visit" else "views"
    return _row(
        one,
        pairs.filter(pairs.now == 1)
        .group_by("value")
        .agg(**{amount: pairs[amount].sum().cast("int64")}, visitors=new.sum().cast("int64")),
    )


def _row(one: Dimension, found: Any) -> Any:
    zero = ibis.literal(0, "int64")
    known = {n: found[n].cast(kind) if n in found.columns else zero for n, kind in OPENED.items()}
    return found.select(**{**known, "dimension": ibis.literal(one.number, "int8")})


def _all_visits(scope: Scope) -> Any:
    """Return how many visits began in the open part, were bounces, and how long all took."""
    visits = open_part_of_visits(scope)
    bounced = ((visits.views == 1) & (visits.events == 1)).ifelse(1, 0)
    found = visits.group_by(value=ibis.literal(0, "int32")).agg(
        visits=visits.count(), bounces=bounced.sum(), ms=visits.lasted.sum()
    )
    return _row(DIMENSIONS["all"], found)


def _of_seen(scope: Scope, now: Any, before: Callable[[Scope], Any]) -> Any:
    """Return rows of the open part, and those before it of the same visitors, told by `now`."""
    here = now.mutate(now=ibis.literal(1, "int8"))
    if not scope.closed:
        return here
    there = before(scope).semi_join(now, "visitor").mutate(now=ibis.literal(0, "int8"))
    return ibis.union(here, there)


def _visits_before(scope: Scope) -> Any:
    return visits_between(scope, scope.start, scope.open_from)


class _Events:
    """Events of the visitors of the open part, in it and before it, read once for what is asked."""

    def __init__(self, scope: Scope, asked: list[Dimension]) -> None:
        self._scope = scope
        self._by_events = any(one.kept in ("event", "profile") for one in asked)
        columns = [one.column for one in asked if one.kept == "event"]
        events = events_of(scope)
        now = (events.time >= scope.open_from).ifelse(1, 0).cast("int8")
        if scope.closed:
            events = events.semi_join(open_events(scope), "visitor")
        names = dict.fromkeys(("visitor", "visit", "profile", "kind", *columns))
        self._rows = events.select(*names, now=now)
        if any(one.kept == "profile" for one in asked):
            self._profiles = self._by_profile()

    def by_visitor(self) -> Any:
        """Return a row a visitor: value (0), views of the open part, now and first."""
        rows = self._rows if self._by_events or not self._scope.closed else self._visits_tell()
        views = ((rows.kind == VIEW) & (rows.now == 1)).ifelse(1, 0)
        return _marked(
            rows.group_by("visitor", value=ibis.literal(0, "int32")), rows, views=views.sum()
        )

    def pairs(self, one: Dimension) -> Any:
        """Return a row for each value of a dimension and visitor."""
        if one.kept == "profile":
            rows = self._profiles
            return _marked(
                rows.group_by("visitor", value=rows[one.column]), rows, views=rows.views.sum()
            )
        rows = self._rows.filter(self._rows.kind == (CLICK if one.by == "clicks" else VIEW))
        return _marked(rows.group_by("visitor", value=rows[one.column]), rows, views=rows.now.sum())

    def _by_profile(self) -> Any:
        """Return a row for each visitor and profile, in the open part and before it."""
        rows, scope = self._rows, self._scope
        views = ((rows.kind == VIEW) & (rows.now == 1)).ifelse(1, 0)
        seen = rows.group_by("visitor", "visit", "profile", "now").agg(views=views.sum())
        joined = with_profile(seen, profiles_of_visits(scope.site_id))
        whole = joined.group_by("visitor", "now", "profile").agg(views=joined.views.sum())
        profiles = stored("profiles")
        texts = [one.column for one in DIMENSIONS.values() if one.kept == "profile"]
        return whole.inner_join(profiles.select("profile", *texts), "profile")

    def _visits_tell(self) -> Any:
        """Return who was here before, found by visits, which are fewer than events.

        A visit that began in the scope has its first event there. One that began before it has an
        event there if its last one is; if that lies even behind, its events are looked at.
        """
        scope, visits = self._scope, stored("visits")
        mine = visits.filter(visits.site == scope.site_id, visits.start < scope.open_from)
        last = mine.start + mine.lasted
        inside = (mine.start >= scope.start) | ((last >= scope.start) & (last < scope.open_from))
        around = mine.filter(mine.start < scope.start, last >= scope.open_from)
        now = open_events(scope).select("visitor", "kind", now=ibis.literal(1, "int8"))
        before = ibis.union(
            mine.filter(inside).select("visitor"),
            events_of(scope)
            .semi_join(around, "visit")
            .filter(ibis._.time < scope.open_from)
            .select("visitor"),
        )
        known = before.semi_join(now, "visitor")
        return ibis.union(
            now, known.select("visitor", kind=ibis.literal(0, "int8"), now=ibis.literal(0, "int8"))
        )
