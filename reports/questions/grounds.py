"""Which events have no consent that was valid at the moment they happened?"""

from datetime import datetime
from typing import Any

import ibis

from askfirst.store.warehouse.warehouse import events_table

CONSENT_COLUMNS = {
    "consent_id": "string",
    "given": "timestamp(6)",
    "until": "timestamp(6)",
}
"""The ledger's consents as the query joins them: `until` is the expiry or the withdrawal."""


def grounds(site_id: int, until: datetime) -> Any:
    """Return one row about the site's events before `until` (naive UTC).

    `events` is their number, `ungrounded` the number of those without a valid consent.
    """
    events = events_table()
    mine = events.filter(events.site_id == site_id, events.time < until)
    consents = ibis.table(CONSENT_COLUMNS, name="consents")
    valid = [
        mine.consent_id == consents.consent_id,
        mine.time >= consents.given,
        mine.time < consents.until,
    ]
    missing = mine.anti_join(consents, valid)
    every = mine.agg(events=mine.count())
    return every.cross_join(missing.agg(ungrounded=missing.count()))
