"""Which events have no consent that was valid at the moment they happened?"""

from typing import Any

import ibis

from askfirst.store.warehouse.logical.grounds import CONSENTS, without_consent
from askfirst.store.warehouse.tables import stored

__all__ = ["CONSENTS", "grounds"]


def grounds(site_id: int, until: int) -> Any:
    """Return one row about the site's events before `until` (milliseconds since the epoch).

    `events` is their number, `ungrounded` the number of those without a valid consent among the
    relation `consents`.
    """
    events = stored("events")
    mine = events.filter(events.site == site_id, events.time < until)
    missing = without_consent(mine, ibis.table(CONSENTS, name="valid_consents"))
    every = mine.agg(events=mine.count())
    return every.cross_join(missing.agg(ungrounded=missing.count()))
