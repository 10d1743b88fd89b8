"""Which events have no consent that was valid at the moment they happened?"""

from typing import Any

from askfirst.store.warehouse.logical.grounds import without_consent
from askfirst.store.warehouse.tables import stored


def grounds(site_id: int, until: int) -> Any:
    """Return one row about the site's events before `until` (milliseconds since the epoch).

    `events` is their number, `ungrounded` the number of those without a valid consent in the
    relation `valid_consents` (`askfirst.store.warehouse.logical.grounds.CONSENTS`).
    """
    events = stored("events")
    mine = events.filter(events.site == site_id, events.time < until)
    missing = without_consent(mine)
    every = mine.agg(events=mine.count())
    return every.cross_join(missing.agg(ungrounded=missing.count()))
