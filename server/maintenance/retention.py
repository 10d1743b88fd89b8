"""Deletes events as soon as the policies promised, and never later than the setting says."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from askfirst.clock import DAY_MS, MONTH, as_datetime, utc_day
from askfirst.sites import Site
from askfirst.system.durable_files import remove_durably, write_durably
from reports.staff.audit_log import StaffActs
from server.maintenance.rewriting import rewrite_warehouse
from server.maintenance.shortening import shorten_addresses
from server.services import Services
from server.startup.data_folder import RETAINING

log = structlog.get_logger()

COUNTS_DAYS = 762
"""How long counts of the banner are kept: 25 months, to compare the same months of two years."""


@dataclass(frozen=True)
class Limit:
    """Which events of a site to delete: before a naive UTC time, of one policy version or all."""

    site_id: int
    before: datetime
    version: int | None = None

    @property
    def milliseconds(self) -> int:
        """The time in milliseconds since the epoch."""
        return round(self.before.replace(tzinfo=UTC).timestamp() * 1000)


async def limits(services: Services) -> list[Limit]:
    """Return every limit that holds now.

    The newest policy's months hold for all events of a site, or the setting's where they are fewer.
    An event of a version that promised fewer months is deleted earlier: a later version with more
    months does not extend an earlier promise.
    """
    return [limit for site in services.book.all() for limit in await _of_site(services, site)]


def begin_retaining(folder: Path) -> bool:
    """Note that rows are about to be deleted; return whether an earlier run was interrupted."""
    note = folder / RETAINING
    interrupted = note.exists()
    if not interrupted:
        write_durably(note, b"")
    return interrupted


def end_retaining(folder: Path) -> None:
    """Note that the bytes of the deleted rows are gone."""
    remove_durably(folder / RETAINING)


async def _of_site(services: Services, site: Site) -> list[Limit]:
    most = services.settings.retention_months
    now = as_datetime(services.clock()).replace(tzinfo=None)
    months = {
        policy.version: min(most, policy.content.get("retention_months", most))
        for policy in await services.book.versions(site)
    }
    newest = months[max(months)]
    shorter = [version for version in months if months[version] < newest]
    return [
        Limit(site.id, now - newest * MONTH),
        *(Limit(site.id, now - months[version] * MONTH, version) for version in shorter),
    ]


async def retain(services: Services) -> None:
    """Delete events whose time is over, old counts and acts, and ids that no resend can bring.

    Addresses that were whole for long enough are shortened. Where the process ended between
    deleting and rewriting, the next run rewrites. How many events were deleted is logged.
    """
    now = services.clock()
    await services.journal.forget(now - 2 * DAY_MS)
    await services.counts.forget(utc_day(now - COUNTS_DAYS * DAY_MS))
    await StaffActs(services.ledger, services.clock).forget()
    folder, deleted = services.settings.data_folder, 0
    interrupted = await asyncio.to_thread(begin_retaining, folder)
    try:
        for limit in await limits(services):
            deleted += await asyncio.to_thread(
                services.warehouse.delete_before, limit.site_id, limit.before, limit.version
            )
    finally:  # also of a run in which one of them fails
        if deleted:
            log.info("events_past_retention_deleted", events=deleted)
    shortened = await shorten_addresses(services)
    if deleted or shortened or interrupted:
        await rewrite_warehouse(services)
    await asyncio.to_thread(end_retaining, folder)
