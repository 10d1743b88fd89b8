"""How fast events may come: so many a minute of one visitor, and so much of one address."""

from askfirst.rate_limits import MINUTE_MS, Senders, Sent
from askfirst.settings import Settings

OF_AN_EVENT = 256
"""Bytes that the journal writes for an event beside what was sent and the browser's headers."""
MOST_VISITORS = 200_000
"""Visitors of one minute that are counted by themselves; of the others the address is."""


class EventRateLimiter:
    """Counts the events of this process.

    `wait_for` is asked before a request is taken, and `count` in the same turn of the event loop
    where it is: what the first has looked up the second need not look for.
    """

    def __init__(self, settings: Settings) -> None:
        self._of_visitor = settings.events_per_minute
        self._events = settings.address_events_per_minute
        self._bytes = settings.address_bytes_per_minute
        self._number = -1
        self._visitors: dict[str, int] = {}
        self._minute = Senders(MINUTE_MS)
        self._asked = ("", 0, Sent(1), 0, 0)

    def wait_for(self, visitor_id: str, address: str, events: int, size: int, now: int) -> int:
        """Return 0 where so many events, `size` bytes in all, may come, or the seconds to wait."""
        if now // MINUTE_MS != self._number:
            self._number = now // MINUTE_MS
            self._visitors.clear()
        mine = self._visitors.get(visitor_id, 0) + events
        sent = self._minute.of(address, now)
        self._asked = visitor_id, mine, sent, events, size
        if mine <= self._of_visitor and sent.fits(self._events, events, self._bytes, size):
            return 0
        return self._minute.wait(now)

    def count(self) -> None:
        """Count the events for which `wait_for` was just asked."""
        visitor_id, mine, sent, events, size = self._asked
        sent.add(events, size)
        if mine > events or len(self._visitors) < MOST_VISITORS:
            self._visitors[visitor_id] = mine
