"""Which events were counted lately, so that one that is sent again is counted once."""

from collections.abc import Iterable

from askfirst.clock import DAY_MS

REMEMBERED_MS = 2 * DAY_MS
"""How long at least an event is known again, as long as the journal knows what it has shipped."""
MOST = 50_000
"""Events after which older ones are forgotten earlier: twice as many take about 8 MB."""


class CountedEvents:
    """Hashes of ids of events, in memory alone: of what is not recorded no identifier is kept.

    The hashes are Python's own, whose key is new in each process, so that they say nothing outside
    of it, and nobody can make two ids meet. There are two generations; the older one is dropped
    when the younger is full, or is as old as `REMEMBERED_MS`.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._younger: set[int] = set()
        self._older: set[int] = set()
        self._begun = 0

    def new(self, site_id: int, event_ids: Iterable[str], now: int) -> int:
        """Return how many events are not known yet, and know them from now on."""
        return sum(self._is_new(hash((site_id, one)), now) for one in event_ids)

    def _is_new(self, key: int, now: int) -> bool:
        if len(self._younger) >= self._most or now - self._begun >= REMEMBERED_MS:
            self._older, self._younger, self._begun = self._younger, set(), now
        if key in self._younger or key in self._older:
            return False
        self._younger.add(key)
        return True
