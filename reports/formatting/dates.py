"""How days, times of day and durations are written for staff, each in one form.

A day is "today", "yesterday", "3 Nov" in this year and "3 Nov 2025" in any other; a time of day is
"13:32". A page says once, at its foot, in which time zone that is, by the macro `times_in` of
`templates/reports/_dates.html`. What an auditor compares is written in full by `exactly`.

`filters` returns the templates' filters; each takes an `Instant` and a time zone and returns a
`<time>` element that carries the instant in UTC:

| filter | today | yesterday | this year | before |
|---|---|---|---|---|
| `moment` | today, 13:32 | yesterday, 13:32 | 3 Nov, 13:32 | 3 Nov 2025, 13:32 |
| `seen` | 13:32 | yesterday | 3 Nov | 3 Nov 2025 |
| `day` | today | yesterday | 3 Nov | 3 Nov 2025 |
| `clock` | 13:32 | 13:32 | 13:32 | 13:32 |
| `exactly` | 26 Nov 2026, 13:32:05 | | | |

`headed` is a moment as a heading: "Today, 13:32", "Tuesday 3 November, 13:32".
`{{ one.last|moment(zone, opens=True) }}` begins with a capital letter, for a cell or a sentence;
`{{ one.last|moment(zone)|striptags }}` is plain text, for an attribute. Nothing (None) is a dash.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from askfirst.clock import Clock, as_datetime

Instant = datetime | int
"""A UTC datetime, aware or naive, or milliseconds since the epoch."""

NOTHING = "\N{EN DASH}"
_WEEK = timedelta(days=7)
_TIME = Markup('<time datetime="{}">{}</time>')


def local(value: Instant, zone: str) -> datetime:
    """Return an instant as clocks in a time zone show it (aware)."""
    if isinstance(value, int):
        value = as_datetime(value)
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware.astimezone(ZoneInfo(zone))


def short_day(value: date) -> str:
    """Write a day without its year: 3 Nov."""
    return f"{value.day} {value:%b}"


def day_of(value: date, today: date) -> str:
    """Write a day by its date, the year only where it is not this one: 3 Nov, 3 Nov 2025."""
    return short_day(value) if value.year == today.year else f"{short_day(value)} {value.year}"


def day_words(value: date, today: date) -> str:
    """Write a day as people call it: today, yesterday, 3 Nov, 3 Nov 2025."""
    if value == today:
        return "today"
    return "yesterday" if value == today - timedelta(days=1) else day_of(value, today)


def weekday_of(value: date, today: date) -> str:
    """Write a day with its weekday, for a chart: Mon 2 Nov, Mon 3 Nov 2025."""
    return f"{value:%a} {day_of(value, today)}"


def heading_of(value: date, today: date) -> tuple[str, str]:
    """Write a day as a heading, and the smaller text behind it.

    ("Today", "Thursday 26 November"), ("Tuesday", "24 November") within the last week, else
    ("Saturday 14 November", ""); a day of another year has its year.
    """
    year = "" if value.year == today.year else f" {value.year}"
    whole = f"{value.day} {value:%B}{year}"
    if value == today or value == today - timedelta(days=1):
        return _opening(day_words(value, today)), f"{value:%A} {whole}"
    if today - _WEEK < value < today:
        return f"{value:%A}", whole
    return f"{value:%A} {whole}", ""


def span_of(first: date, last: date, today: date) -> str:
    """Write a stretch of days, both included, with a dash: 28 Oct, 26 Nov.

    The year stands only where it is not this one, or where the days are of two years.
    """
    if first == last:
        return day_of(first, today)
    if first.year != last.year:
        return f"{short_day(first)} {first.year} {NOTHING} {short_day(last)} {last.year}"
    return f"{short_day(first)} {NOTHING} {day_of(last, today)}"


def duration(seconds: float | None) -> str:
    """Write a duration: 48s, 1m 10s, 1h 04m."""
    if seconds is None:
        return NOTHING
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02d}s"
    return f"{whole // 3600}h {whole % 3600 // 60:02d}m"


def machine_time(value: Instant) -> str:
    """Write an instant for a `datetime` attribute: 2026-11-03T14:05:09Z."""
    utc = local(value, "UTC").replace(tzinfo=None)
    return f"{utc.isoformat(timespec='seconds')}Z"


def _moment(value: datetime, today: date) -> str:
    return f"{day_words(value.date(), today)}, {value:%H:%M}"


def _seen(value: datetime, today: date) -> str:
    return f"{value:%H:%M}" if value.date() == today else day_words(value.date(), today)


def _day(value: datetime, today: date) -> str:
    return day_words(value.date(), today)


def _headed(value: datetime, today: date) -> str:
    heading = heading_of(value.date(), today)
    is_named = heading[0] in ("Today", "Yesterday")
    name = heading[0] if is_named else " ".join(filter(None, heading))
    return f"{name}, {value:%H:%M}"


def _clock(value: datetime, _today: date) -> str:
    return f"{value:%H:%M}"


def _exactly(value: datetime, _today: date) -> str:
    return f"{short_day(value)} {value.year}, {value:%H:%M:%S}"


_WORDS: dict[str, Callable[[datetime, date], str]] = {
    "moment": _moment,
    "seen": _seen,
    "day": _day,
    "headed": _headed,
    "clock": _clock,
    "exactly": _exactly,
}


def filters(now: Clock) -> Mapping[str, Callable[..., Any]]:
    """Return the templates' filters for instants; `now` tells them what day it is."""
    return {name: _filter(words, now) for name, words in _WORDS.items()}


def _filter(words: Callable[[datetime, date], str], now: Clock) -> Callable[..., str]:
    @wraps(words)
    def written(value: Instant | None, zone: str, opens: bool = False) -> str:
        if value is None:
            return NOTHING
        text = words(local(value, zone), local(now(), zone).date())
        return _TIME.format(machine_time(value), _opening(text) if opens else text)

    return written


def _opening(text: str) -> str:
    return text[:1].upper() + text[1:]
