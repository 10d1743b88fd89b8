"""What the open part of a scope adds to its summaries, for several dimensions at once.

The open part are the events for which no summary answers: of days that are not closed yet, or
of all days where a filter restricts them. Visitors count who had a value there and not before it
in the scope; so rows of the open part are marked with `now` 1, those before it with 0.

A page finds what several dimensions need once (`keep_opened`): the relations `seen_before`,
`begun_now`, `begun`, `profiles_seen` and `acts`, and from them `opened`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ibis

from askfirst.columns import DIMENSIONS, Dimension
from askfirst.store.warehouse.logical.events import (
    CLICK,
    VIEW,
    events_between,
    events_of,
    open_events,
    profiles_of_visits,
    with_profile,
)
from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.summaries import SUMS
from askfirst.store.warehouse.logical.visits import open_part_of_visits, visits_between
from askfirst.store.warehouse.tables import TABLES, stored

if TYPE_CHECKING:
    from askfirst.store.warehouse.page import Page

OPENED = {"dimension": "int8", "value": "int32", **dict.fromkeys((*SUMS, "visitors"), "int64")}

_OF_EVENTS = tuple(one.column for one in DIMENSIONS.values() if one.kept == "event")
_OF_PROFILES = tuple(one.column for one in DIMENSIONS.values() if one.kept == "profile")
_OF_VISITS = tuple(one.column for one in DIMENSIONS.values() if one.kept == "visit")

_EVENT = ("visitor", "visit", "profile", "kind", *_OF_EVENTS)
SEEN_BEFORE = {name: TABLES["events"].columns[name] for name in _EVENT}
ACTS = {"visitor": "int32", "now": "int8", "views": "int64", **dict.fromkeys(_OF_PROFILES, "int32")}
PROFILES_SEEN = {
    **dict.fromkeys(("visitor", "visit", "profile"), "int32"),
    "now": "int8",
    "views": "int64",
}
BEGUN = {
    "visitor": "int32",
    "lasted": "int64",
    **dict.fromkeys(("views", "events", *_OF_VISITS), "int32"),
    "now": "int8",
}


def keep_opened(page: Page, scope: Scope, dimensions: tuple[str, ...]) -> Scope:
    """Find what the open part of a scope adds, for a page, and return the scope that uses it."""
    if scope.closed and not scope.open:
        return scope
    asked = {name: DIMENSIONS[name].kept for name in dimensions}
    if scope.closed and set(asked.values()) & {"event", "profile"}:
        page.keep("seen_before", seen_before, scope)
    found = replace(scope, prepared=True)
    page.keep("begun_now", begun_now, found)
    page.keep("begun", begun, found)
    page.keep("profiles_seen", profiles_seen, found)
    page.keep("acts", acts, found)
    groups = [tuple(n for n, kept in asked.items() if kept == "event")]
    groups += [tuple(n for n, kept in asked.items() if kept == "visit")]
    groups += [tuple(n for n, kept in asked.items() if kept in ("profile", ""))]
    page.keep_all("opened", [(opened, found, group) for group in groups if group])
    return replace(scope, kept=True)


def open_part(scope: Scope, dimension: str) -> Any:
    """Return value, visits, views, bounces, ms and visitors of the open part of a scope."""
    if scope.kept:
        kept = opened_rows()
        return kept.filter(kept.dimension == DIMENSIONS[dimension].number).drop("dimension")
    return opened(scope, (dimension,)).drop("dimension")


def opened_rows() -> Any:
    """Return the relation `opened`, which a page has kept."""
    return ibis.table(OPENED, name="opened")


def opened(scope: Scope, dimensions: tuple[str, ...]) -> Any:
    """Return `OPENED`: what the open part of a scope adds, for each of these dimensions."""
    found = []
    for one in (DIMENSIONS[name] for name in dimensions):
        if one.by == "all":
            found.append(_all_visits(scope))
        found.append(_counted(one, _pairs(scope, one)))
    return ibis.union(*found) if len(found) > 1 else found[0]


def _pairs(scope: Scope, one: Dimension) -> Any:
    """Return a row for each value of a dimension and visitor: its amount, now and first."""
    if one.kept == "event":
        rows = _rows(scope)
        rows = rows.filter(rows.kind == (CLICK if one.by == "clicks" else VIEW))
        return _marked(rows, rows[one.column], views=rows.now.sum())
    if one.kept == "visit":
        rows = _begun(scope)
        rows = rows.filter(rows.views > 0)
        return _marked(rows, rows[one.column], visits=rows.now.sum())
    if one.kept == "profile" or scope.prepared:
        rows = _acts(scope)
        value = rows[one.column] if one.column else ibis.literal(0, "int32")
        return _marked(rows, value, views=rows.views.sum())
    rows = _visits_tell(scope) if scope.closed else _rows(scope)
    return _marked(rows, ibis.literal(0, "int32"), views=_views(rows).sum())


def _marked(rows: Any, value: Any, **amounts: Any) -> Any:
    """Return amounts by value and visitor, and whether rows are of the open part or before it."""
    groups = rows.group_by("visitor", value=value)
    return groups.agg(now=rows.now.max(), first=rows.now.min(), **amounts)


def _counted(one: Dimension, pairs: Any) -> Any:
    """Return `OPENED` from pairs of a value and a visitor."""
    new = ((pairs.now == 1) & (pairs["first"] == 1)).ifelse(1, 0)
    amount = "visits" if one.kept == "visit" else "views"
    here = pairs.filter(pairs.now == 1).group_by("value")
    return _row(one, here.agg(**{amount: pairs[amount].sum()}, visitors=new.sum()))


def _row(one: Dimension, found: Any) -> Any:
    zero = ibis.literal(0, "int64")
    numbers = {n: int64(found[n]) if n in found.columns else zero for n in (*SUMS, "visitors")}
    return found.select("value", dimension=ibis.literal(one.number, "int8"), **numbers)


def _all_visits(scope: Scope) -> Any:
    """Return how many visits began in the open part, were bounces, and how long all took."""
    visits = _begun(scope)
    visits = visits.filter(visits.now == 1)
    bounced = ((visits.views == 1) & (visits.events == 1)).ifelse(1, 0)
    found = visits.group_by(value=ibis.literal(0, "int32")).agg(
        visits=visits.count(), bounces=bounced.sum(), ms=visits.lasted.sum()
    )
    return _row(DIMENSIONS["all"], found)


def _views(rows: Any) -> Any:
    return ((rows.kind == VIEW) & (rows.now == 1)).ifelse(1, 0)


def _with_now(rows: Any, now: int) -> Any:
    return rows.mutate(now=ibis.literal(now, "int8"))


def seen_before(scope: Scope) -> Any:
    """Return `SEEN_BEFORE`: events before the open part of the visitors who have events in it."""
    before = events_between(scope, scope.start, scope.open_from)
    return before.semi_join(open_events(scope), "visitor").select(*SEEN_BEFORE)


def _rows(scope: Scope) -> Any:
    """Return events of the open part, and those before it of the same visitors."""
    here = _with_now(open_events(scope).select(*SEEN_BEFORE), 1)
    if not scope.closed:
        return here
    before = ibis.table(SEEN_BEFORE, name="seen_before") if scope.prepared else seen_before(scope)
    return ibis.union(here, _with_now(before, 0))


def begun_now(scope: Scope) -> Any:
    """Return `BEGUN` of the visits that began in the open part."""
    return _with_now(open_part_of_visits(scope), 1).select(*BEGUN)


def begun(scope: Scope) -> Any:
    """Return `BEGUN`: visits that began in the open part, and those before of the same visitors."""
    here = ibis.table(BEGUN, name="begun_now") if scope.prepared else begun_now(scope)
    if not scope.closed:
        return here
    settled = replace(scope, running=False)  # visits of closed days are stored with their figures
    before = visits_between(settled, scope.start, scope.open_from).semi_join(here, "visitor")
    return ibis.union(here, _with_now(before, 0).select(*BEGUN))


def _begun(scope: Scope) -> Any:
    return ibis.table(BEGUN, name="begun") if scope.prepared else begun(scope)


def profiles_seen(scope: Scope) -> Any:
    """Return `PROFILES_SEEN`: a row for each visit and profile, in the open part and before it."""
    rows = _rows(scope)
    seen = rows.group_by("visitor", "visit", "profile", "now")
    return seen.agg(views=_views(rows).sum()).select(*PROFILES_SEEN)


def acts(scope: Scope) -> Any:
    """Return `ACTS`: a row for each visitor and profile, in the open part and before it."""
    if scope.prepared:
        seen = ibis.table(PROFILES_SEEN, name="profiles_seen")
    else:
        seen = profiles_seen(scope)
    visits = profiles_of_visits(scope.site_id).semi_join(seen, "visit")
    joined = with_profile(seen, visits)
    whole = joined.group_by("visitor", "now", "profile").agg(views=joined.views.sum())
    # Both tables are long and few of their rows are asked for, so they are cut before the join.
    profiles = stored("profiles").select("profile", *_OF_PROFILES).semi_join(whole, "profile")
    return whole.inner_join(profiles, "profile").select(*ACTS)


def _acts(scope: Scope) -> Any:
    return ibis.table(ACTS, name="acts") if scope.prepared else acts(scope)


def _visits_tell(scope: Scope) -> Any:
    """Return who was here before, found by visits, which are fewer than events.

    A visit that began in the scope has its first event there. One that began before it has an
    event there if its last one is; if that lies even behind, its events are looked at.
    """
    visits = stored("visits")
    mine = visits.filter(visits.site == scope.site_id, visits.start < scope.open_from)
    last = mine.start + mine.lasted
    inside = (mine.start >= scope.start) | ((last >= scope.start) & (last < scope.open_from))
    around = mine.filter(mine.start < scope.start, last >= scope.open_from)
    spanning = events_of(scope).semi_join(around, "visit")
    spanning = spanning.filter(spanning.time < scope.open_from)
    before = ibis.union(mine.filter(inside).select("visitor"), spanning.select("visitor"))
    now = open_events(scope).select("visitor", "kind")
    known = before.semi_join(now, "visitor").mutate(kind=ibis.literal(0, "int8"))
    return ibis.union(_with_now(now, 1), _with_now(known, 0))
