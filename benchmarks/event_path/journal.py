"""The steps of the journal and after it: commit, reading, enriching, storing, trimming."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from askfirst.errors import AskfirstError
from askfirst.events import JournalEntry
from askfirst.sites import Site
from askfirst.store.warehouse.warehouse import Warehouse
from benchmarks.event_path.disk import Disk, open_disk
from benchmarks.load.generated_events import journal_entry
from benchmarks.load.timing import Stopwatch, Timing, now
from collector.enrichment.enrich import Enricher
from collector.enrichment.visits import Visits
from collector.journal.journal import Journal

GROUPS = (1, 16, 32, 128)
"""How many events share a transaction."""

_GROUP = 32
_BATCH = 125 * _GROUP  # entries a shipment
STEPS = ("read", "fresh", "enrich", "append", "trim")
"""What shipping does with a batch, in order."""

_SILENCE_MS = 1_800_000


async def journal_stations(place: Path, seconds: float) -> dict[str, Timing]:
    """Time the journal's commit by group, and what shipping does, each on a file of its own.

    Beside the journal's commit also the disk's fsync and SQLite's own, in turn: `fsync_16`,
    `sqlite_16`, `journal_16`.
    """
    found = {}
    async with _open(place / "journal.db") as journal:
        with open_disk(place) as disk:
            for rows in GROUPS:
                found.update(await _commits(journal, disk, rows, seconds))
    async with _open(place / "shipped.db") as journal:
        return {**found, **await _shipments(journal, place / "warehouse.duckdb", seconds)}


@asynccontextmanager
async def _open(path: Path) -> AsyncIterator[Journal]:
    journal = await Journal.open(path)
    try:
        yield journal
    finally:
        await journal.close()


async def _commits(journal: Journal, disk: Disk, rows: int, seconds: float) -> dict[str, Timing]:
    """Store as so many simultaneous requests do, each with one event."""
    watches, numbers = [Stopwatch(seconds) for _ in range(3)], itertools.count(rows << 32)
    while any(watch.wants_more for watch in watches):
        at = _milliseconds()
        entries = [journal_entry(next(numbers), at) for _ in range(rows)]
        body = msgspec.json.encode(entries)
        began = now()
        disk.append(body)
        watches[0].note(began, rows)
        began = now()
        disk.commit(body)
        watches[1].note(began, rows)
        began = now()
        await _put(journal, entries, at)
        watches[2].note(began, rows)
    names = ("fsync", "sqlite", "journal")
    return {f"{n}_{rows}": watch.timing() for n, watch in zip(names, watches, strict=True)}


async def _put(journal: Journal, entries: Sequence[JournalEntry], at: int) -> None:
    """Store each entry by itself, as the intake does, and wait until all are durable."""
    durable: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    left = len(entries)

    def then(error: AskfirstError | None) -> None:
        nonlocal left
        left -= 1
        if error:
            durable.set_exception(error)
        elif not left:
            durable.set_result(None)

    for entry in entries:
        journal.put([entry], at, then)
    await durable


async def _shipments(journal: Journal, path: Path, seconds: float) -> dict[str, Timing]:
    warehouse, numbers = Warehouse(path), itertools.count()
    shipment = _Shipment(journal, warehouse, seconds)
    try:
        while shipment.wants_more:
            at = _milliseconds()
            for _ in range(_BATCH // _GROUP):
                await _put(journal, [journal_entry(next(numbers), at) for _ in range(_GROUP)], at)
            await shipment.ship()
    finally:
        warehouse.close()
    return {name: watch.timing() for name, watch in shipment.watches.items()}


class _Shipment:
    """Ships as `collector/ship.py` does, and times each step."""

    def __init__(self, journal: Journal, warehouse: Warehouse, seconds: float) -> None:
        self._journal = journal
        self._warehouse = warehouse
        self._enricher = Enricher(_no_site)
        self._visits = Visits(_SILENCE_MS)
        self._last = 0
        self.watches = {n: Stopwatch(seconds) for n in STEPS}

    @property
    def wants_more(self) -> bool:
        """Return whether a step needs another run."""
        return any(watch.wants_more for watch in self.watches.values())

    async def ship(self) -> None:
        """Ship the waiting entries, one step at a time."""
        began = now()
        batch = await self._journal.waiting(self._last, _BATCH)
        if batch is None:
            raise RuntimeError("The journal holds nothing.")
        entries = batch.entries()
        began = self._noted("read", began)
        entries = await self._journal.fresh(entries)
        began = self._noted("fresh", began)
        table = self._enricher.batch(entries, self._visits.assign(entries))
        began = self._noted("enrich", began)
        await asyncio.to_thread(self._warehouse.append, table, self._journal.id, batch.last)
        began = self._noted("append", began)
        await self._journal.trim(batch.last)
        self._noted("trim", began)
        self._last = batch.last

    def _noted(self, step: str, began: Any) -> Any:
        self.watches[step].note(began, _BATCH)
        return now()


def _no_site(_site_id: int) -> Site | None:
    return None


def _milliseconds() -> int:
    return round(time.time() * 1000)
