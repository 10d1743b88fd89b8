"""Shortens whole IP addresses of events that are older than the setting says."""

import asyncio
from datetime import timedelta

from askfirst.clock import as_datetime
from server.services import Services


async def shorten_addresses(services: Services) -> bool:
    """Shorten the addresses of events before the day so many days ago (UTC); return whether any.

    Once a day for each site, because all its events are looked through. Those that are left out of
    the reports stand under the negative number of the site.
    """
    days = services.settings.whole_address_days
    if not days:
        return False
    now = as_datetime(services.clock()).replace(tzinfo=None)
    end = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)
    numbers = [number for site in services.book.all() for number in (site.id, -site.id)]
    due = [number for number in numbers if services.shortened_before.get(number) != end]
    changed = False
    for number in due:
        done = await asyncio.to_thread(services.warehouse.shorten_addresses, number, end)
        services.shortened_before[number] = end
        changed = changed or done
    return changed
