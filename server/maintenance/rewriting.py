"""Writes the warehouse file anew: without the bytes of what was erased, or without free room."""

import asyncio
import time
from pathlib import Path

from sqlalchemy import select, update

from askfirst.store.ledger.tables import corrections, erasures, sites
from askfirst.system.durable_files import sync
from server.services import Services
from server.startup.journal_recovery import SET_ASIDE

_BYTES_LEFT = sites.c.rows_gone_at.is_not(None) & sites.c.bytes_gone_at.is_(None)

_WRONG_LEFT = corrections.c.applied_at.is_not(None) & corrections.c.bytes_gone_at.is_(None)


async def rewrite(services: Services) -> None:
    """Remove the bytes of erased and corrected rows from the warehouse file, when there are any.

    A large file takes seconds, in which nothing is shipped. So the next rewrite comes only after
    twenty times as long, and covers whatever was erased meanwhile, deleted sites included.
    """
    if time.monotonic() < services.rewrite_pause.until:
        return
    waiting = erasures.c.completed_at.is_not(None) & erasures.c.bytes_gone_at.is_(None)
    async with services.ledger.read() as connection:
        chosen = select(erasures.c.receipt_id).where(waiting)
        receipts = list(await connection.scalars(chosen))
        deleted = list(await connection.scalars(select(sites.c.id).where(_BYTES_LEFT)))
        corrected = list(await connection.scalars(select(corrections.c.id).where(_WRONG_LEFT)))
    if not (receipts or deleted or corrected) or not await services.ledger.checkpoint():
        return  # a reader still holds old pages of the ledger: the next run tries again
    await rewrite_warehouse(services)
    await asyncio.to_thread(_remove_what_was_set_aside, services.settings.data_folder)
    done = update(erasures).where(erasures.c.receipt_id.in_(receipts))
    async with services.ledger.write() as connection:
        await connection.execute(done.values(bytes_gone_at=services.clock()))
        gone = update(sites).where(sites.c.id.in_(deleted))
        await connection.execute(gone.values(bytes_gone_at=services.clock()))
        right = update(corrections).where(corrections.c.id.in_(corrected))
        await connection.execute(right.values(bytes_gone_at=services.clock()))


async def tighten(services: Services) -> None:
    """Write the warehouse file anew where much of it is free, though nothing was erased.

    Only where the disk has twice its room beside the reserve. What is erased next need not wait
    for the end of a pause after it.
    """
    if not services.storage.has_room_for(2 * services.storage.figure().sizes.get("warehouse", 0)):
        return
    async with services.shipper.quiet():
        is_resting = time.monotonic() < services.rewrite_pause.until
        if not is_resting and await asyncio.to_thread(services.warehouse.is_loose):
            await asyncio.to_thread(services.warehouse.rewrite)


def _remove_what_was_set_aside(folder: Path) -> None:
    """Remove files that were set aside: they may hold the visitor and cannot be searched."""
    for path in folder.glob(f"*{SET_ASIDE}*"):
        path.unlink()
    sync(folder)


async def rewrite_warehouse(services: Services) -> None:
    """Write the warehouse file anew without deleted rows, and pause for twenty times as long."""
    started = time.monotonic()
    async with services.shipper.quiet():
        await asyncio.to_thread(services.warehouse.rewrite)
    ended = time.monotonic()
    services.rewrite_pause.until = ended + 20 * (ended - started)
