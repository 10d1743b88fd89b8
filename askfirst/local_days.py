"""Local days: the days of a time zone as numbers, and when they begin, through every clock change.

A day is the number of days since 1970-01-01 on local clocks, a time milliseconds since the epoch.
Python's rules of time zones decide: those of the engines differ from them in some zones.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from askfirst.clock import DAY_MS, as_datetime

Offsets = tuple[tuple[int | None, int], ...]
"""A zone's offsets in milliseconds, each until an instant; the last is until None."""

_EPOCH = date(1970, 1, 1)


def offset_at(time: int, zone: str) -> int:
    """Return how many milliseconds local clocks are ahead of UTC at a time."""
    local = as_datetime(time).astimezone(ZoneInfo(zone))
    return round((local.utcoffset() or timedelta()).total_seconds() * 1000)


def local_day(time: int, zone: str) -> int:
    """Return the local day of a time."""
    return (time + offset_at(time, zone)) // DAY_MS


@lru_cache(maxsize=4096)
def day_start(day: int, zone: str) -> int:
    """Return the first time of a local day.

    Where clocks skip midnight, that is the change; where they skip the whole day (Apia on
    2011-12-30), it is the beginning of the next.
    """
    low, high = day * DAY_MS - DAY_MS, day * DAY_MS + DAY_MS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if local_day(middle, zone) >= day else (middle, high)
    return high


@lru_cache(maxsize=256)
def offsets(start: int, end: int, zone: str) -> Offsets:
    """Return the offsets of a zone between two times, both rounded outwards to days."""
    here, last = start // DAY_MS * DAY_MS, end // DAY_MS * DAY_MS + DAY_MS
    found: list[tuple[int | None, int]] = []
    now = offset_at(here, zone)
    while here < last:
        there = min(here + DAY_MS, last)
        after = offset_at(there, zone)
        if after != now:
            found.append((_change(here, there, zone), now))
        here, now = there, after
    return (*found, (None, now))


def _change(low: int, high: int, zone: str) -> int:
    """Return the first time after `low` at which the offset is that of `high`."""
    before = offset_at(low, zone)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset_at(middle, zone) == before else (low, middle)
    return high


def day_of(time: Any, found: Any) -> Any:
    """Return the local day of a column of times as an Ibis expression.

    `found` are `offsets`, whose numbers may be Ibis expressions, too.
    """
    import ibis  # noqa: PLC0415 - half a second, and only a question needs it

    *changes, (_, last) = found
    shift = _number(last)
    if changes:
        branches = [(time < until, _number(offset)) for until, offset in changes]
        shift = ibis.cases(*branches, else_=shift)
    return ((time + shift) // DAY_MS).cast("int32")


def _number(value: Any) -> Any:
    import ibis  # noqa: PLC0415 - half a second

    return ibis.literal(value, "int64") if isinstance(value, int) else value


def as_date(day: int) -> date:
    """Return a day's date."""
    return _EPOCH + timedelta(days=day)


def number_of(day: date | datetime) -> int:
    """Return the number of a date."""
    return (date(day.year, day.month, day.day) - _EPOCH).days
