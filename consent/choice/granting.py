"""Recording a yes: its wording, its proof and the end of the yes that it replaces, in one go.

Where the visitor gets another id than the older yes had, the ledger links the two, so that the
visitor's rights reach both.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.clock import DAY_MS, Clock
from askfirst.consents import REASON_SENTENCES, Claims, Reason
from askfirst.errors import Refused, TooFast
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.rights.access_ends import ended_among
from askfirst.store.ledger.rights.receipt_codes import ReceiptCodes
from askfirst.store.ledger.tables import consent_records, sites
from askfirst.store.ledger.visitor_links import MOST_LINKED, link, linked_ids
from askfirst.store.ledger.withdrawn import Withdrawn
from consent.proof.records import (
    ConsentRequest,
    Record,
    RecordedConsent,
    append,
    new_record,
    recorded_consent,
)
from consent.proof.shown_wordings import store_wording
from consent.rights.erasure_requests import is_erased
from consent.rights.withdrawal import RENEWAL, close, replaced_record

DAY_S = 86_400
IDENTIFIER_DAYS = 393
"""How long one visitor id may be used: 13 months at their shortest."""


class ConsentRecorder:
    """Records consents in the ledger; each is durable when `record` returns."""

    def __init__(
        self, ledger: Ledger, withdrawn: Withdrawn, clock: Clock, codes: ReceiptCodes
    ) -> None:
        self._ledger = ledger
        self._withdrawn = withdrawn
        self._clock = clock
        self._codes = codes

    async def record(
        self, request: ConsentRequest, shown: Mapping[str, Any], older: Claims | None
    ) -> RecordedConsent:
        """Record a yes to the wording `shown`; `older` has the claims of the yes that it replaces.

        One visitor has one open consent: where another tab has renewed the older one, that renewal
        is replaced, and where it is closed, nothing is. A new visitor id is linked with the older
        one, unless that was erased or its access ended. Raises `Refused` where the site was
        deleted, and `TooFast` where too many ids would be linked.
        """
        with self._withdrawn.marked_before_commit(self._clock) as mark:
            async with self._ledger.write() as connection:
                await _refuse_if_deleted(connection, request.site_id)
                await store_wording(connection, shown)
                before = await replaced_record(connection, older) if older else None
                now = mark([before["consent_id"]] if before else [])
                visitor_id = await _kept_id(connection, before, request, now)
                record = new_record(request, now, visitor_id)
                if before:
                    await close(connection, [before], RENEWAL, now)
                [stored] = await append(connection, [record])
                if older:
                    earlier_id = before["visitor_id"] if before else older.visitor_id
                    await _follow(connection, record, earlier_id)
                recorded = recorded_consent(stored)
                await self._codes.keep(connection, recorded.claims)
        return recorded


async def _refuse_if_deleted(connection: AsyncConnection, site_id: int) -> None:
    """Raise `Refused` where the site was deleted before the yes arrived."""
    living = select(sites.c.id).where(sites.c.id == site_id, sites.c.deleted_at.is_(None))
    if (await connection.execute(living)).first() is None:
        reason = Reason.UNKNOWN_SITE
        raise Refused(reason, REASON_SENTENCES[reason])


async def _follow(connection: AsyncConnection, record: Record, earlier_id: str) -> None:
    """Link a new record's visitor id with the earlier one, unless it is the same, or over.

    Over is one that was erased, or whose access was ended: it may be the thief who says yes now.
    """
    site_id, visitor_id = record["site_id"], record["visitor_id"]
    if visitor_id != earlier_id and not await _is_over(connection, site_id, earlier_id):
        if len(await linked_ids(connection, site_id, earlier_id)) >= MOST_LINKED:
            raise TooFast("This browser has said yes and withdrawn too often.", retry_after=DAY_S)
        await link(connection, site_id, visitor_id, earlier_id, record["event_time"])


async def _is_over(connection: AsyncConnection, site_id: int, visitor_id: str) -> bool:
    if await is_erased(connection, site_id, visitor_id):
        return True
    return await ended_among(connection, site_id, [visitor_id]) is not None


async def _kept_id(
    connection: AsyncConnection, before: Record | None, request: ConsentRequest, now: int
) -> str | None:
    """Return the older consent's visitor id, or None where it would be used for too long."""
    if before is None:
        return None
    same_visitor = (consent_records.c.site_id == before["site_id"]) & (
        consent_records.c.visitor_id == before["visitor_id"]
    )
    first = select(func.min(consent_records.c.event_time)).where(same_visitor)
    began = int((await connection.execute(first)).scalar_one())
    ends = now + request.choice_days * DAY_MS
    return str(before["visitor_id"]) if ends - began < IDENTIFIER_DAYS * DAY_MS else None
