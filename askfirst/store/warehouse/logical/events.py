"""Events of a scope, with the profile that is in effect for each."""

from __future__ import annotations

from typing import Any

import ibis

from askfirst.columns import KINDS
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
    """Return the stored events of a scope's site between two times."""
    events = stored("events")
    found = events.filter(events.site == scope.site_id, events.time >= start, events.time < end)
    return found.semi_join(matched_visits(), "visit") if scope.matched else found


def profiles_of_visits(site: Any) -> Any:
    """Return the profile of every visit of a site: visit, of_visit."""
    return ibis.union(
        *(
            table.filter(table.site == site).select("visit", of_visit=table.profile)
            for table in (stored("visits"), stored("open_visits"))
        )
    )


def with_profile(events: Any, site: Any) -> Any:
    """Return events with the profile that is in effect in `profile`: its own, or the visit's."""
    visits = profiles_of_visits(site)
    joined = events.inner_join(visits, events.visit == visits.visit)
    profile = ibis.ifelse(events.profile == 0, visits.of_visit, events.profile)
    return joined.select(*(events[name] for name in events.columns if name != "profile"), profile=profile)
