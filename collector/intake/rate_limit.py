"""Limits events: how many a minute of one visitor, and how many and how large of one address."""

from askfirst.rate_limits import MINUTE_MS, NO_LIMIT, AddressRateLimiter, Limit, RateLimiter
from askfirst.settings import Settings

OF_AN_EVENT = 256
"""Bytes that the journal writes for an event beyond the request's and the browser's headers."""
MOST_VISITORS = 200_000
"""Visitors that are counted in one minute; those beyond are limited by their address alone."""


class EventRateLimiter:
    """Counts the events of this process.

    Call `wait_for` before a request is accepted, and where it is, `count` in the same turn of the
    event loop: it counts what `wait_for` has looked up.
    """

    def __init__(self, settings: Settings, senders: RateLimiter | None = None) -> None:
        """Count senders by their address, or by what `senders` counts."""
        by_visitor = Limit(settings.events_per_minute, MINUTE_MS)
        by_address = Limit(
            settings.address_events_per_minute, MINUTE_MS, settings.address_bytes_per_minute
        )
        self._visitors = RateLimiter(by_visitor, MOST_VISITORS, rest=NO_LIMIT)
        self._addresses = senders or AddressRateLimiter(by_address)
        self._asked = self._visitors.usage_of("", 0), self._addresses.usage_of("", 0), 0, 0

    def wait_for(self, visitor_id: str, address: str, events: int, size: int, now: int) -> int:
        """Return 0 where so many events, `size` bytes in all, may come, or the seconds to wait."""
        visitor = self._visitors.usage_of(visitor_id, now)
        sender = self._addresses.usage_of(address, now)
        self._asked = visitor, sender, events, size
        if visitor.fits(events) and sender.fits(events, size):
            return 0
        return self._addresses.seconds_left(now)

    def count(self) -> None:
        """Count the events for which `wait_for` was just asked."""
        visitor, sender, events, size = self._asked
        visitor.add(events)
        sender.add(events, size)


def by_key(settings: Settings) -> EventRateLimiter:
    """Return a limiter for backends: each key of the server-side API is a sender."""
    most = settings.key_events_per_minute
    size = most * settings.address_bytes_per_minute // settings.address_events_per_minute
    return EventRateLimiter(settings, RateLimiter(Limit(most, MINUTE_MS, size)))
