"""What the open part of a scope adds to its summaries, for several dimensions at once.

The open part are the events for which no summary answers: of days that are not closed yet, or
of all days where a filter restricts them. Visitors count who had a value there and not before it
in the scope, which `EARLIER` tells of them.

A page finds what several dimensions need once (`keep_opened`): the relations `begun`, `acts` and
those of `EARLIER_AT`, and from them `opened`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ibis

from askfirst.columns import DIMENSIONS, Dimension
from askfirst.store.warehouse.answering.earlier_values import keep_earlier
from askfirst.store.warehouse.logical.earlier import (
    EARLIER_AT,
    earlier_in,
    of_asked,
    where_kept,
    with_profiles,
    with_value,
)
from askfirst.store.warehouse.logical.events import open_events
from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.seen import views_by_visitor, views_now
from askfirst.store.warehouse.logical.summaries import SUMS, closed_part
from askfirst.store.warehouse.logical.visits import open_part_of_visits

if TYPE_CHECKING:
    from askfirst.store.warehouse.answering.page import Page

OPENED = {"dimension": "int8", "value": "int32", **dict.fromkeys((*SUMS, "visitors"), "int64")}

_ACTS = {"visitor": "int32", "views": "int64"}
_BEGUN = {"visitor": "int32", "lasted": "int64", "views": "int32", "events": "int32"}


def keep_opened(page: Page, scope: Scope, dimensions: tuple[str, ...]) -> Scope:
    """Find what the open part of a scope adds, for a page, and return the scope that uses it."""
    if scope.closed and not scope.open:
        return scope
    page.keep_all(_starts(scope, dimensions))
    if scope.closed:
        keep_earlier(page, scope, dimensions)
    found = replace(scope, prepared=True)
    groups = [tuple(n for n in dimensions if where_kept(n) == place) for place in EARLIER_AT]
    page.keep_all({"opened": [(opened, found, group) for group in groups if group]})
    return replace(scope, kept=True)


def _starts(scope: Scope, dimensions: tuple[str, ...]) -> dict[str, list[tuple[Any, ...]]]:
    """Return the relations that dimensions start from, each with its question and its values.

    Of open days they have only the columns of these dimensions: an engine plans a statement in as
    much time as it has columns. Where a filter has all days read, they have those of all, so that
    the answer is known when another list of the same page is asked for.
    """
    kept = {DIMENSIONS[name].kept for name in dimensions}
    names = dimensions if scope.closed else tuple(DIMENSIONS)
    wanted = {
        "begun": ((begun, scope, _columns(names, "visit")), {"visit", ""}),
        "acts": ((acts, scope, _columns(names, "profile")), {"profile", ""}),
    }
    return {name: [asked] for name, (asked, of) in wanted.items() if kept & of}


def _columns(dimensions: tuple[str, ...], kept: str) -> tuple[str, ...]:
    """Return the columns of those among the dimensions that are kept by visits or profiles."""
    found = (DIMENSIONS[name] for name in dimensions)
    return tuple(dict.fromkeys(one.column for one in found if one.kept == kept))


def parts(scope: Scope, dimension: str) -> Any:
    """Return what a whole scope has of a dimension: its closed days, and what its open part adds.

    That is value, visits, views, bounces, ms and visitors, in rows that are to be added up.
    """
    found = [closed_part(scope, dimension)] if scope.closed else []
    if scope.open or not scope.closed:
        found.append(open_part(scope, dimension))
    return ibis.union(*found) if len(found) > 1 else found[0]


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
    """Return `OPENED`: what the open part of a scope adds, for each of these dimensions.

    They are kept in one place.
    """
    # Each is counted by itself: a hash table is the slower, the more rows and columns it has.
    amounts = ibis.union(*(_amounts(scope, DIMENSIONS[name]) for name in dimensions))
    if scope.closed:
        amounts = _new_ones(scope, dimensions, of_asked(scope, dimensions, amounts))
    found = [_added_up(amounts)]
    if "all" in dimensions:
        found.append(_all_visits(scope))
    return ibis.union(*found) if len(found) > 1 else found[0]


def _amounts(scope: Scope, one: Dimension) -> Any:
    """Return dimension, value, visitor, visits, views, and 1 as visitors: a row for each pair."""
    rows = _rows_of(scope, one)
    counted = rows.group_by("value", "visitor").agg(amount=int64(rows.amount.sum()))
    amounts = {"visits": _NONE, "views": _NONE}
    amounts["visits" if one.by == "visits" else "views"] = counted.amount
    return counted.select("value", "visitor", dimension=_number(one), visitors=_ONE, **amounts)


def _new_ones(scope: Scope, dimensions: tuple[str, ...], amounts: Any) -> Any:
    """Return the same with 0 as visitors where the visitor had the value before the open part.

    `EARLIER` has each row once: a second one would count the visitor and the views again.
    """
    before = earlier_in(scope, dimensions).rename({f"{name}_before": name for name in _SAME})
    same = [amounts[name] == before[f"{name}_before"] for name in _SAME]
    joined = amounts.left_join(before, same)
    new = joined.visitor_before.isnull().ifelse(_ONE, _NONE)
    return joined.select("dimension", "value", "visits", "views", visitors=new)


_SAME = ("dimension", "value", "visitor")


def _rows_of(scope: Scope, one: Dimension) -> Any:
    """Return value, visitor and amount (of visits or views) of the open part, to be added up."""
    if one.kept == "event":
        return with_value(open_events(scope), one).mutate(amount=_ONE)
    if one.kept == "visit":
        begun_now = _begun(scope, (one.column,))
        rows = begun_now.filter(begun_now.views > 0)
        return rows.select("visitor", value=rows[one.column], amount=_ONE)
    seen = _acts(scope, (one.column,) if one.column else ())
    return seen.select(
        "visitor", value=seen[one.column] if one.column else _NO_VALUE, amount="views"
    )


def _number(one: Dimension) -> Any:
    return ibis.literal(one.number, "int8")


_NONE, _ONE = ibis.literal(0, "int64"), ibis.literal(1, "int64")
_NO_VALUE = ibis.literal(0, "int32")


def _added_up(rows: Any) -> Any:
    """Return `OPENED` from rows of a dimension and a value."""
    sums = {name: int64(rows[name].sum()) for name in ("visits", "views", "visitors")}
    return _row(rows.group_by("dimension", "value").agg(**sums))


def _all_visits(scope: Scope) -> Any:
    """Return how many visits began in the open part, were bounces, and how long all took."""
    visits = _begun(scope, ())
    bounced = ((visits.views == 1) & (visits.events == 1)).ifelse(1, 0)
    found = visits.group_by(value=_NO_VALUE).agg(
        visits=visits.count(), bounces=bounced.sum(), ms=visits.lasted.sum()
    )
    return _row(found.mutate(dimension=_number(DIMENSIONS["all"])))


def _row(found: Any) -> Any:
    numbers = {n: int64(found[n]) if n in found.columns else _NONE for n in (*SUMS, "visitors")}
    rows = found.select("dimension", "value", **numbers)
    return rows.select(*OPENED)  # a kept relation is read by place where it is joined to others


def begun(scope: Scope, columns: tuple[str, ...]) -> Any:
    """Return visitor, lasted, views, events and these columns of visits of the open part."""
    return open_part_of_visits(scope, columns).select(*_BEGUN, *columns)


def _begun(scope: Scope, columns: tuple[str, ...]) -> Any:
    return _kept("begun", _BEGUN, columns) if scope.prepared else begun(scope, columns)


def acts(scope: Scope, columns: tuple[str, ...]) -> Any:
    """Return visitor, views and these columns of profiles of the open part, to be added up."""
    if not columns:
        return views_by_visitor(scope)
    return with_profiles(views_now(scope), columns).select(*_ACTS, *columns)


def _acts(scope: Scope, columns: tuple[str, ...]) -> Any:
    return _kept("acts", _ACTS, columns) if scope.prepared else acts(scope, columns)


def _kept(name: str, plain: Mapping[str, str], columns: tuple[str, ...]) -> Any:
    """Return a relation that a page has kept, with those of its columns that are read."""
    return ibis.table({**plain, **dict.fromkeys(columns, "int32")}, name=name)
