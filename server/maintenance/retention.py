"""How long recorded events are kept: what the policies promised, and never longer than set here."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from askfirst.clock import DAY_MS, MONTH, as_datetime, utc_day
from askfirst.sites import Site
from askfirst.system.durable_files import remove_durably, write_durably
from reports.staff.audit_log import StaffActs
from server.maintenance.rewriting import rewrite_warehouse
from server.services import House
from server.startup.data_folder import RETAINING

COUNTS_DAYS = 762
"""How long counts of the question are kept: 25 months, for the same months of two years."""


@dataclass(frozen=True)
class Limit:
    """Events of a site older than `before` (naive UTC) go; of one policy version, or of all."""

    site_id: int
    before: datetime
    version: int | None = None


async def limits(house: House) -> list[Limit]:
    """Give every limit that holds now.

    The newest policy's months hold for all events of a site, the setting's where it is shorter.
    An event of a version that promised less goes earlier: raising the months later lengthens
    nothing that was promised.
    """
    return [limit for site in house.book.all() for limit in await _of_site(house, site)]


def begin_retaining(folder: Path) -> bool:
    """Note that rows are about to be deleted; True where an earlier time did not end."""
    note = folder / RETAINING
    interrupted = note.exists()
    if not interrupted:
        write_durably(note, b"")
    return interrupted


def end_retaining(folder: Path) -> None:
    """Note that the bytes of the deleted rows are gone."""
    remove_durably(folder / RETAINING)


async def _of_site(house: House, site: Site) -> list[Limit]:
    most = house.settings.retention_months
    now = as_datetime(house.clock()).replace(tzinfo=None)
    months = {
        policy.version: min(most, policy.content.get("retention_months", most))
        for policy in await house.book.versions(site)
    }
    newest = months[max(months)]
    shorter = [version for version in months if months[version] < newest]
    return [
        Limit(site.id, now - newest * MONTH),
        *(Limit(site.id, now - months[version] * MONTH, version) for version in shorter),
    ]


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
        await rewrite_warehouse(house)
    await asyncio.to_thread(end_retaining, folder)
