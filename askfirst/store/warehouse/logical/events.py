"""Events of a scope, with the profile that is in effect for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import ibis

from askfirst.columns import KINDS
from askfirst.store.warehouse.logical.fulfilled import events_fulfilling
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.tables import stored

VIEW = KINDS.index("page_view")
CLICK = KINDS.index("link_click")

MATCHED = {"visit": "int32"}
"""The relation `matched`: the visits that a filter lets through, each once."""


def matched_visits() -> Any:
    """Return the relation `matched`, which a page keeps or a question is handed."""
    return ibis.table(MATCHED, name="matched")


def events_of(scope: Scope) -> Any:
    """Return the stored events of the whole scope."""
    return events_between(scope, scope.start, scope.end)


def open_events(scope: Scope) -> Any:
    """Return the stored events of the scope for which no summary answers."""
    return events_between(scope, scope.open_from, scope.end)


def events_between(scope: Scope, start: Any, end: Any) -> Any:
    """Return the stored events of a scope between two times."""
    found = all_events_between(scope, start, end)
    if not scope.matched:
        return found
    return events_fulfilling(found.semi_join(matched_visits(), "visit"), scope.only)


def all_events_between(scope: Scope, start: Any, end: Any) -> Any:
    """Return the events of a scope's site between two times, of matched visits and of others."""
    events = stored("events")
    return events.filter(events.site == scope.site_id, events.time >= start, events.time < end)


Visitors = tuple[Any, Any] | None
"""Some visitors, by the first and the last of their keys; or all."""


def among(rows: Any, some: Visitors) -> Any:
    """Return the rows of some visitors."""
    return rows.filter(rows.visitor >= some[0], rows.visitor <= some[1]) if some else rows


def profiles_of_visits(site: Any, some: Visitors = None) -> Any:
    """Return the profile of every visit of a site, or of some visitors: visit, of_visit."""
    return _profiles(lambda table: among(table.filter(table.site == site), some))


def profiles_of_all_visits() -> Any:
    """Return the profile of every visit of every site: visit, of_visit."""
    return _profiles(lambda table: table)


def _profiles(some: Callable[[Any], Any]) -> Any:
    found = [some(stored(name)) for name in ("visits", "open_visits")]
    return ibis.union(*(one.select("visit", of_visit=one.profile) for one in found))


def with_profile(events: Any, visits: Any) -> Any:
    """Return events with the profile that is in effect for each: its own, or that of its visit."""
    joined = events.inner_join(visits, "visit")
    own = (joined.profile == 0).ifelse(joined.of_visit, joined.profile)
    return joined.mutate(profile=own).drop("of_visit")


def place_of(events: Any) -> Any:
    """Return what puts events in order: their time, then their id.

    Ids are compared as texts, because engines order uuids each in its own way.
    """
    return ibis.struct({"time": events.time, "id": events.event_id.cast("string")})


def of_first(events: Any, columns: Mapping[str, str], where: Any = None) -> Any:
    """Return what the first event of each group says: these columns by their names, in one value.

    One value a group is found once, and several times as fast as one for each column.
    """
    return _several(events, columns).argmin(place_of(events), where=where)


def of_last(events: Any, columns: Mapping[str, str], where: Any = None) -> Any:
    """Return the same of the last event of each group."""
    return _several(events, columns).argmax(place_of(events), where=where)


def _several(events: Any, columns: Mapping[str, str]) -> Any:
    return ibis.struct({name: events[column] for name, column in columns.items()})


def keys_in(said: Any, names: Iterable[str]) -> dict[str, Any]:
    """Return these keys of texts by their names from such a value; 0 where there was no event."""
    return {name: said[name].fill_null(0) for name in names}
