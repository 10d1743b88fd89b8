"""On which page is each visitor, and from where did the visit come?"""

from typing import Any

import ibis

from askfirst.store.warehouse.logical.events import (
    VIEW,
    all_events_between,
    events_of,
    place_of,
)
from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.texts import with_texts
from askfirst.store.warehouse.tables import LASTS_AT_MOST


def now(scope: Scope) -> Any:
    """Return path, source and visitors: how many visitors of the scope are where, each once.

    A visitor is on the page of the last event that names one, and came by the source of the first
    page view of the visit, which may have begun before the scope; '' where there is none.
    """
    events = events_of(scope)
    place = place_of(events)
    last = events.group_by("visitor").agg(
        visit=events.visit.argmax(place),
        path=events.path.argmax(place, where=events.path != 0).fill_null(0),
    )
    came = last.left_join(_sources(last, scope), "visit")
    rows = came.select("path", source=came.source.fill_null(0))
    counted = rows.group_by("path", "source").agg(visitors=int64(rows.count()))
    return with_texts(counted, {"path": ("path", "path"), "source": ("source", "source")})


def _sources(last: Any, scope: Scope) -> Any:
    """Return the source of the first page view of each visit: visit, source."""
    since = ibis.literal(scope.start) - LASTS_AT_MOST
    events = all_events_between(scope, since, scope.end)
    views = events.filter(events.kind == VIEW).semi_join(last, "visit")
    return views.group_by("visit").agg(source=views.source.argmin(place_of(views)))
