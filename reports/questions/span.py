"""From when to when are there events, and how many?"""

from typing import Any

from askfirst.store.warehouse.warehouse import events_table


def span(site_id: int) -> Any:
    """Return one row: `first` and `last` (UTC, null when there are none) and `events`."""
    events = events_table()
    mine = events.filter(events.site_id == site_id)
    return mine.agg(first=mine.time.min(), last=mine.time.max(), events=mine.count())
