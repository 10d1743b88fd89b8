"""What runs beside the requests: shipping, learning, flushing tallies, retention, rewriting."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

from consent.rights.expiry import ended
from server.backups.backup_request import answer_requests
from server.maintenance.retention import retain
from server.maintenance.rewriting import rewrite
from server.services import House

log = structlog.get_logger()

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


async def finish(house: House) -> None:
    """Finish deletions of sites and erasures that were interrupted."""
    await house.site_deletion.resume()
    await house.eraser.resume()


async def end_withdrawn(house: House) -> None:
    """Erase what withdrawn consents allowed, as long afterwards as the policy promised."""
    for site in house.book.all():
        versions = await house.book.versions(site)
        for ids in await ended(house.ledger, site.id, versions, house.clock()):
            await house.eraser.erase_alone(site.id, ids)


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
