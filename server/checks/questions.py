"""The queries of `askfirst check` over the warehouse, as Ibis expressions."""

from typing import Any

import ibis

from askfirst.store.warehouse.logical.grounds import without_own_consent
from askfirst.store.warehouse.tables import stored

ASKED = {"event_id": "string"}
"""Event ids beside a question, as the relation `asked`, and as they are stored."""


def ungrounded() -> Any:
    """Count the events without a consent of that visitor that was valid when they happened.

    The consents are the relation `valid_consents`
    (`askfirst.store.warehouse.logical.grounds.CONSENTS_OF_VISITORS`).
    """
    missing = without_own_consent(stored("events"))
    return missing.agg(rows=missing.count())


def doubled() -> Any:
    """Count the event ids that occur more than once."""
    events = stored("events")
    ids = events.group_by(events.event_id).agg(times=events.count())
    many = ids.filter(ids.times > 1)
    return many.agg(rows=many.count())


def present() -> Any:
    """Return those of the asked event ids that the warehouse holds, as they are stored."""
    events = stored("events")
    asked = ibis.table(ASKED, name="asked")
    wanted = asked.mutate(id=asked.event_id.cast("uuid"))
    return wanted.semi_join(events, wanted.id == events.event_id).select("event_id")
