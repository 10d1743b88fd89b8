"""How often somebody may try a password, counted in memory by address, account and browser."""

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from askfirst.errors import TooFast

MINUTE_S = 60
_LONGEST_NAME = 300


class TryLimiter:
    """Lets a number of tries a minute pass for each name."""

    def __init__(self, tries_per_minute: int) -> None:
        self._limit = RateLimitItemPerMinute(tries_per_minute)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def take(self, name: str) -> None:
        """Spend one try of a name; raises `TooFast` when it has none left."""
        if not self.passes(name):
            raise TooFast("There were too many tries. Wait a minute.", retry_after=MINUTE_S)

    def passes(self, name: str) -> bool:
        """Spend one try of a name; False when it has none left."""
        return self._limiter.hit(self._limit, name[:_LONGEST_NAME])

    def give_back(self, name: str) -> None:
        """Return a try back that turned out right, so that failures alone count.

        It is spent before the password is checked: many at once get no more tries than in turn.
        """
        self._limiter.hit(self._limit, name[:_LONGEST_NAME], cost=-1)
