"""A day, a time of day and a length of time have one form each on every page of staff."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from reports.formatting import dates
from tests.factories import NOON, StoppedClock

TODAY = date(2026, 1, 1)
ZONES = ("UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kolkata", "Pacific/Kiritimati")
INSTANTS = st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30))  # noqa: DTZ001 - naive UTC
DAYS = st.dates(date(2000, 1, 2), date(2099, 12, 30))


def _filters(now: datetime | int = NOON) -> dict[str, Callable[..., Any]]:
    at = now if isinstance(now, int) else round(now.replace(tzinfo=UTC).timestamp() * 1000)
    return dict(dates.filters(StoppedClock(at)))


def _text(markup: Any) -> str:
    return Markup(markup).striptags()


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("at", "moment", "seen", "day"),
    [
        ("2026-01-01T10:32:05", "today, 11:32", "11:32", "today"),
        ("2025-12-31T23:00:00", "today, 00:00", "00:00", "today"),
        ("2025-12-31T22:59:59", "yesterday, 23:59", "yesterday", "yesterday"),
        ("2025-12-30T22:59:59", "30 Dec 2025, 23:59", "30 Dec 2025", "30 Dec 2025"),
        ("2026-05-02T06:00:00", "2 May, 08:00", "2 May", "2 May"),
        ("2027-05-02T06:00:00", "2 May 2027, 08:00", "2 May 2027", "2 May 2027"),
    ],
)
def test_an_instant_is_written_beside_the_day_that_it_is_in_the_sites_zone(
    at: str, moment: str, seen: str, day: str
) -> None:
    filters, instant = _filters(), _utc(at)
    written = [_text(filters[name](instant, "Europe/Berlin")) for name in ("moment", "seen", "day")]

    assert written == [moment, seen, day]


def test_a_day_of_this_year_has_no_year() -> None:
    filters = _filters(_utc("2026-11-26T12:00:00"))

    assert _text(filters["moment"](_utc("2026-11-03T08:15:00"), "UTC")) == "3 Nov, 08:15"
    assert _text(filters["seen"](_utc("2026-11-03T08:15:00"), "UTC")) == "3 Nov"
    assert _text(filters["seen"](_utc("2025-11-03T08:15:00"), "UTC")) == "3 Nov 2025"


def test_what_an_auditor_compares_is_written_in_full_and_to_the_second() -> None:
    written = _filters()["exactly"](_utc("2026-01-01T10:32:05"), "Asia/Kolkata")

    assert _text(written) == "1 Jan 2026, 16:02:05"


@pytest.mark.parametrize(
    ("at", "text"),
    [
        ("2026-01-01T10:32", "Today, 10:32"),
        ("2025-12-31T10:32", "Yesterday, 10:32"),
        ("2025-12-30T10:32", "Tuesday 30 December 2025, 10:32"),
        ("2026-05-02T10:32", "Saturday 2 May, 10:32"),
    ],
)
def test_a_moment_as_a_heading_has_its_weekday(at: str, text: str) -> None:
    assert _text(_filters()["headed"](_utc(at), "UTC")) == text


def test_an_element_of_time_carries_the_instant_in_utc() -> None:
    for value in (NOON, datetime(2026, 1, 1, 12, tzinfo=UTC), _utc("2026-01-01T12:00:00.999")):
        written = _filters()["moment"](value, "Europe/Berlin", opens=True)
        assert written == '<time datetime="2026-01-01T12:00:00Z">Today, 13:00</time>'


def test_nothing_is_a_dash_and_no_element() -> None:
    assert {written(None, "UTC") for written in _filters().values()} == {"\N{EN DASH}"}


@given(INSTANTS, INSTANTS, st.sampled_from(ZONES))
def test_whatever_the_instant_it_has_one_of_the_forms_and_names_its_own_day(
    at: datetime, now: datetime, zone: str
) -> None:
    filters = _filters(now)
    month = r"\d{1,2} [A-Z][a-z]{2}"
    named = rf"(today|yesterday|{month}|{month} \d{{4}})"
    local = at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    here = now.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()
    moment = _text(filters["moment"](at, zone))
    day = _text(filters["day"](at, zone))

    assert re.fullmatch(named, day)
    assert moment == f"{day}, {local:%H:%M}"
    assert (day == "today") == (local.date() == here)
    assert (day == "yesterday") == (local.date() == here - timedelta(days=1))
    if day not in ("today", "yesterday"):
        assert day.split()[0] == str(local.day)
        assert day.endswith(str(local.year)) == (local.year != here.year)


@given(DAYS, st.integers(0, 4000), DAYS)
def test_a_stretch_of_days_tells_both_years_unless_both_are_this_one(
    first: date, days: int, today: date
) -> None:
    last = min(first + timedelta(days=days), date(2100, 1, 1))
    written = dates.span_of(first, last, today)
    years = set(re.findall(r"\d{4}", written))

    if first.year == last.year == today.year:
        assert not years
    else:
        assert years == {str(first.year), str(last.year)}
    assert written.startswith(f"{first.day} ")
    assert f"{last.day} {last:%b}" in written


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        ("2025-10-28", "2025-11-26", "28 Oct \N{EN DASH} 26 Nov 2025"),
        ("2026-02-01", "2026-02-28", "1 Feb \N{EN DASH} 28 Feb"),
        ("2025-12-03", "2026-01-01", "3 Dec 2025 \N{EN DASH} 1 Jan 2026"),
        ("2026-01-01", "2026-01-01", "1 Jan"),
    ],
)
def test_a_stretch_of_days_is_short(first: str, last: str, text: str) -> None:
    assert dates.span_of(date.fromisoformat(first), date.fromisoformat(last), TODAY) == text


@pytest.mark.parametrize(
    ("day", "heading"),
    [
        ("2026-01-01", ("Today", "Thursday 1 January")),
        ("2025-12-31", ("Yesterday", "Wednesday 31 December 2025")),
        ("2025-12-30", ("Tuesday", "30 December 2025")),
        ("2025-12-26", ("Friday", "26 December 2025")),
        ("2025-12-25", ("Thursday 25 December 2025", "")),
        ("2026-01-02", ("Friday 2 January", "")),
    ],
)
def test_a_heading_calls_a_day_by_the_name_that_is_unmistakable(
    day: str, heading: tuple[str, str]
) -> None:
    assert dates.heading_of(date.fromisoformat(day), TODAY) == heading


@given(DAYS, DAYS)
def test_no_two_days_have_one_heading(one: date, today: date) -> None:
    near = {one - timedelta(days=n) for n in range(400)}

    assert len({dates.heading_of(day, today)[0] for day in near}) == len(near)


def test_a_chart_names_the_weekday() -> None:
    assert dates.weekday_of(date(2026, 11, 2), date(2026, 11, 26)) == "Mon 2 Nov"
    assert dates.weekday_of(date(2025, 11, 3), date(2026, 11, 26)) == "Mon 3 Nov 2025"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (48, "48s"),
        (59.6, "1m 00s"),
        (70, "1m 10s"),
        (3599.7, "1h 00m"),
        (3840, "1h 04m"),
        (86_399, "23h 59m"),
        (93_784, "1d 02h"),
        (271_260, "3d 03h"),
        (None, "\N{EN DASH}"),
    ],
)
def test_a_length_of_time_has_two_units_at_most(seconds: float | None, text: str) -> None:
    assert dates.duration(seconds) == text


@given(st.floats(0, 10**7))
def test_a_length_of_time_read_back_is_off_by_less_than_its_smaller_unit(seconds: float) -> None:
    text = dates.duration(seconds)
    size = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
    deps = [(int(part[:-1]), part[-1]) for part in text.split()]
    read = sum(number * size[unit] for number, unit in deps)

    assert abs(read - seconds) <= {"s": 0.5, "m": 60, "h": 3600}[deps[-1][1]]
    assert all(number < 60 for number, _ in deps[1:])
