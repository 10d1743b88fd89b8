"""How often somebody may try a password, counted in memory by address and by account."""

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from askfirst.errors import TooFast

MINUTE_S = 60


class Throttle:
    """Lets a number of tries a minute pass for each name."""

    def __init__(self, tries_per_minute: int) -> None:
        self._limit = RateLimitItemPerMinute(tries_per_minute)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def take(self, *names: str) -> None:
        """Spend one try of every name; raises `TooFast` when one has none left."""
        passed = [self._limiter.hit(self._limit, name[:300]) for name in names]
        if not all(passed):
            raise TooFast("There were too many tries. Wait a minute.", retry_after=MINUTE_S)
