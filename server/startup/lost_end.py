"""Notes which shipped events a warehouse has lost that ends before the last of them.

The promise "a warehouse that lost its end" of docs/durability.md: whatever is still in the journal
is shipped, and of the rest, of which only the ids are left, a start and `askfirst check` tell.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from askfirst.clock import as_datetime
from askfirst.errors import Unavailable
from askfirst.store.warehouse.warehouse import Warehouse
from askfirst.system.durable_files import write_durably
from collector.journal.journal import Journal
from server.startup.data_folder import LOST

log = structlog.get_logger()

_LATE = timedelta(days=2)
"""Events happened at most so long before they arrived."""


async def note_lost_end(
    folder: Path, journal: Journal, watermark: int, warehouse: Warehouse | None
) -> None:
    """Note and log what was shipped after the warehouse's watermark and is not in it.

    It is no longer known as shipped then, so that it is taken where it is sent again; not so where
    there is no warehouse that can be asked now, and nothing counts as being in it.
    """
    if not (shipped := await journal.shipped_after(watermark)):
        return
    known = await asyncio.to_thread(_held, warehouse, shipped)
    lost = [at for event_id, at in shipped if event_id not in (known or ())]
    if not lost:
        return
    _note(folder, f"{len(lost)} events that arrived from {_time(min(lost))} to {_time(max(lost))}")
    log.error("warehouse_lost_its_end", watermark=watermark, events=len(lost))
    if known is not None:
        await journal.forget_shipped_after(watermark, [one for one in shipped if one[0] in known])


def lost_events(folder: Path) -> list[str]:
    """Return what the starts have noted: how many events that arrived when."""
    try:
        return (folder / LOST).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []


def _note(folder: Path, line: str) -> None:
    noted = lost_events(folder)
    if line not in noted:  # else the last start ended before the journal forgot them
        write_durably(folder / LOST, "\n".join([*noted, line]).encode())


def _held(warehouse: Warehouse | None, shipped: list[tuple[str, int]]) -> set[str] | None:
    """Return the ids that the warehouse holds, or None where it cannot be asked."""
    if warehouse is None:
        return None
    since = as_datetime(min(at for _, at in shipped)).replace(tzinfo=None) - _LATE
    try:
        return warehouse.known_among([event_id for event_id, _ in shipped], since)
    except Unavailable:
        return None


def _time(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms // 1000, tz=UTC):%Y-%m-%dT%H:%M:%SZ}"
