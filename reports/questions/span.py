"""From when to when are there events, and how many?"""

from typing import Any

from askfirst.store.warehouse.tables import stored


def span(site_id: int) -> Any:
    """Return one row: `first` and `last` (ms since the epoch, null without events) and `events`."""
    events = stored("events")
    mine = events.filter(events.site == site_id)
    times = mine.agg(first=mine.time.min(), last=mine.time.max(), events=mine.count())
    return times.select("events", **{name: times[name].nullif(0) for name in ("first", "last")})
