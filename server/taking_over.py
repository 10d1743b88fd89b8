"""What a new journal takes over from the damaged one before it."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import structlog

from askfirst.clock import as_datetime
from askfirst.events import JournalEntry
from askfirst.store.warehouse import Warehouse
from collector.journal import Journal
from collector.salvage import intact_entries
from server.durable import write_durably

log = structlog.get_logger()

TAKING_OVER = "taking-over"
"""A file with the name of the journal that was set aside, until the new one has all of it."""
RESENT_WITHIN = timedelta(days=2)
_AT_ONCE = 10_000  # entries; for each so many the warehouse looks through its events


def begin_taking_over(aside: Path) -> None:
    """Note which journal is about to be set aside."""
    write_durably(aside.with_name(TAKING_OVER), aside.name.encode())


async def take_over(folder: Path, journal: Journal, warehouse: Warehouse, now: int) -> None:
    """Take over what was noted, if anything: what may not be stored again, and what is not stored.

    `now` is milliseconds since the epoch.
    """
    note = folder / TAKING_OVER
    if not note.exists():
        return
    since = as_datetime(now).replace(tzinfo=None) - RESENT_WITHIN
    await journal.remember(await asyncio.to_thread(warehouse.event_ids_since, since))
    taken = 0
    batches = _intact(folder / Path(note.read_text()).name)
    while entries := await asyncio.to_thread(next, batches, None):
        known = await asyncio.to_thread(warehouse.known_among, [one.event_id for one in entries])
        fresh = [entry for entry in entries if entry.event_id not in known]
        await journal.append(fresh, now)
        taken += len(fresh)
    note.unlink()
    log.warning("journal_taken_over", events=taken)


def _intact(aside: Path) -> Iterator[list[JournalEntry]]:
    batch: list[JournalEntry] = []
    for group in intact_entries(aside) if aside.exists() else ():
        batch += group
        if len(batch) >= _AT_ONCE:
            yield batch
            batch = []
    yield batch
