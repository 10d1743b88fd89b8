"""How many page views were recorded, and how many does an owner exclude from the reports?"""

from typing import Any

from askfirst.clock import DAY_MS
from askfirst.store.warehouse.logical.events import VIEW, open_events
from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.summaries import counts_of
from askfirst.store.warehouse.tables import stored


def page_views(scope: Scope) -> Any:
    """Return one row: views."""
    events = open_events(scope)
    views = events.agg(views=int64((events.kind == VIEW).ifelse(1, 0).sum().fill_null(0)))
    if not scope.closed:
        return views
    counts = counts_of(scope, "all")
    closed = counts.agg(views=int64(counts.views.sum().fill_null(0)))
    both = views.union(closed)
    return both.agg(views=both.views.sum())


def excluded_views(site: int, start: int, end: int) -> Any:
    """Return day (UTC, days since 1970-01-01) and views that rules for the reports leave out.

    `site` is the number under which a site keeps what is left out; times are in ms.
    """
    events = stored("events")
    mine = events.filter(events.site == site, events.time >= start, events.time < end)
    views = mine.filter(mine.kind == VIEW, mine.excluded > 0)
    return views.group_by(day=int64(views.time // DAY_MS)).agg(views=int64(views.count()))
