"""The jobs, each run every so many seconds: shipping, withdrawals, closing days, retention."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

from askfirst.errors import Preparing
from consent.rights.expiry import visitor_ids_due
from server.backups.backup_request import answer_requests
from server.maintenance.folding import fold
from server.maintenance.left_out import settle_rules
from server.maintenance.report_rules import follow_rules
from server.maintenance.resting import release_memory
from server.maintenance.retention import limits, retain
from server.maintenance.rewriting import rewrite, tighten
from server.maintenance.visitor_accounts import tidy_accounts
from server.services import Services

log = structlog.get_logger()

Job = Callable[[Services], Awaitable[object]]

_VERY_MANY = range(4_000, 40_000)
"""Events of a shipment: from 5,000 a second until fewer than 1,700 come in one."""
_LATER = 1.6  # seconds


async def ship(services: Services) -> None:
    """Ship the events that wait in the journal to the warehouse.

    Where very many come the next shipment is later and larger, which takes less for each event: the
    processor is for collecting then. What waits stays small enough for the journal's log.
    """
    if await services.shipper.catch_up() in _VERY_MANY:
        await asyncio.sleep(_LATER)


async def refresh_withdrawals(services: Services) -> None:
    """Read the withdrawals that another process has written."""
    await services.withdrawn.refresh()


async def flush(services: Services) -> None:
    """Write the tallies and the counts of the banner to the ledger."""
    await services.tallies.flush()
    await services.counts.flush()


async def measure_disk(services: Services) -> None:
    """Measure how much room the disk has."""
    await asyncio.to_thread(services.storage.look)


async def drop_files(services: Services) -> None:
    """Drop the files of visitors that nobody has saved in time."""
    services.own_files.drop_old()


async def finish(services: Services) -> None:
    """Finish the deletions of sites, the erasures and the corrections that were interrupted."""
    await services.site_deletion.resume()
    await services.eraser.resume()
    await services.corrections.resume()


async def forget_corrected(services: Services) -> None:
    """Forget what was corrected with its events, and hidden pages once nothing can come late."""
    ended = {one.site_id: one.milliseconds for one in await limits(services) if not one.version}
    await services.corrections.forget(services.clock(), ended)


async def end_withdrawn(services: Services) -> None:
    """Erase what withdrawn consents allowed, once the time that the policy promised is over."""
    for site in services.book.all():
        versions = await services.book.versions(site)
        for ids in await visitor_ids_due(services.ledger, site.id, versions, services.clock()):
            await services.eraser.erase_alone(site.id, ids)


JOBS: tuple[tuple[float, Job], ...] = (
    (0.8, ship),
    (0.5, refresh_withdrawals),
    (1.0, flush),
    (1.0, measure_disk),
    (1.0, rewrite),
    (0.5, answer_requests),
    (2.0, follow_rules),
    (30.0, drop_files),
    (60.0, finish),
    (60.0, fold),
    (60.0, release_memory),
    (600.0, tidy_accounts),
    (600.0, tighten),
    (3600.0, retain),
    (3600.0, end_withdrawn),
    (3600.0, forget_corrected),
    (3600.0, settle_rules),
)
"""Each job with the seconds between two of its runs."""

WAIT_FIRST = (fold, release_memory, settle_rules, tighten)
"""Jobs that do not run at once: they load Ibis or write much, and a start is to be quick."""


_SOON = 5.0  # seconds


@asynccontextmanager
async def running_jobs(services: Services) -> AsyncIterator[None]:
    """Run every job in turn until the block ends; a job that fails is tried again."""
    tasks = [asyncio.create_task(_again_and_again(services, *entry)) for entry in JOBS]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _again_and_again(services: Services, seconds: float, job: Job) -> None:
    failing = False
    if job in WAIT_FIRST:
        await asyncio.sleep(seconds)
    while True:
        try:
            await job(services)
            failing = False
        except Preparing:  # until the warehouse is converted: looked at again soon
            await asyncio.sleep(min(seconds, _SOON))
            continue
        except Exception as error:  # noqa: BLE001 - a job that fails must not end; it is said once
            if not failing:
                log.warning("job_failed", job=job.__name__, why=type(error).__name__)
            failing = True
        await asyncio.sleep(seconds)
