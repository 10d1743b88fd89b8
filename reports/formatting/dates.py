"""How days, times of day and durations are written for staff, each in one form.

Dates have the order and words of the reader's language (`readers.py`). In the usual form a day is
"today", "yesterday", "3 Nov" in this year and "3 Nov 2025" in any other; a time of day is "13:32".
A page says once, at its foot, in which time zone that is, by the macro `times_in` of
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
from reports.formatting.readers import between, decimal, moment_of, reader, written

Instant = datetime | int
"""A UTC datetime, aware or naive, or milliseconds since the epoch."""

NOTHING = "\N{EN DASH}"
_WEEK = timedelta(days=7)
_DAY_S = 24 * 3600
_TIME = Markup('<time datetime="{}"{}>{}</time>')
_LANG = Markup(' lang="{}"')
_OUR_WORDS = ("today", "yesterday")


def local(value: Instant, zone: str) -> datetime:
    """Return an instant as clocks in a time zone show it (aware)."""
    if isinstance(value, int):
        value = as_datetime(value)
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware.astimezone(ZoneInfo(zone))


def short_day(value: date) -> str:
    """Write a day without its year: 3 Nov."""
    return written(value, "day")


def day_of(value: date, today: date) -> str:
    """Write a day by its date, the year only where it is not this one: 3 Nov, 3 Nov 2025."""
    return written(value, _shape("day", value, today))


def month_of(value: date) -> str:
    """Write a month: Nov 2025."""
    return written(value, "month_of_year")


def short_month(value: date) -> str:
    """Write a month without its year: Nov."""
    return written(value, "month")


def clock_of(value: datetime) -> str:
    """Write a time of day: 13:32."""
    return written(value, "clock")


def full_hour(hour: int) -> str:
    """Write an hour of the day, 0 to 23, as the time of day when it begins: 13:00."""
    return clock_of(datetime(2000, 1, 3, hour))  # noqa: DTZ001 - the clock of no zone


def weekday_name(number: int, *, is_short: bool = False) -> str:
    """Write a weekday by its number, 0 for Monday: Monday, or Mon."""
    return _opening(written(date(2000, 1, 3 + number), "short_name" if is_short else "name"))


def _shape(name: str, value: date, today: date) -> str:
    return name if value.year == today.year else f"{name}_of_year"


def day_words(value: date, today: date) -> str:
    """Write a day as people call it: today, yesterday, 3 Nov, 3 Nov 2025."""
    if value == today:
        return "today"
    return "yesterday" if value == today - timedelta(days=1) else day_of(value, today)


def weekday_of(value: date, today: date) -> str:
    """Write a day with its weekday, for a chart: Mon 2 Nov, Mon 3 Nov 2025."""
    return written(value, _shape("weekday", value, today))


def short_weekday(value: date) -> str:
    """Write a day with its weekday and without its year: Mon 2 Nov."""
    return written(value, "weekday")


def heading_of(value: date, today: date) -> tuple[str, str]:
    """Write a day as a heading, and the smaller text behind it.

    ("Today", "Thursday 26 November"), ("Tuesday", "24 November") within the last week, else
    ("Saturday 14 November", ""); a day of another year has its year.
    """
    whole = _opening(written(value, _shape("full", value, today)))
    if _is_named(value, today):
        return _opening(day_words(value, today)), whole
    if today - _WEEK < value < today:
        return _opening(written(value, "name")), written(value, _shape("long", value, today))
    return whole, ""


def span_of(first: date, last: date, today: date) -> str:
    """Write a stretch of days, both included, with a dash: 28 Oct, 26 Nov.

    The year stands only where it is not this one, or where the days are of two years.
    """
    if first == last:
        return day_of(first, today)
    if first.year != last.year:
        return between(written(first, "day_of_year"), written(last, "day_of_year"))
    return between(short_day(first), day_of(last, today))


def duration(seconds: float | None) -> str:
    """Write a duration: 48s, 1m 10s, 1h 04m, 3d 03h."""
    if seconds is None:
        return NOTHING
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02d}s"
    if whole < _DAY_S:
        return f"{whole // 3600}h {whole % 3600 // 60:02d}m"
    return f"{decimal(whole // _DAY_S)}d {whole % _DAY_S // 3600:02d}h"


def machine_time(value: Instant) -> str:
    """Write an instant for a `datetime` attribute: 2026-11-03T14:05:09Z."""
    utc = local(value, "UTC").replace(tzinfo=None)
    return f"{utc.isoformat(timespec='seconds')}Z"


def at_clock(day: str, value: datetime) -> str:
    """Write a time of day behind words of ours for its day: today, 13:32."""
    return f"{day}, {clock_of(value)}"


def _moment(value: datetime, today: date) -> str:
    day = day_words(value.date(), today)
    if _is_named(value.date(), today):
        return at_clock(day, value)
    return moment_of(day, clock_of(value))


def _seen(value: datetime, today: date) -> str:
    return clock_of(value) if value.date() == today else day_words(value.date(), today)


def _day(value: datetime, today: date) -> str:
    return day_words(value.date(), today)


def _headed(value: datetime, today: date) -> str:
    day = value.date()
    if _is_named(day, today):
        return at_clock(heading_of(day, today)[0], value)
    return _opening(moment_of(written(day, _shape("full", day, today)), clock_of(value)))


def _clock(value: datetime, _today: date) -> str:
    return clock_of(value)


def _exactly(value: datetime, _today: date) -> str:
    return moment_of(written(value, "day_of_year"), written(value, "clock_to_second"))


def _is_named(value: date, today: date) -> bool:
    """Return whether a day is called by a word of ours instead of its date."""
    return value in (today, today - timedelta(days=1))


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
        return _TIME.format(machine_time(value), _lang(text), _opening(text) if opens else text)

    return written


def _lang(text: str) -> Markup:
    """Return the attribute of the language of a date's words, '' for that of the page."""
    form = reader()
    is_ours = form.is_english or text.lower().startswith(_OUR_WORDS)
    return Markup("") if is_ours else _LANG.format(form.tag)


def _opening(text: str) -> str:
    return text[:1].upper() + text[1:]
