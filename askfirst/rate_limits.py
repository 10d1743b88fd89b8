"""How fast somebody may send: counts by address in fixed windows, in memory that is bounded.

Ours, not the library that watches sign-in: that one starts a timer thread again and again while
it counts, which is too dear for every event, and it keeps as many keys as it is shown.
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
"""Keys of one window, and as many networks: 10 MB; more come where addresses are made up."""
OF_A_NETWORK = 10
"""Times as much as one address may be sent from its network: of IPv6 48 bits, which whoever has
them can use as 65,536 addresses, and where there are too many keys, of IPv4 24 bits."""
OF_THE_REST = 100
"""Times as much may be sent by all together for whose networks there is no room."""


class Limit(NamedTuple):
    """At most `most` within each window of so many milliseconds."""

    most: int
    window_ms: int


class Sent:
    """What was sent in the running window by an address, a network, or all others together.

    `times` is how many times the limit of one address holds for it, and `wider` what is counted
    beside it.
    """

    __slots__ = ("bytes", "number", "times", "wider")

    def __init__(self, times: int, wider: "Sent | None" = None) -> None:
        self.number = 0
        self.bytes = 0
        self.times = times
        self.wider = wider

    def fits(
        self, most: int, number: int = 1, most_bytes: int | None = None, size: int = 0
    ) -> bool:
        """Return whether so many more, `size` bytes in all, may be sent.

        `most` and `most_bytes` are the limits of one address.
        """
        if self.number + number > most * self.times:
            return False
        if most_bytes is not None and self.bytes + size > most_bytes * self.times:
            return False
        return self.wider is None or self.wider.fits(most, number, most_bytes, size)

    def add(self, number: int = 1, size: int = 0) -> None:
        """Count what is sent."""
        self.number += number
        self.bytes += size
        if self.wider is not None:
            self.wider.add(number, size)


class Senders:
    """Who sent how much in the running window; at its end all of it is forgotten.

    A fixed window: around its end twice as much can pass in a short time. Addresses are counted as
    `limit_key` has them. A network of IPv6 addresses is counted beside; one of IPv4 addresses,
    which are scarce, only where there is no room for the address.
    """

    def __init__(self, window_ms: int, most_keys: int = MOST_KEYS) -> None:
        self._ms = window_ms
        self._most_keys = most_keys
        self._window = -1
        self._single: dict[str, Sent] = {}
        self._networks: dict[str, Sent] = {}
        self._rest = Sent(OF_THE_REST)

    def of(self, address: str, now: int) -> Sent:
        """Return what an address has sent; the object is to be used at once."""
        if now // self._ms != self._window:
            self._begin(now // self._ms)
        key = limit_key(address)
        return self._single.get(key) or self._first(key, address)

    def wait(self, now: int) -> int:
        """Return the seconds until the window ends, at least 1."""
        return (self._ms - now % self._ms + 999) // 1000

    def _begin(self, window: int) -> None:
        self._window = window
        self._single.clear()
        self._networks.clear()
        self._rest = Sent(OF_THE_REST)

    def _first(self, key: str, address: str) -> Sent:
        if len(self._single) >= self._most_keys:
            return self._network(address)
        found = self._single[key] = Sent(1, self._network(address) if ":" in key else None)
        return found

    def _network(self, address: str) -> Sent:
        key = shortened_address(address)
        found = self._networks.get(key)
        if found is None and len(self._networks) < self._most_keys:
            found = self._networks[key] = Sent(OF_A_NETWORK)
        return found or self._rest


class AddressPace:
    """Several limits of one kind of request by address, e.g. so many a minute and so many a day."""

    def __init__(self, limits: Sequence[Limit], most_keys: int = MOST_KEYS) -> None:
        self._limits = [(limit.most, Senders(limit.window_ms, most_keys)) for limit in limits]

    def wait_for(self, address: str, now: int) -> int:
        """Count one and give 0, or give the seconds to wait and count nothing."""
        found = [(most, senders, senders.of(address, now)) for most, senders in self._limits]
        waits = [senders.wait(now) for most, senders, sent in found if not sent.fits(most)]
        if not waits:
            for _, _, sent in found:
                sent.add()
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
        """Count and give 0, or give the seconds until the day ends and count nothing.

        The second half of the ceiling is for those who have sent `few`: who floods a site from some
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
