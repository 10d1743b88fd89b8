"""How fast one visitor may send: a fixed window of one minute, in memory.

Ours, not the library that watches sign-in: that one starts a timer thread again and again while
it counts, which is too dear for every event.
"""

from collections import defaultdict

MINUTE_MS = 60_000


class Pace:
    """Counts events by visitor within the running minute and forgets them all at its end."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._minute = 0
        self._counts: defaultdict[str, int] = defaultdict(int)

    def wait_for(self, visitor_id: str, events: int, now: int) -> int:
        """Count the events and give 0, or give the seconds to wait and count nothing."""
        minute = now // MINUTE_MS
        if minute != self._minute:
            self._minute = minute
            self._counts.clear()
        if self._counts[visitor_id] + events > self._most:
            return 1 + (MINUTE_MS - now % MINUTE_MS) // 1000
        self._counts[visitor_id] += events
        return 0
