"""Which events have no consent that was valid at the moment they happened?"""

from typing import Any

from askfirst.store.warehouse.logical.grounds import without_consent
from askfirst.store.warehouse.logical.sides import both_sides
from askfirst.store.warehouse.tables import stored


def grounds(site_id: int, until: int) -> Any:
    """Return one row about the site's events before `until` (milliseconds since the epoch).

    What the reports leave out is stored, too, and needs a consent.

    `events` is their number, `ungrounded` the number of those without a valid consent in the
    relation `valid_consents` (`askfirst.store.warehouse.logical.grounds.CONSENTS`).
    """
    events = both_sides(stored("events"), site_id)
    mine = events.filter(events.time < until)
    missing = without_consent(mine)
    every = mine.agg(events=mine.count())
    return every.cross_join(missing.agg(ungrounded=missing.count()))
