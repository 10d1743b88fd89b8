"""Erasing a visitor everywhere: asked for in the ledger first, so that a crash only delays it."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.clock import Clock
from askfirst.store.ledger import Ledger
from askfirst.store.personal_data import PersonalData
from askfirst.store.tables import erasures
from askfirst.store.withdrawn import Withdrawn
from consent.withdrawal import withdraw_visitor

Quiet = Callable[[], AbstractAsyncContextManager[None]]
"""Holds shipping still while the block runs, so that no row passes from one memory to the next."""


@dataclass(frozen=True)
class Receipt:
    """What remains of an erasure: its number, when it was done, and how many rows went."""

    receipt_id: str
    completed_at: int
    rows: int


class Eraser:
    """Erases visitors one at a time; each step leaves a state from which `resume` goes on.

    The steps: (1) the request and the withdrawal, in one transaction; (2) the gate's memory;
    (3) the rows of every place; (4) the receipt, which forgets the visitor's id; (5) the ledger's
    write-ahead log, which still held the old pages.
    """

    def __init__(
        self,
        ledger: Ledger,
        personal_data: PersonalData,
        withdrawn: Withdrawn,
        clock: Clock,
        quiet: Quiet,
    ) -> None:
        self._ledger = ledger
        self._personal_data = personal_data
        self._withdrawn = withdrawn
        self._clock = clock
        self._quiet = quiet
        self._one_at_a_time = asyncio.Lock()

    async def erase(self, site_id: int, visitor_id: str) -> Receipt:
        """Withdraw the visitor's consents and erase every row; again gives the receipt, rows 0."""
        async with self._one_at_a_time:
            done = await self._request(site_id, visitor_id)
            return done or await self._carry_out(site_id, visitor_id)

    async def resume(self) -> int:
        """Finish the erasures that were interrupted and give their number."""
        columns = (erasures.c.site_id, erasures.c.visitor_id)
        waiting = select(*columns).where(erasures.c.completed_at.is_(None))
        async with self._one_at_a_time:
            await self._withdrawn.refresh()
            async with self._ledger.read() as connection:
                found = (await connection.execute(waiting)).all()
            for site_id, visitor_id in found:
                await self._carry_out(site_id, visitor_id)
            await self._ledger.checkpoint()
        return len(found)

    async def _request(self, site_id: int, visitor_id: str) -> Receipt | None:
        """Put the request on record and withdraw; gives the receipt where nothing is left."""
        receipt_id, now = receipt_id_of(site_id, visitor_id), self._clock()
        found = await self._personal_data.rows(site_id, visitor_id)
        with self._withdrawn.told_first(self._clock) as tell:
            async with self._ledger.write() as connection:
                earlier = await _earlier(connection, receipt_id)
                if not any(found.values()):
                    return Receipt(receipt_id, earlier["completed_at"] if earlier else now, 0)
                await withdraw_visitor(connection, site_id, visitor_id, tell)
                await connection.execute(_asking(earlier, receipt_id, site_id, visitor_id, now))
        return None

    async def _carry_out(self, site_id: int, visitor_id: str) -> Receipt:
        async with self._quiet():
            counts = await self._personal_data.erase(site_id, visitor_id)
        receipt_id, now = receipt_id_of(site_id, visitor_id), self._clock()
        async with self._ledger.write() as connection:
            earlier = await _earlier(connection, receipt_id)
            total = Counter(earlier["counts"] if earlier else {}) + Counter(counts)
            await connection.execute(
                update(erasures)
                .where(erasures.c.receipt_id == receipt_id)
                .values(completed_at=now, counts=dict(total), visitor_id=null())
            )
        await self._ledger.checkpoint()
        return Receipt(receipt_id, now, sum(counts.values()))


def receipt_id_of(site_id: int, visitor_id: str) -> str:
    """Give a receipt's number: a hash that only who holds the visitor's token can find again."""
    return hashlib.sha256(f"askfirst.receipt:{site_id}:{visitor_id}".encode()).hexdigest()[:32]


def _asking(earlier: Any, receipt_id: str, site_id: int, visitor_id: str, now: int) -> Any:
    open_again = {"visitor_id": visitor_id, "completed_at": None, "bytes_gone_at": None}
    if earlier is None:
        first = {"site_id": site_id, "requested_at": now, "counts": {}}
        return insert(erasures).values(receipt_id=receipt_id, **first, **open_again)
    return update(erasures).where(erasures.c.receipt_id == receipt_id).values(**open_again)


async def _earlier(connection: AsyncConnection, receipt_id: str) -> Any:
    question = select(erasures).where(erasures.c.receipt_id == receipt_id)
    return (await connection.execute(question)).mappings().first()
