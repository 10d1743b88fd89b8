"""When reports are due: by the site's clocks, once a period, through clock changes."""

from datetime import UTC, date, datetime

import pytest

from reports.mail.schedule import due_days, last_days

BEGINNING = 0


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("what", "now", "first", "last"),
    [
        ("day", "2026-11-27T05:59", "2026-11-25", "2026-11-25"),  # 06:59 in Berlin
        ("day", "2026-11-27T06:00", "2026-11-26", "2026-11-26"),
        ("week", "2026-11-30T05:59", "2026-11-16", "2026-11-22"),
        ("week", "2026-11-30T06:00", "2026-11-23", "2026-11-29"),
        ("week", "2026-12-04T06:00", "2026-11-23", "2026-11-29"),  # not sent on Monday
        ("month", "2026-12-01T05:59", "2026-10-01", "2026-10-31"),
        ("month", "2026-12-01T06:00", "2026-11-01", "2026-11-30"),
        ("month", "2027-01-01T06:00", "2026-12-01", "2026-12-31"),
        ("month", "2028-03-01T06:00", "2028-02-01", "2028-02-29"),
    ],
)
def test_a_report_is_due_from_seven_in_berlin(what: str, now: str, first: str, last: str) -> None:
    days = (date.fromisoformat(first), date.fromisoformat(last))
    assert due_days(what, 7, "Europe/Berlin", BEGINNING, at(now)) == days


def test_a_report_is_not_due_for_a_time_before_it_was_turned_on() -> None:
    since = round(at("2026-11-27T08:00").timestamp() * 1000)
    assert due_days("day", 7, "Europe/Berlin", since, at("2026-11-27T09:00")) is None
    assert due_days("day", 7, "Europe/Berlin", since, at("2026-11-28T05:59")) is None
    assert due_days("day", 7, "Europe/Berlin", since, at("2026-11-28T06:00"))


def test_an_hour_that_a_clock_change_skips_or_repeats_makes_one_report() -> None:
    """In Berlin 02:00 to 03:00 does not exist on 29 March 2026, and comes twice on 25 October."""
    for change, hours in (("2026-03-29", 4), ("2026-10-25", 5)):
        day = date.fromisoformat(change)
        found = [
            due_days("day", 2, "Europe/Berlin", BEGINNING, at(f"{change}T{hour:02}:30"))
            for hour in range(hours)
        ]
        about = [days[0].day for days in found if days]
        assert about == sorted(about)
        assert set(about) == {day.day - 2, day.day - 1} or set(about) == {day.day - 1}


def test_the_last_report_that_can_be_made_today_is_of_whole_days() -> None:
    friday = date(2026, 11, 27)
    assert last_days("day", friday) == (date(2026, 11, 26), date(2026, 11, 26))
    assert last_days("week", friday) == (date(2026, 11, 16), date(2026, 11, 22))
    assert last_days("month", friday) == (date(2026, 10, 1), date(2026, 10, 31))
