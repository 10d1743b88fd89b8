"""Time: the one file that reads the machine's clock; everything else is passed a `Clock`."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.utils import formatdate
from functools import lru_cache

Clock = Callable[[], int]
"""Returns the present time in whole milliseconds since the Unix epoch, in UTC."""

DAY_MS = 86_400_000
MONTH = timedelta(days=365.25 / 12)
"""The average month, for retention times that are given in months."""


def system_clock() -> int:
    """Return the machine's time in milliseconds since the Unix epoch."""
    return time.time_ns() // 1_000_000


def as_datetime(ms: int) -> datetime:
    """Return milliseconds since the epoch as an aware UTC datetime."""
    return datetime.fromtimestamp(ms / 1000, tz=UTC)


def as_iso(ms: int) -> str:
    """Return milliseconds since the epoch as RFC 3339 in UTC, e.g. `2026-01-31T08:00:00.000Z`."""
    return as_datetime(ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@lru_cache(maxsize=4)
def _http_date(second: int) -> str:
    return formatdate(second, usegmt=True)


def http_date() -> str:
    """Return the machine's time in the form of an HTTP `Date` header (RFC 9110)."""
    return _http_date(int(time.time()))


def utc_day(ms: int) -> str:
    """Return the UTC day of a time in milliseconds, e.g. `2026-01-31`."""
    return _day(ms // DAY_MS)


@lru_cache(maxsize=128)
def _day(number: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=number)).isoformat()
