"""Erasing from a restored backup the visits and spans that were erased after it was made."""

import asyncio
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import select

from askfirst.store.ledger.erasure_receipts import part_of_span, part_of_visit, receipt_id_of
from askfirst.store.ledger.tables import erasures
from consent.rights.parts import OneVisit, TimeSpan
from server.services import Services


class ErasedSpan(NamedTuple):
    """The erasure of a span: its receipt's number, the span, and when it was asked for (ms)."""

    receipt: str
    first: int
    until: int
    asked_at: int


async def erase_parts(
    services: Services, visits: Collection[str], spans: Collection[ErasedSpan]
) -> int:
    """Erase the visits and spans of these numbers again; return how many there were.

    What waits is shipped first, for it has no visit before. A number is a hash of the visitor's id
    and the part: it leads to the part in a warehouse that has it, and names nobody by itself.
    """
    if not visits and not spans:
        return 0
    await services.shipper.ship_all()
    found = await erase_visits(services, visits)
    for span in sorted(spans):
        found += await _erase_span(services, span)
    return found


async def erase_spans_until(services: Services, spans: Collection[ErasedSpan], at: int) -> int:
    """Erase the spans again that were asked for up to a time (ms); return how many there were.

    So nothing of them is in a visit that was detached afterwards: no erasure would reach it there.
    """
    asked = sorted(one for one in spans if one.asked_at <= at)
    if asked:
        await services.shipper.ship_all()
    return sum([await _erase_span(services, one) for one in asked])


async def erase_visits(services: Services, visits: Collection[str]) -> int:
    """Erase the visits of these numbers again; return how many there were.

    What waits has to be shipped before, and visits are detached after it: then they have new ids.
    """
    if not visits:
        return 0
    known = await asyncio.to_thread(services.warehouse.visits)
    gone = [one for one in known if receipt_id_of(*one[:2], part_of_visit(one[2])) in visits]
    for site_id, visitor_id, visit_id in gone:
        await services.eraser.erase_part(site_id, visitor_id, OneVisit(visit_id))
    return len(gone)


async def visitors_of_visits(services: Services) -> set[tuple[int, str]]:
    """Return (site, visitor) of every visit; that of a detached visit is in no consent record."""
    await services.shipper.ship_all()
    known = await asyncio.to_thread(services.warehouse.visits)
    return {(site_id, visitor_id) for site_id, visitor_id, _ in known}


async def _erase_span(services: Services, span: ErasedSpan) -> int:
    """Erase a span of whoever it was asked for by, unless this ledger knows that request."""
    same = (erasures.c.receipt_id == span.receipt) & (erasures.c.requested_at >= span.asked_at)
    async with services.ledger.read() as connection:
        if (await connection.execute(select(erasures.c.receipt_id).where(same))).first():
            return 0  # carried out before the backup: what came since was recorded with a consent
    within, part = (span.first, span.until), part_of_span(span.first, span.until)
    known = await asyncio.to_thread(services.warehouse.visitors_between, *within)
    gone = [one for one in known if receipt_id_of(*one, part) == span.receipt]
    for site_id, visitor_id in gone:
        await services.eraser.erase_part(site_id, visitor_id, TimeSpan(*within))
    return len(gone)
