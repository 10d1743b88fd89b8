"""Closes the local days of every site, so that reports read summaries instead of their events."""

import asyncio

from askfirst.sites import Site
from server.services import Services


async def fold(services: Services) -> None:
    """Close the days whose events have all come, and make a site's summaries anew in a new zone.

    A step at a time, so that what is shipped or erased meanwhile waits for one step only. A site
    that fails does not keep the others from it; the first error is raised at the end.
    """
    errors = []
    for site in services.book.all():
        if site.rules_changed_at:
            continue  # its days are opened step by step (`report_rules`), and closed afterwards
        try:
            await _fold_site(services, site)
        except Exception as error:  # noqa: BLE001 - it is raised below
            errors.append(error)
    if errors:
        raise errors[0]


async def _fold_site(services: Services, site: Site) -> None:
    warehouse = services.warehouse
    while await asyncio.to_thread(warehouse.fold, site.id, site.time_zone, services.clock()):
        pass
