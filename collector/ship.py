"""From the journal to the warehouse, each event exactly once, by a watermark in one transaction."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from askfirst.clock import as_datetime
from askfirst.consents import Reason
from askfirst.events import JournalEntry
from askfirst.store.ledger.withdrawn import Withdrawn
from askfirst.store.warehouse.warehouse import Warehouse
from collector.enrichment.enrich import Enricher
from collector.enrichment.visits import Visits
from collector.journal.journal import Journal

MOST = 10_000  # events a batch, and the rest of their group

Tally = Callable[[int, str, int], None]
"""Counts a reason for a site, so many times."""


class Shipper:
    """Moves what the journal holds; one batch at a time, and none while `quiet` is held.

    What a withdrawal overtook is dropped, and counted as `withdrawn` once the watermark is behind
    it: never twice, and not at all where the process ends before the tally is written.
    """

    def __init__(
        self,
        journal: Journal,
        warehouse: Warehouse,
        enricher: Enricher,
        withdrawn: Withdrawn,
        silence_ms: int,
        tally: Tally = lambda _site_id, _reason, _count: None,
    ) -> None:
        self._journal = journal
        self._warehouse = warehouse
        self._enricher = enricher
        self._withdrawn = withdrawn
        self._silence = silence_ms
        self._tally = tally
        self._dropped: Counter[int] = Counter()
        self._visits: Visits | None = None
        self._trimmed = 0
        self._shipping = asyncio.Lock()

    @asynccontextmanager
    async def quiet(self) -> AsyncIterator[None]:
        """Hold shipping still, so that no row is on its way between two memories."""
        async with self._shipping:
            yield

    async def ship(self) -> int:
        """Ship one batch and give the number of events it took."""
        async with self._shipping:
            after = await asyncio.to_thread(self._warehouse.watermark, self._journal.id)
            await self._trim(after)  # what a crash, or a failure, left behind the watermark
            batch = await self._journal.waiting(after, MOST)
            if batch is None:
                return 0
            entries = await self._journal.fresh(await asyncio.to_thread(batch.entries))
            try:
                await _to_its_end(self._store, entries, batch.last)
            finally:
                self._tally_dropped()
            await self._trim(batch.last)
            await self._journal.empty_log()
            return batch.events

    async def _trim(self, seq: int) -> None:
        if seq > self._trimmed:
            await self._journal.trim(seq)
            self._trimmed = seq

    async def ship_all(self) -> None:
        """Ship until the journal holds nothing that waits."""
        while await self.ship():
            pass

    async def catch_up(self) -> None:
        """Ship until a batch is not full: what comes meanwhile waits for the next turn.

        Under load something always comes meanwhile, and each batch, however small, costs the
        warehouse a transaction.
        """
        while await self.ship() >= MOST:
            pass

    def _store(self, entries: list[JournalEntry], last: int) -> None:
        if not entries:
            return  # all of them were shipped before
        kept = [entry for entry in entries if not self._overtaken(entry)]
        overtaken = Counter(entry.site_id for entry in entries)
        overtaken.subtract(entry.site_id for entry in kept)
        visits = self._known_visits(entries)
        visit_ids = visits.assign(kept)
        visits.forget(max((entry.happened_at for entry in kept), default=0))
        self._warehouse.append(self._enricher.batch(kept, visit_ids), self._journal.id, last)
        self._dropped.update(+overtaken)

    def _tally_dropped(self) -> None:
        dropped, self._dropped = self._dropped, Counter()
        for site_id, count in dropped.items():
            self._tally(site_id, Reason.WITHDRAWN, count)

    def _overtaken(self, entry: JournalEntry) -> bool:
        withdrawn_at = self._withdrawn.since(entry.consent_id)
        return withdrawn_at is not None and entry.happened_at >= withdrawn_at

    def _known_visits(self, entries: list[JournalEntry]) -> Visits:
        if self._visits is None:
            self._visits = Visits(self._silence)
            oldest = min(entry.happened_at for entry in entries)
            since = as_datetime(oldest - self._silence).replace(tzinfo=None)
            for site_id, visitor_id, visit_id, last in self._warehouse.last_visits(since):
                self._visits.learn(site_id, visitor_id, visit_id, _ms(last))
        return self._visits


async def _to_its_end(
    store: Callable[[list[JournalEntry], int], None], entries: list[JournalEntry], last: int
) -> None:
    """Run in a thread and wait for its end, also when cancelled.

    The thread goes on then; who ships next would read the watermark from before its commit, and
    store the batch again.
    """
    storing = asyncio.ensure_future(asyncio.to_thread(store, entries, last))
    try:
        await asyncio.shield(storing)
    except asyncio.CancelledError:
        await asyncio.wait([storing])
        raise


def _ms(naive: datetime) -> int:
    return round(naive.replace(tzinfo=UTC).timestamp() * 1000)
