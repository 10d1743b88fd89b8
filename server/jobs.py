"""What runs beside the requests: shipping, learning, flushing tallies, retention, rewriting."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from sqlalchemy import select, update

from askfirst.clock import DAY_MS, utc_day
from askfirst.store.ledger.tables import erasures, sites
from askfirst.system.durable_files import sync
from consent.rights.expiry import ended
from reports.staff.audit_log import StaffActs
from server.backups.backup_request import answer_requests
from server.retention import begin_retaining, end_retaining, limits
from server.services import House
from server.startup.journal_recovery import SET_ASIDE

log = structlog.get_logger()

COUNTS_DAYS = 762
"""How long counts of the question are kept: 25 months, for the same months of two years."""

_BYTES_LEFT = sites.c.rows_gone_at.is_not(None) & sites.c.bytes_gone_at.is_(None)

Job = Callable[[House], Awaitable[object]]


async def ship(house: House) -> None:
    """Move to the warehouse what the journal holds."""
    await house.shipper.catch_up()


async def learn(house: House) -> None:
    """Learn withdrawals that another process has written."""
    await house.withdrawn.refresh()


async def flush(house: House) -> None:
    """Write the sums of the tallies and of the question's counts."""
    await house.tallies.flush()
    await house.counts.flush()


async def look(house: House) -> None:
    """Look how much room the disk has, and whether more of the sites is taken today."""
    await asyncio.to_thread(house.storage.look)


async def rewrite(house: House) -> None:
    """Remove the bytes of erased rows from the warehouse file, when there are any.

    A large file takes seconds, in which nothing is shipped; so the next time comes only after
    twenty times as long, and gathers what was erased meanwhile. Deleted sites go the same way.
    """
    if time.monotonic() < house.rest.until:
        return
    waiting = erasures.c.completed_at.is_not(None) & erasures.c.bytes_gone_at.is_(None)
    async with house.ledger.read() as connection:
        chosen = select(erasures.c.receipt_id).where(waiting)
        receipts = list(await connection.scalars(chosen))
        deleted = list(await connection.scalars(select(sites.c.id).where(_BYTES_LEFT)))
    if not (receipts or deleted) or not await house.ledger.checkpoint():
        return  # where a reader still holds old pages of the ledger, the next turn tries again
    await _rewrite_warehouse(house)
    await asyncio.to_thread(_remove_what_was_set_aside, house.settings.data_folder)
    done = update(erasures).where(erasures.c.receipt_id.in_(receipts))
    async with house.ledger.write() as connection:
        await connection.execute(done.values(bytes_gone_at=house.clock()))
        gone = update(sites).where(sites.c.id.in_(deleted))
        await connection.execute(gone.values(bytes_gone_at=house.clock()))


async def finish(house: House) -> None:
    """Finish deletions of sites and erasures that were interrupted."""
    await house.site_deletion.resume()
    await house.eraser.resume()


async def retain(house: House) -> None:
    """Delete events kept as long as was promised, old counts and acts, and ids beyond a resend.

    Where the process ended between deleting and rewriting, the next turn rewrites.
    """
    now = house.clock()
    await house.journal.forget(now - 2 * DAY_MS)
    await house.counts.forget(utc_day(now - COUNTS_DAYS * DAY_MS))
    await StaffActs(house.ledger, house.clock).forget()
    folder, deleted = house.settings.data_folder, 0
    interrupted = await asyncio.to_thread(begin_retaining, folder)
    for limit in await limits(house):
        deleted += await asyncio.to_thread(
            house.warehouse.delete_before, limit.site_id, limit.before, limit.version
        )
    if deleted or interrupted:
        await _rewrite_warehouse(house)
    await asyncio.to_thread(end_retaining, folder)


async def end_withdrawn(house: House) -> None:
    """Erase what withdrawn consents allowed, as long afterwards as the policy promised."""
    for site in house.book.all():
        versions = await house.book.versions(site)
        for ids in await ended(house.ledger, site.id, versions, house.clock()):
            await house.eraser.erase_alone(site.id, ids)


def _remove_what_was_set_aside(folder: Path) -> None:
    """Remove what was set aside: it may hold the visitor, and nobody can be erased from it."""
    for path in folder.glob(f"*{SET_ASIDE}*"):
        path.unlink()
    sync(folder)


async def _rewrite_warehouse(house: House) -> None:
    started = time.monotonic()
    async with house.shipper.quiet():
        await asyncio.to_thread(house.warehouse.rewrite)
    ended = time.monotonic()
    house.rest.until = ended + 20 * (ended - started)


JOBS: tuple[tuple[float, Job], ...] = (
    (0.8, ship),
    (0.5, learn),
    (1.0, flush),
    (1.0, look),
    (1.0, rewrite),
    (0.5, answer_requests),
    (60.0, finish),
    (3600.0, retain),
    (3600.0, end_withdrawn),
)
"""Each job with the seconds between two of its turns."""


@asynccontextmanager
async def running_jobs(house: House) -> AsyncIterator[None]:
    """Run every job in turn until the block ends; a job that fails is tried again."""
    tasks = [asyncio.create_task(_again_and_again(house, *entry)) for entry in JOBS]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _again_and_again(house: House, seconds: float, job: Job) -> None:
    failing = False
    while True:
        try:
            await job(house)
            failing = False
        except Exception as error:  # noqa: BLE001 - a job that fails must not end; it is said once
            if not failing:
                log.warning("job_failed", job=job.__name__, why=type(error).__name__)
            failing = True
        await asyncio.sleep(seconds)
