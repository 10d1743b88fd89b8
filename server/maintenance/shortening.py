"""Shortens whole IP addresses of events that are older than the setting or their site says."""

import asyncio
from datetime import datetime, time, timedelta

from askfirst.clock import as_datetime
from server.services import Services


async def shorten_addresses(services: Services) -> bool:
    """Shorten the addresses of events before the day so many days ago (UTC); return whether any.

    The days are those of the setting or of the site, whichever are fewer. It is done once a day for
    each site, because all its events are looked through. Those that are left out of the reports
    stand under the negative number of the site.
    """
    changed = False
    for number, end in _ends(services):
        if services.shortened_before.get(number) != end:
            done = await asyncio.to_thread(services.warehouse.shorten_addresses, number, end)
            services.shortened_before[number] = end
            changed = changed or done
    return changed


def _ends(services: Services) -> list[tuple[int, datetime]]:
    """Return the numbers of sites with the time before which their addresses are shortened."""
    now = as_datetime(services.clock()).replace(tzinfo=None)
    today, setting = datetime.combine(now, time.min), services.settings.whole_address_days
    return [
        (number, today - timedelta(days=days))
        for site in services.book.all()
        if (days := site.rules.days_of_whole_addresses(setting))
        for number in (site.id, -site.id)
    ]
