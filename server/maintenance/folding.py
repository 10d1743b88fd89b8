"""Closes the local days of every site, so that reports read summaries instead of their events."""

import asyncio

from server.services import Services


async def fold(services: Services) -> None:
    """Close the days whose events have all come, and make a site's summaries anew in a new zone.

    A step at a time, so that what is shipped or erased meanwhile waits for one step only.
    """
    for site in services.book.all():
        while await asyncio.to_thread(
            services.warehouse.fold, site.id, site.time_zone, services.clock()
        ):
            pass
