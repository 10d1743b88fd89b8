"""Rate limits: counts what each key (an address, a visitor, a consent) sends in fixed windows.

Our own, not the library `limits`, which starts a timer thread again and again while it counts, too
expensive for every event, and keeps an unbounded number of keys.
"""

from collections.abc import Sequence
from typing import NamedTuple

import structlog

from askfirst.clock import DAY_MS
from askfirst.web.ip_addresses import limit_key, shortened_address

log = structlog.get_logger()

MINUTE_MS = 60_000
HOUR_MS = 3_600_000

MOST_KEYS = 30_000
"""Keys in one window, and as many networks: 10 MB. More come only from made-up addresses."""
OF_A_NETWORK = 10
"""A network may send this many times as much as one address: with IPv6 a /48, whose holder has
65,536 addresses as they are counted here; with IPv4 a /24, where there are too many keys."""
OF_THE_REST = 100
"""All keys and networks for which there is no room may together send this many times as much."""
NO_LIMIT = 1 << 62


class Limit(NamedTuple):
    """At most `most`, and `most_bytes` in all, within each window of so many milliseconds."""

    most: int
    window_ms: int
    most_bytes: int = NO_LIMIT

    def times(self, number: int) -> "Limit":
        """Return the limit that allows so many times as much."""
        return Limit(self.most * number, self.window_ms, self.most_bytes * number)


class Usage:
    """What a key, a network, or all others together have sent in the running window.

    `wider` is the usage of the network, counted beside.
    """

    __slots__ = ("bytes", "limit", "number", "wider")

    def __init__(self, limit: Limit, wider: "Usage | None" = None) -> None:
        self.number = 0
        self.bytes = 0
        self.limit = limit
        self.wider = wider

    def fits(self, number: int = 1, size: int = 0) -> bool:
        """Return whether so many more, `size` bytes in all, may be sent."""
        limit = self.limit
        if self.number + number > limit.most or self.bytes + size > limit.most_bytes:
            return False
        return self.wider is None or self.wider.fits(number, size)

    def add(self, number: int = 1, size: int = 0) -> None:
        """Count what is sent; a negative number takes back."""
        self.number += number
        self.bytes += size
        if self.wider is not None:
            self.wider.add(number, size)


class RateLimiter:
    """Lets each key send what a limit allows, in memory that is bounded.

    A fixed window: around its end twice as much can pass in a short time. At its end all counts are
    forgotten. Keys beyond `most_keys` share one usage of `rest` times the limit.
    """

    def __init__(self, limit: Limit, most_keys: int = MOST_KEYS, rest: int = OF_THE_REST) -> None:
        self.limit = limit
        self._ms = limit.window_ms
        self._most_keys = most_keys
        self._limit_of_rest = limit.times(rest)
        self._window = -1
        self._usages: dict[str, Usage] = {}
        self._rest = Usage(self._limit_of_rest)

    def wait_for(self, key: str, now: int) -> int:
        """Count one and return 0, or return the seconds to wait and count nothing."""
        usage = self.usage_of(key, now)
        if not usage.fits():
            return self.seconds_left(now)
        usage.add()
        return 0

    def usage_of(self, key: str, now: int) -> Usage:
        """Return what a key has sent; the object is to be used at once."""
        if now // self._ms != self._window:
            self._begin(now // self._ms)
        return self._usages.get(key) or self._first(key)

    def seconds_left(self, now: int) -> int:
        """Return the seconds until the window ends, at least 1."""
        return (self._ms - now % self._ms + 999) // 1000

    def _begin(self, window: int) -> None:
        self._window = window
        self._usages.clear()
        self._rest = Usage(self._limit_of_rest)

    def _first(self, key: str) -> Usage:
        if len(self._usages) >= self._most_keys:
            return self._rest
        found = self._usages[key] = Usage(self.limit)
        return found


class AddressRateLimiter(RateLimiter):
    """Counts by address, as `limit_key` has it, and by network.

    A network of IPv6 addresses is counted beside each of them; one of IPv4 addresses, which are
    scarce, only where there is no room for the address.
    """

    def __init__(self, limit: Limit, most_keys: int = MOST_KEYS) -> None:
        super().__init__(limit, most_keys)
        self._limit_of_network = limit.times(OF_A_NETWORK)
        self._networks: dict[str, Usage] = {}

    def usage_of(self, key: str, now: int) -> Usage:
        """Return what an address has sent; the object is to be used at once."""
        if now // self._ms != self._window:
            self._begin(now // self._ms)
        return self._usages.get(limit_key(key)) or self._first(key)

    def _begin(self, window: int) -> None:
        super()._begin(window)
        self._networks.clear()

    def _first(self, key: str) -> Usage:
        if len(self._usages) >= self._most_keys:
            return self._network(key)
        short = limit_key(key)
        wider = self._network(key) if ":" in short else None
        found = self._usages[short] = Usage(self.limit, wider)
        return found

    def _network(self, address: str) -> Usage:
        key = shortened_address(address)
        found = self._networks.get(key)
        if found is None and len(self._networks) < self._most_keys:
            found = self._networks[key] = Usage(self._limit_of_network)
        return found or self._rest


def wait_for_all(limiters: Sequence[RateLimiter], key: str, now: int) -> int:
    """Count one by every limiter and return 0, or return the seconds to wait and count nothing."""
    usages = [limiter.usage_of(key, now) for limiter in limiters]
    pairs = zip(limiters, usages, strict=True)
    waits = [limiter.seconds_left(now) for limiter, usage in pairs if not usage.fits()]
    if not waits:
        for usage in usages:
            usage.add()
    return max(waits, default=0)


class DailyCeiling:
    """At most so much a UTC day for each site, whoever sends it; the log says when it is reached.

    `what` is counted, in a word for the log.
    """

    def __init__(self, most: int, what: str) -> None:
        self._most = most
        self._what = what
        self._day = -1
        self._counts: dict[int, int] = {}
        self._reached: dict[int, int] = {}

    def wait_for(self, site_id: int, amount: int, now: int, few: bool = True) -> int:
        """Count and return 0, or return the seconds until the day ends and count nothing.

        The second half of the ceiling is for those who have sent `few`: a flood of a site from some
        addresses does not turn everybody else away.
        """
        if now // DAY_MS != self._day:
            self._day = now // DAY_MS
            self._counts.clear()
            self._reached.clear()
        count = self._counts.get(site_id, 0) + amount
        if count > (self._most if few else self._most // 2):
            return self._refused(site_id, now, few)
        self._counts[site_id] = count
        return 0

    def _refused(self, site_id: int, now: int, few: bool) -> int:
        if few and site_id not in self._reached:
            self._reached[site_id] = now
            log.error("site_at_its_ceiling", site=site_id, what=self._what, most=self._most)
        return (DAY_MS - now % DAY_MS + 999) // 1000

    def reached(self, now: int) -> dict[int, int]:
        """Return since when sites have been at their ceiling today, in milliseconds, by site."""
        return dict(self._reached) if now // DAY_MS == self._day else {}
