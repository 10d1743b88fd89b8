"""How many page views were recorded, and how many of them do the reports leave out?"""

from typing import Any

from askfirst.clock import DAY_MS
from askfirst.store.warehouse.logical.events import VIEW, open_events
from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.summaries import counts_of
from askfirst.store.warehouse.tables import stored
from reports.questions.loaded import loaded_views


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


def views_left_out(site: int, start: int, end: int) -> Any:
    """Return day (UTC, days since 1970-01-01) and views that the reports leave out.

    They are those whose page loads were counted. `site` is the number under which a site keeps
    what is left out; times are in ms.
    """
    events = stored("events")
    mine = events.filter(events.site == site, events.time >= start, events.time < end)
    views = loaded_views(mine, site)
    return views.group_by(day=int64(views.time // DAY_MS)).agg(views=int64(views.count()))
