"""Carries over to a new journal what is intact of the damaged one before it.

The promise "a damaged journal" of docs/durability.md: nothing intact is lost, nothing is stored
twice, and a start that is interrupted meanwhile is continued by the next one.
"""

import asyncio
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from askfirst.clock import as_datetime
from askfirst.errors import Misconfigured, Unavailable
from askfirst.events import JournalEntry
from askfirst.store.warehouse.warehouse import Warehouse
from askfirst.system.durable_files import remove_durably, write_durably
from collector.journal.journal import Journal
from collector.journal.salvage import intact_entries
from server.startup.data_folder import CARRY_OVER

log = structlog.get_logger()

RESENT_WITHIN = timedelta(days=2)
"""How long a resent event is recognised by its id."""
_AT_ONCE = 10_000  # entries; the warehouse is searched once for each such batch


def note_carry_over(aside: Path) -> None:
    """Note which journal is about to be set aside, beside those that are not carried over yet."""
    note = aside.with_name(CARRY_OVER)
    names = [*(note.read_text().split() if note.exists() else ()), aside.name]
    write_durably(note, "\n".join(names).encode())


async def carry_over(folder: Path, journal: Journal, warehouse: Warehouse, now: int) -> None:
    """Carry over from the noted journals what is not stored yet, and the ids of what is.

    `now` is milliseconds since the epoch. Raises `Misconfigured` where it cannot be done now: the
    next start tries again.
    """
    note = folder / CARRY_OVER
    if not note.exists():
        return
    try:
        await journal.remember(
            await asyncio.to_thread(warehouse.event_ids_since, _utc(now) - RESENT_WITHIN)
        )
        for name in note.read_text().split():
            taken = await _carry_over_one(folder / Path(name).name, journal, warehouse, now)
            log.warning("journal_taken_over", events=taken)
    except (OSError, sqlite3.Error, Unavailable) as error:
        raise Misconfigured(
            "The journal that was set aside could not be taken over: it cannot be read, or there"
            f" is no room in {folder}."
        ) from error
    remove_durably(note)


async def _carry_over_one(aside: Path, journal: Journal, warehouse: Warehouse, now: int) -> int:
    """Append the intact events that are not in the warehouse, and return their number."""
    taken, batches = 0, _intact(aside)
    while entries := await asyncio.to_thread(next, batches, None):
        oldest = _utc(min(entry.happened_at for entry in entries))
        ids = [entry.event_id for entry in entries]
        known = await asyncio.to_thread(warehouse.known_among, ids, oldest)
        fresh = [entry for entry in entries if entry.event_id not in known]
        await journal.append(fresh, now)
        taken += len(fresh)
    return taken


def _utc(ms: int) -> datetime:
    return as_datetime(ms).replace(tzinfo=None)


def _intact(aside: Path) -> Iterator[list[JournalEntry]]:
    batch: list[JournalEntry] = []
    for group in intact_entries(aside) if aside.exists() else ():
        batch += group
        if len(batch) >= _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
