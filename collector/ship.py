"""Shipping: each event from the journal to the warehouse exactly once, by means of a watermark."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from askfirst.clock import DAY_MS, as_datetime
from askfirst.consents import Reason
from askfirst.events import JournalEntry
from askfirst.rules.applying import EXCLUDED, by_a_rule
from askfirst.store.ledger.withdrawn import Withdrawn
from askfirst.store.warehouse.warehouse import Warehouse
from askfirst.system.memory import is_scarce
from collector.enrichment.enrich import Enricher
from collector.enrichment.visits import Visits
from collector.journal.journal import Journal

if TYPE_CHECKING:
    import pyarrow as pa

MOST = 10_000 if is_scarce() else 20_000
"""Events in a batch, plus the rest of the last one's group; 10,000 more take 30 MB of memory."""

_NEVER = 1 << 62  # milliseconds

Tally = Callable[[int, str, int, int], None]
"""Counts (site, reason, number, day in ms) of events that were not recorded, or are left out."""

_Tallied = tuple[int, str, int]
"""Site, reason and the beginning of a UTC day in milliseconds."""


def _tallied(entry: JournalEntry, reason: str) -> _Tallied:
    return entry.site_id, str(reason), entry.happened_at // DAY_MS * DAY_MS


class Shipper:
    """Moves events from the journal to the warehouse, one batch at a time.

    `ship` one batch, `catch_up` with what waits, `ship_all` at the end; `quiet` pauses shipping.
    Rows and watermark are one warehouse transaction, so a crash neither loses nor repeats an event.
    An event whose consent was withdrawn before it happened is dropped, and counted as `withdrawn`
    when the watermark has passed it; one that the reports leave out is counted by its rule. Each is
    counted never twice, and not at all where the process ends before the tally is written.
    """

    def __init__(
        self,
        journal: Journal,
        warehouse: Warehouse,
        enricher: Enricher,
        withdrawn: Withdrawn,
        silence_ms: int,
        tally: Tally = lambda *_: None,
    ) -> None:
        self._journal = journal
        self._warehouse = warehouse
        self._enricher = enricher
        self._withdrawn = withdrawn
        self._silence = silence_ms
        self._tally = tally
        self._counted: Counter[_Tallied] = Counter()
        self._visits: Visits | None = None
        self._trimmed = 0
        self._shipping = asyncio.Lock()

    @asynccontextmanager
    async def quiet(self) -> AsyncIterator[None]:
        """Pause shipping, so that no row is on its way between two stores."""
        async with self._shipping:
            yield

    @asynccontextmanager
    async def settled(self) -> AsyncIterator[None]:
        """Ship what waits, then pause shipping while the block takes events away.

        What came before belongs to its visit then. Afterwards the visits that go on are read from
        the warehouse again: one that is gone there does not go on.
        """
        await self.catch_up()
        async with self._shipping:
            try:
                yield
            finally:
                self._visits = None

    async def forget_visits(self) -> None:
        """Read the visits that go on from the warehouse again, because rows were moved."""
        async with self._shipping:
            self._visits = None

    async def ship(self) -> int:
        """Ship one batch and return the number of its events."""
        async with self._shipping:
            after = await asyncio.to_thread(self._warehouse.watermark, self._journal.id)
            await self._trim(after)  # what a crash or a failure has left up to the watermark
            batch = await self._journal.waiting(after, MOST)
            if batch is None:
                return 0
            entries = await self._journal.fresh(await asyncio.to_thread(batch.entries))
            try:
                await _uninterrupted(self._store, entries, batch.last)
            finally:
                self._tally_counted()
            await self._trim(batch.last)
            await self._journal.empty_log()
            return batch.events

    async def _trim(self, seq: int) -> None:
        if seq > self._trimmed:
            await self._journal.trim(seq)
            self._trimmed = seq

    async def ship_all(self) -> None:
        """Ship until nothing waits in the journal."""
        while await self.ship():
            pass

    async def catch_up(self) -> int:
        """Ship until a batch is not full, and return the number of all their events.

        Events that come meanwhile wait for the next call: under load some always come, and each
        batch, however small, costs a warehouse transaction.
        """
        shipped = last = await self.ship()
        while last >= MOST:
            last = await self.ship()
            shipped += last
        return shipped

    def _store(self, entries: list[JournalEntry], last: int) -> None:
        if not entries:
            return  # all of them were shipped before
        kept, late = self._without_withdrawn(entries)
        counted = Counter(_tallied(entry, Reason.WITHDRAWN) for entry in late)
        visits = self._known_visits(entries)
        kept = visits.ruled(kept)
        sides = self._enricher.sides(kept)
        visits.know_detached(self._enricher.detached(kept))
        visit_ids = visits.assign(kept, sides)
        counted.update(
            _tallied(entry, entry.rule) for entry, side in zip(kept, sides, strict=True) if side < 0
        )
        visits.forget(max((entry.happened_at for entry in kept), default=0))
        batch = self._enricher.batch(kept, visit_ids)
        counted.update(_excluded(kept, batch))
        self._warehouse.append(batch, self._journal.id, last)
        self._counted.update(counted)

    def _tally_counted(self) -> None:
        counted, self._counted = self._counted, Counter()
        for (site_id, reason, day), count in counted.items():
            self._tally(site_id, reason, count, day)

    def _without_withdrawn(
        self, entries: list[JournalEntry]
    ) -> tuple[list[JournalEntry], list[JournalEntry]]:
        """Return the entries without those whose consent was withdrawn before, and those."""
        given = {entry.consent_id for entry in entries}
        withdrawn = {one: at for one in given if (at := self._withdrawn.since(one)) is not None}
        if not withdrawn:
            return entries, []
        ends = [withdrawn.get(entry.consent_id, _NEVER) for entry in entries]
        ended = list(zip(entries, ends, strict=True))
        kept = [entry for entry, end in ended if entry.happened_at < end]
        return kept, [entry for entry, end in ended if entry.happened_at >= end]

    def _known_visits(self, entries: list[JournalEntry]) -> Visits:
        if self._visits is None:
            self._visits = Visits(self._silence)
            oldest = min(entry.happened_at for entry in entries)
            since = as_datetime(oldest - self._silence).replace(tzinfo=None)
            for site_id, visitor_id, visit_id, first, last in self._warehouse.last_visits(since):
                self._visits.learn(site_id, visitor_id, visit_id, _ms(first), _ms(last))
        return self._visits


def _excluded(entries: list[JournalEntry], batch: pa.Table) -> list[_Tallied]:
    """Return what is counted because the owner's rules leave it out."""
    if not any(map(by_a_rule, batch["excluded"].unique().to_pylist())):
        return []
    found = zip(entries, batch["excluded"].to_pylist(), strict=True)
    return [_tallied(entry, EXCLUDED) for entry, excluded in found if by_a_rule(excluded)]


async def _uninterrupted(
    store: Callable[[list[JournalEntry], int], None], entries: list[JournalEntry], last: int
) -> None:
    """Run `store` in a thread and wait for its end, even when cancelled.

    The thread would go on; the next shipment would read the watermark from before its commit, and
    store the same batch again.
    """
    storing = asyncio.ensure_future(asyncio.to_thread(store, entries, last))
    try:
        await asyncio.shield(storing)
    except asyncio.CancelledError:
        await asyncio.wait([storing])
        raise


def _ms(naive: datetime) -> int:
    return round(naive.replace(tzinfo=UTC).timestamp() * 1000)
