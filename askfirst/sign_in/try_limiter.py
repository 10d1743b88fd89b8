"""Limits tries at passwords and one-time codes by name: of an account, a browser, an address."""

from collections import OrderedDict

from askfirst.clock import Clock
from askfirst.errors import TooFast
from askfirst.rate_limits import MINUTE_MS, Limit, RateLimiter, Usage

MINUTE_S = 60
MOST_NAMES = 30_000
"""Names that are counted at a time; for one more, the one that began first is forgotten. Whoever
makes up that many is limited by address (`SignInLimits`)."""
_LONGEST_NAME = 300


class TryLimiter(RateLimiter):
    """Allows each name a number of tries a minute, which begins with the name's first try.

    A refused try counts too. Names may be made up: anybody can send the sign-in form with any
    email address.
    """

    def __init__(self, tries_per_minute: int, clock: Clock, most_names: int = MOST_NAMES) -> None:
        super().__init__(Limit(tries_per_minute, MINUTE_MS), most_names)
        self._clock = clock
        self._begun: OrderedDict[str, int] = OrderedDict()

    def take(self, name: str) -> None:
        """Spend one try of a name; raises `TooFast` when it has none left."""
        if not self.passes(name):
            raise TooFast("There were too many tries. Wait a minute.", retry_after=MINUTE_S)

    def passes(self, name: str) -> bool:
        """Spend one try of a name; False when it has none left."""
        usage = self.usage_of(name[:_LONGEST_NAME], self._clock())
        passes = usage.fits()
        usage.add()
        return passes

    def give_back(self, name: str) -> None:
        """Return a try that turned out right, so that only failures count.

        It is spent before the password is checked, so that simultaneous tries get no more than
        consecutive ones. A name whose tries are all returned begins a new minute with its next one.
        """
        key = name[:_LONGEST_NAME]
        self._forget_past(self._clock())
        if key in self._usages:
            self._usages[key].add(-1)
            if self._usages[key].number <= 0:
                self._forget(key)

    def usage_of(self, key: str, now: int) -> Usage:
        """Return what a name has spent in its minute; the object is to be used at once."""
        self._forget_past(now)
        if key in self._usages:
            return self._usages[key]
        if len(self._usages) >= self._most_keys:
            self._forget(next(iter(self._begun)))
        self._begun[key] = now
        return self._first(key)

    def _forget_past(self, now: int) -> None:
        """Forget the names whose minute is over, and those of a clock that was set back."""
        while self._begun:
            key, begun = next(iter(self._begun.items()))
            if now - self._ms < begun <= now:
                return
            self._forget(key)

    def _forget(self, key: str) -> None:
        del self._begun[key], self._usages[key]
