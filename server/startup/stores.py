"""Opens the three stores at a start: warehouse, ledger and journal, each checked for damage."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog
from starlette.concurrency import run_in_threadpool

from askfirst.clock import Clock
from askfirst.errors import Unavailable
from askfirst.settings import Settings
from askfirst.store.ledger.database import Ledger, sqlite_url
from askfirst.store.warehouse.warehouse import Warehouse
from collector.journal.journal import Journal
from collector.journal.tables import FORM
from server.startup.carry_over import carry_over
from server.startup.data_folder import CARRY_OVER
from server.startup.journal_recovery import (
    log_if_wal_damaged,
    refuse_damaged_ledger,
    refuse_journal_of_another_form,
    set_aside_damaged_journal,
)
from server.startup.lost_end import note_lost_end
from server.startup.warehouse.opening import open_warehouse, remove_unfinished

log = structlog.get_logger()


@dataclass(frozen=True)
class Stores:
    """The open stores."""

    ledger: Ledger
    journal: Journal
    warehouse: Warehouse


async def open_stores(
    stack: AsyncExitStack, settings: Settings, clock: Clock, *, meanwhile: bool = False
) -> Stores:
    """Open the stores in the data folder, making what is missing; `stack` closes them in reverse.

    A damaged journal is set aside, and a new one carries over what is intact of it. What the
    warehouse has lost is noted. One of an older form is converted first, or `meanwhile`. Raises
    `Misconfigured` for a store that cannot be used.
    """
    folder = settings.data_folder
    await run_in_threadpool(remove_unfinished, folder)
    warehouse, preparation = await run_in_threadpool(
        partial(open_warehouse, settings, meanwhile=meanwhile)
    )
    stack.push_async_callback(run_in_threadpool, warehouse.close)
    ledger = await _open_ledger(folder / "ledger.db", clock())
    stack.push_async_callback(ledger.close)
    journal = await _open_journal(folder / "journal.db", settings, clock())
    stack.push_async_callback(journal.close)
    if preparation and (folder / CARRY_OVER).exists():  # it compares with what the warehouse holds
        await preparation.finish()
        preparation = None
    if preparation:
        watermark = preparation.shipped.get(journal.id, 0)
        await _continue_numbering(journal, watermark)
        await note_lost_end(folder, journal, watermark, None)
        preparation.start()
        stack.push_async_callback(preparation.stop)
        return Stores(ledger, journal, warehouse)
    await _continue_after(folder, warehouse, journal)
    await carry_over(folder, journal, warehouse, clock())
    return Stores(ledger, journal, warehouse)


async def _open_ledger(path: Path, now: int) -> Ledger:
    await run_in_threadpool(log_if_wal_damaged, path, now)
    await run_in_threadpool(refuse_damaged_ledger, path)
    return await Ledger.open(sqlite_url(path))


async def _open_journal(path: Path, settings: Settings, now: int) -> Journal:
    """Open the journal, or a new one where it is damaged."""
    await run_in_threadpool(log_if_wal_damaged, path, now)
    await run_in_threadpool(set_aside_damaged_journal, path, now)
    await run_in_threadpool(refuse_journal_of_another_form, path, FORM)
    return await Journal.open(path, settings.journal_queue)


_MORE_THAN_WAIT = 1_000_000_000
"""Numbers to skip where the watermark is not known: no journal has lost so many events."""


async def _continue_after(folder: Path, warehouse: Warehouse, journal: Journal) -> None:
    """Number new events above those that the warehouse has; one that is away is not asked again."""
    if warehouse.engine.is_away:
        await journal.skip_numbers(_MORE_THAN_WAIT)
        return
    try:
        watermark = await run_in_threadpool(warehouse.watermark, journal.id)
    except Unavailable as error:
        log.warning("warehouse_away", why=error.message)
        await journal.skip_numbers(_MORE_THAN_WAIT)
    else:
        await _continue_numbering(journal, watermark)
        await note_lost_end(folder, journal, watermark, warehouse)


async def _continue_numbering(journal: Journal, watermark: int) -> None:
    """Number new events above the warehouse's watermark, also where the journal lost its end."""
    if await journal.continue_numbering_after(watermark):
        log.error("journal_lost_its_end", watermark=watermark)
