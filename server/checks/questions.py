"""The queries of `askfirst check` over the warehouse, as Ibis expressions."""

from typing import Any

import ibis

from askfirst.store.warehouse.warehouse import events_table

CONSENT_COLUMNS = {
    "site_id": "int32",
    "consent_id": "string",
    "visitor_id": "string",
    "given": "timestamp(6)",
    "until": "timestamp(6)",
}
"""The ledger's consents: `until` is the expiry or the withdrawal, `visitor_id` '' if erased."""


def ungrounded() -> Any:
    """Count the events without a consent of that visitor that was valid when they happened."""
    events = events_table()
    consents = ibis.table(CONSENT_COLUMNS, name="consents")
    valid = [
        events.site_id == consents.site_id,
        events.consent_id == consents.consent_id,
        events.visitor_id == consents.visitor_id,
        events.time >= consents.given,
        events.time < consents.until,
    ]
    missing = events.anti_join(consents, valid)
    return missing.agg(rows=missing.count())


def doubled() -> Any:
    """Count the event ids that occur more than once."""
    events = events_table()
    ids = events.group_by(events.event_id).agg(times=events.count())
    many = ids.filter(ids.times > 1)
    return many.agg(rows=many.count())


def present() -> Any:
    """Return those of the asked event ids that the warehouse holds."""
    events = events_table()
    asked = ibis.table({"event_id": "string"}, name="asked")
    return asked.semi_join(events, "event_id")
