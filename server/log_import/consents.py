"""The records of the consents by which lines are recorded: without one there is no row (law 3)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import select

from askfirst.consents import Reason
from askfirst.events import JournalEntry
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import consent_records
from consent.proof.records import OPEN_STATES

_AT_ONCE = 500  # ids in a statement

_Consent = tuple[int, str]
"""Its site and its id."""


class _Record(NamedTuple):
    visitor_id: str | None
    given_at: int
    valid_until: int


async def reasons_against(ledger: Ledger, entries: Sequence[JournalEntry]) -> dict[str, Reason]:
    """Return, by the id of the event, why entries have no record that allows them.

    One that an erasure has taken the visitor's name from allows nothing any more.
    """
    records = await _records(ledger, {(one.site_id, one.consent_id) for one in entries})
    judged = (
        (one, _reason(one, records.get((one.site_id, one.consent_id), []))) for one in entries
    )
    return {one.event_id: reason for one, reason in judged if reason}


def _reason(entry: JournalEntry, records: Sequence[_Record]) -> Reason | None:
    own = [one for one in records if one.visitor_id == entry.visitor_id]
    if not own:
        return Reason.WITHDRAWN if records else Reason.BAD_TOKEN
    time = entry.happened_at
    if any(one.given_at <= time < one.valid_until for one in own):
        return None
    return Reason.BEFORE_CONSENT if time < own[0].given_at else Reason.EXPIRED


async def _records(ledger: Ledger, wanted: Collection[_Consent]) -> dict[_Consent, list[_Record]]:
    """Return the records of each consent, oldest first: a renewed one has several."""
    table, ids = consent_records.c, sorted({consent_id for _, consent_id in wanted})
    columns = (table.site_id, table.consent_id, table.visitor_id, table.event_time)
    is_open = table.state.in_(OPEN_STATES)
    asked = select(*columns, table.valid_until).where(is_open).order_by(table.seq)
    found = defaultdict(list)
    async with ledger.read() as connection:
        for first in range(0, len(ids), _AT_ONCE):
            some = asked.where(table.consent_id.in_(ids[first : first + _AT_ONCE]))
            for site_id, consent_id, *record in await connection.execute(some):
                found[site_id, consent_id].append(_Record(*record))
    return found
