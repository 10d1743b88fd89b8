"""Opens the three stores at a start: warehouse, ledger and journal, each checked for damage."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import duckdb
import structlog
from starlette.concurrency import run_in_threadpool

from askfirst.clock import Clock
from askfirst.errors import Misconfigured
from askfirst.settings import Settings
from askfirst.store.ledger.database import Ledger, sqlite_url
from askfirst.store.warehouse.warehouse import Warehouse
from collector.journal.journal import Journal
from collector.journal.tables import FORM
from server.startup.carry_over import carry_over
from server.startup.journal_recovery import (
    log_if_wal_damaged,
    refuse_damaged_ledger,
    refuse_journal_of_another_form,
    set_aside_damaged_journal,
)

log = structlog.get_logger()


@dataclass(frozen=True)
class Stores:
    """The open stores."""

    ledger: Ledger
    journal: Journal
    warehouse: Warehouse


async def open_stores(stack: AsyncExitStack, settings: Settings, clock: Clock) -> Stores:
    """Open the stores in the data folder, making what is missing; `stack` closes them in reverse.

    A damaged journal is set aside, and a new one carries over what is intact of it. Raises
    `Misconfigured` for a store that cannot be used.
    """
    folder = settings.data_folder
    warehouse = _open_warehouse(folder / "warehouse.duckdb")
    stack.push_async_callback(run_in_threadpool, warehouse.close)
    ledger = await _open_ledger(folder / "ledger.db", clock())
    stack.push_async_callback(ledger.close)
    journal = await _open_journal(folder / "journal.db", settings, clock())
    stack.push_async_callback(journal.close)
    await _continue_numbering(journal, warehouse)
    await carry_over(folder, journal, warehouse, clock())
    return Stores(ledger, journal, warehouse)


def _open_warehouse(path: Path) -> Warehouse:
    try:
        return Warehouse(path)
    except duckdb.Error as error:
        raise Misconfigured(
            f"The warehouse {path} cannot be opened: another program uses it, or it is damaged;"
            " then restore a backup."
        ) from error


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


async def _continue_numbering(journal: Journal, warehouse: Warehouse) -> None:
    """Number new events above the warehouse's watermark, also where the journal lost its end."""
    watermark = await run_in_threadpool(warehouse.watermark, journal.id)
    if await journal.continue_numbering_after(watermark):
        log.error("journal_lost_its_end", watermark=watermark)
