"""How many page views were recorded?"""

from typing import Any

from askfirst.store.warehouse.logical.events import VIEW, open_events
from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.summaries import counts_of


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
