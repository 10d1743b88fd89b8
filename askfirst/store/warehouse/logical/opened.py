"""What the open part of a scope adds to its summaries, for several dimensions at once.

The open part are the events for which no summary answers: of days that are not closed yet, or
of all days where a filter restricts them. Visitors count who had a value there and not before it
in the scope; so rows of the open part are marked with `now` 1, those before it with 0.

A page finds what several dimensions need once (`keep_opened`): the relations `begun` and `acts`,
and from them `opened`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ibis

from askfirst.columns import DIMENSIONS, Dimension
from askfirst.store.warehouse.logical.events import (
    CLICK,
    VIEW,
    events_between,
    open_events,
)
from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.seen import (
    profiles_before,
    views_by_visitor,
    views_now,
    visitors_before,
    visitors_of_open_part,
)
from askfirst.store.warehouse.logical.summaries import SUMS
from askfirst.store.warehouse.logical.visits import open_part_of_visits, visits_between
from askfirst.store.warehouse.tables import stored

if TYPE_CHECKING:
    from askfirst.store.warehouse.answering.page import Page

OPENED = {"dimension": "int8", "value": "int32", **dict.fromkeys((*SUMS, "visitors"), "int64")}

_OF_PROFILES = tuple(one.column for one in DIMENSIONS.values() if one.kept == "profile")
_OF_VISITS = tuple(one.column for one in DIMENSIONS.values() if one.kept == "visit")

ACTS = {"visitor": "int32", "now": "int8", "views": "int64", **dict.fromkeys(_OF_PROFILES, "int32")}
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
    page.keep_all({name: [(one, scope)] for name, one in _starts(scope, dimensions).items()})
    found = replace(scope, prepared=True)
    groups = [tuple(n for n in dimensions if DIMENSIONS[n].kept in kept) for kept in _TOGETHER]
    page.keep_all({"opened": [(opened, found, group) for group in groups if group]})
    return replace(scope, kept=True)


_TOGETHER = (("event",), ("visit",), ("profile", ""))
"""Which dimensions one statement finds, by where they are kept."""


def _starts(scope: Scope, dimensions: tuple[str, ...]) -> dict[str, Callable[[Scope], Any]]:
    """Return the relations that dimensions start from, with their questions."""
    kept = {DIMENSIONS[name].kept for name in dimensions}
    wanted = {
        "begun": (begun, {"visit", ""}),
        "acts": (acts, {"profile", ""}),
    }
    return {name: one for name, (one, of) in wanted.items() if kept & of}


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
        if one.kept == "event":
            found.append(_of_events(scope, one))
        else:
            found.append(_counted(scope, one, _pairs(scope, one)))
    return ibis.union(*found) if len(found) > 1 else found[0]


def _of_events(scope: Scope, one: Dimension) -> Any:
    """Return `OPENED` of a dimension that events have of their own."""
    here = _with_value(open_events(scope), one)
    here = here.group_by("visitor", "value").agg(views=int64(here.count()))
    found = here.select("value", "views", visitors=ibis.literal(1, "int64"))
    if scope.closed:
        before = _with_value(events_between(scope, scope.start, scope.open_from), one)
        before = before.semi_join(visitors_of_open_part(scope), "visitor")
        known = here.semi_join(before, ["visitor", "value"])
        zero, less = ibis.literal(0, "int64"), ibis.literal(-1, "int64")
        found = found.union(known.select("value", views=zero, visitors=less))
    sums = {name: found[name].sum() for name in ("views", "visitors")}
    return _row(one, found.group_by("value").agg(**sums))


def _with_value(events: Any, one: Dimension) -> Any:
    events = events.filter(events.kind == (CLICK if one.by == "clicks" else VIEW))
    return events.select("visitor", value=one.column)


def _pairs(scope: Scope, one: Dimension) -> Any:
    """Return a row for each value of a dimension and visitor: its amount, now and first."""
    if one.kept == "visit":
        rows = _begun(scope)
        rows = rows.filter(rows.views > 0)
        return _by_visitor(scope, rows, rows[one.column], visits=rows.now.sum())
    if one.kept == "profile" or scope.prepared:
        rows = _acts(scope)
        value = rows[one.column] if one.column else ibis.literal(0, "int32")
        return _by_visitor(scope, rows, value, views=rows.views.sum())
    rows = _seen_visitors(scope)
    return _by_visitor(scope, rows, ibis.literal(0, "int32"), views=rows.views.sum())


def _by_visitor(scope: Scope, rows: Any, value: Any, **amounts: Any) -> Any:
    """Return amounts by value and visitor, and whether rows are of the open part or before it."""
    marks = {"now": rows.now.max(), "first": rows.now.min()} if scope.closed else {}
    return rows.group_by("visitor", value=value).agg(**marks, **amounts)


def _counted(scope: Scope, one: Dimension, pairs: Any) -> Any:
    """Return `OPENED` from pairs of a value and a visitor."""
    amount, new = "visits" if one.kept == "visit" else "views", pairs.count()
    if scope.closed:
        new = ((pairs.now == 1) & (pairs["first"] == 1)).ifelse(1, 0).sum()
        pairs = pairs.filter(pairs.now == 1)
    return _row(one, pairs.group_by("value").agg(**{amount: pairs[amount].sum()}, visitors=new))


def _row(one: Dimension, found: Any) -> Any:
    zero = ibis.literal(0, "int64")
    numbers = {n: int64(found[n]) if n in found.columns else zero for n in (*SUMS, "visitors")}
    rows = found.select("value", dimension=ibis.literal(one.number, "int8"), **numbers)
    return rows.select(*OPENED)  # a kept relation is read by place where it is joined to others


def _all_visits(scope: Scope) -> Any:
    """Return how many visits began in the open part, were bounces, and how long all took."""
    kept = _begun(scope) if scope.prepared else None
    visits = open_part_of_visits(scope) if kept is None else kept.filter(kept.now == 1)
    bounced = ((visits.views == 1) & (visits.events == 1)).ifelse(1, 0)
    found = visits.group_by(value=ibis.literal(0, "int32")).agg(
        visits=visits.count(), bounces=bounced.sum(), ms=visits.lasted.sum()
    )
    return _row(DIMENSIONS["all"], found)


def _with_now(rows: Any, now: int) -> Any:
    return rows.mutate(now=ibis.literal(now, "int8"))


def begun(scope: Scope) -> Any:
    """Return `BEGUN`: visits that began in the open part, and those before of the same visitors."""
    here = _with_now(open_part_of_visits(scope), 1).select(*BEGUN)
    if not scope.closed:
        return here
    settled = replace(scope, running=False)  # visits of closed days are stored with their figures
    before = visits_between(settled, scope.start, scope.open_from)
    before = before.semi_join(visitors_of_open_part(scope), "visitor")
    return ibis.union(here, _with_now(before, 0).select(*BEGUN))


def _begun(scope: Scope) -> Any:
    return ibis.table(BEGUN, name="begun") if scope.prepared else begun(scope)


def acts(scope: Scope) -> Any:
    """Return `ACTS`: rows of a visitor and a profile, in the open part and before it."""
    rows = _seen(scope)
    # Both tables are long and few of their rows are asked for, so they are cut before the join.
    profiles = stored("profiles").select("profile", *_OF_PROFILES).semi_join(rows, "profile")
    return rows.inner_join(profiles, "profile").select(*ACTS)


def _seen(scope: Scope) -> Any:
    """Return visitor, profile, views and now."""
    here = _with_now(views_now(scope), 1)
    if not scope.closed:
        return here
    before = profiles_before(scope).distinct().mutate(views=ibis.literal(0, "int64"))
    return ibis.union(here, _with_now(before, 0))


def _seen_visitors(scope: Scope) -> Any:
    """Return visitor, views and now."""
    here = _with_now(views_by_visitor(scope), 1)
    if not scope.closed:
        return here
    before = visitors_before(scope).distinct().mutate(views=ibis.literal(0, "int64"))
    return ibis.union(here, _with_now(before, 0))


def _acts(scope: Scope) -> Any:
    return ibis.table(ACTS, name="acts") if scope.prepared else acts(scope)
