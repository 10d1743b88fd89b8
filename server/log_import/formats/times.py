"""The time of a line, in the forms of the logs, as milliseconds since the epoch."""

import math
import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from server.log_import.line import BrokenLine

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
_CLOCK = r"(\d\d):(\d\d):(\d\d)"
_COMMON = re.compile(rf"(\d\d)/([A-Z][a-z]{{2}})/(\d{{4}}):{_CLOCK} ([+-])(\d\d)(\d\d)", re.ASCII)
_ISO = re.compile(
    rf"(\d{{4}})-(\d\d)-(\d\d)[T ]{_CLOCK}(?:[.,](\d{{1,9}}))?(?:(Z)|([+-])(\d\d):?(\d\d))",
    re.ASCII,
)
_SECONDS = re.compile(r"\d{1,11}(\.\d{1,9})?", re.ASCII)
_END_MS = 253_402_300_800_000
"""The end of the year 9999: no later day has a name."""
_WRONG = "The time is not one of the forms that logs have."


@lru_cache(maxsize=1024)
def time_of(text: str) -> int:
    """Read `17/May/2015:10:05:03 +0000`, RFC 3339, or seconds since the epoch.

    Raises `BrokenLine`, also for a moment before the epoch, when there were no such logs.
    """
    try:
        if found := _COMMON.fullmatch(text):
            day, month, year, hour, minute, second, sign, east, more = found.groups()
            numbers = (int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second))
            return _ms(datetime(*numbers, tzinfo=_zone(sign, east, more)))
        if found := _ISO.fullmatch(text):
            return _iso(found)
        if _SECONDS.fullmatch(text):
            return seconds_of(float(text))
    except (ValueError, KeyError, OverflowError) as error:
        raise BrokenLine("There is no such time.") from error
    raise BrokenLine(_WRONG)


def seconds_of(number: float) -> int:
    """Return seconds since the epoch in milliseconds."""
    if not math.isfinite(number) or not 0 <= number < 1e11:
        raise BrokenLine(_WRONG)
    return round(number * 1000)


def _iso(found: re.Match[str]) -> int:
    year, month, day, hour, minute, second, part, utc, sign, east, more = found.groups()
    numbers = (int(year), int(month), int(day), int(hour), int(minute), int(second))
    zone = UTC if utc else _zone(sign, east, more)
    return _ms(datetime(*numbers, tzinfo=zone)) + int((part or "0").ljust(3, "0")[:3])


def _zone(sign: str, hours: str, minutes: str) -> timezone:
    east = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-east if sign == "-" else east)


def _ms(moment: datetime) -> int:
    ms = round(moment.timestamp()) * 1000
    if not 0 <= ms < _END_MS:
        raise ValueError("This moment is out of range.")
    return ms
