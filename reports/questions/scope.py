"""Which events a question is about: one site, one stretch of time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis

from askfirst.store.warehouse.warehouse import events_table


@dataclass(frozen=True)
class Scope:
    """One site's events from `start` (included) to `end` (not), both naive UTC."""

    site_id: int
    start: datetime
    end: datetime


def events_in(scope: Scope) -> Any:
    """Return every event of the scope."""
    events = events_table()
    return events.filter(
        events.site_id == scope.site_id, events.time >= scope.start, events.time < scope.end
    )


def views_in(scope: Scope) -> Any:
    """Return the page views of the scope."""
    events = events_in(scope)
    return events.filter(events.kind == "page_view")


def ranked(counted: Any, column: str, limit: int, offset: int = 0) -> Any:
    """Order rows by a column, largest first, then by name, and return a part of them."""
    return counted.order_by(ibis.desc(column), "name").limit(limit, offset=offset)
