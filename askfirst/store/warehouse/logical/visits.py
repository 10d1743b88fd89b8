"""Visits that began in a scope: closed ones as they are stored, open ones from their events."""

from __future__ import annotations

from typing import Any

import ibis

from askfirst.columns import DIMENSIONS
from askfirst.store.warehouse.logical.events import (
    VIEW,
    Visitors,
    among,
    keys_in,
    matched_visits,
    of_first,
    of_last,
)
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.tables import ACTS, LASTS_AT_MOST, stored

_FIRST = {one.column: one.texts for one in DIMENSIONS.values() if one.kept == "visit"}
_LAST = {"leaving": _FIRST.pop("leaving")}
_PLAIN = ("visit", "visitor", "start", "lasted", "views", "events")
SAID = (*_FIRST, *_LAST)
"""What the first or the last page view of a visit says."""
COLUMNS = (*_PLAIN, *SAID)


def open_part_of_visits(scope: Scope, said: tuple[str, ...] = SAID) -> Any:
    """Return the visits that began where no summary answers, see `visits_between`."""
    return visits_between(scope, scope.open_from, scope.end, said)


def visits_between(
    scope: Scope, start: Any, end: Any, said: tuple[str, ...] = SAID, some: Visitors = None
) -> Any:
    """Return a row a visit of a scope's site that began between two times: `COLUMNS`.

    `lasted` is in milliseconds; entry, leaving and what the first view says are keys of texts, of
    which only those in `said` are found. A visit is stored in `visits` or in `open_visits`,
    whenever its day is closed, so it is looked for in both. `some` are the only visitors.
    """
    found = _closed(scope, start, end, some).select(*_PLAIN, *said)
    if scope.running:
        opened = figures(_of_open_visits(scope, start, end, _needed(said), some), said)
        found = ibis.union(found, opened.filter(opened.start >= start, opened.start < end))
    return found


def starts_between(scope: Scope, start: Any, end: Any, some: Visitors = None) -> Any:
    """Return visit, visitor and start of the same visits, for which less is read."""
    found = _closed(scope, start, end, some).select("visit", "visitor", "start")
    if scope.running:
        events = _of_open_visits(scope, start, end, ("visit", "visitor", "time"), some)
        opened = events.group_by("visit").agg(visitor=events.visitor.min(), start=events.time.min())
        found = ibis.union(found, opened.filter(opened.start >= start, opened.start < end))
    return found


def _closed(scope: Scope, start: Any, end: Any, some: Visitors = None) -> Any:
    closed = stored("visits")
    mine = closed.filter(closed.site == scope.site_id, closed.start >= start, closed.start < end)
    return _matched(scope, among(mine, some))


def _matched(scope: Scope, visits: Any) -> Any:
    return visits.semi_join(matched_visits(), "visit") if scope.matched else visits


def _needed(said: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns of events from which the figures of visits are found."""
    columns = dict.fromkeys((_FIRST | _LAST)[name] for name in said)
    return ("visit", "visitor", "time", "kind", *(("event_id", *columns) if said else ()))


def _of_open_visits(
    scope: Scope, start: Any, end: Any, columns: tuple[str, ...], some: Visitors = None
) -> Any:
    """Return all events of the open visits that had one since `start` and before `end`.

    Only these columns are named: an engine takes as long to plan a statement as it has columns. A
    filter is applied here: what the others did would be found for nothing.
    """
    events, open_visits = stored("events"), stored("open_visits")
    mine = open_visits.filter(open_visits.site == scope.site_id)
    mine = _matched(scope, among(mine, some))
    near = among(events, some).filter(
        events.site == scope.site_id,
        events.time >= ibis.literal(start) - LASTS_AT_MOST,
        events.time < ibis.literal(end) + LASTS_AT_MOST,
    )
    return near.select(*columns).semi_join(mine.select("visit"), "visit")


def figures(events: Any, said: tuple[str, ...] = SAID) -> Any:
    """Return a row a visit, `COLUMNS` with those in `said`, from events that are all of each visit.

    `events` are page views and interactions. Of two events at the same time the one with the
    smaller id is the earlier one.
    """
    viewed = events.kind == VIEW
    sides = {
        "first": (of_first, {name: _FIRST[name] for name in said if name in _FIRST}),
        "last": (of_last, {name: _LAST[name] for name in said if name in _LAST}),
    }
    found = events.group_by("visit").agg(
        visitor=events.visitor.min(),
        start=events.time.min(),
        lasted=events.time.max() - events.time.min(),
        views=viewed.ifelse(1, 0).sum().cast("int32"),
        events=events.kind.isin(ACTS).ifelse(1, 0).sum().cast("int32"),
        **{name: of(events, keys, viewed) for name, (of, keys) in sides.items() if keys},
    )
    for name, (_, keys) in sides.items():
        found = found.mutate(**keys_in(found[name], keys)) if keys else found
    return found.select(*_PLAIN, *said)
