"""How many choices a minute one address may send; addresses live here for a minute, in memory.

A fixed window, because the library's moving window keeps every address it ever saw.
"""

import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from askfirst.errors import TooFast


class Pace:
    """Lets `most` choices a minute of one address pass; the counts lie in `storage`."""

    def __init__(self, most: int, storage: MemoryStorage | None = None) -> None:
        self._limit = RateLimitItemPerMinute(most)
        self._limiter = FixedWindowRateLimiter(storage or MemoryStorage())

    def check(self, address: str) -> None:
        """Count one choice; raises `TooFast` with the seconds to wait."""
        if not self._limiter.hit(self._limit, address):
            reset = self._limiter.get_window_stats(self._limit, address).reset_time
            raise TooFast(
                "There were more choices than the limit allows.",
                retry_after=max(1, math.ceil(reset - time.time())),
            )
