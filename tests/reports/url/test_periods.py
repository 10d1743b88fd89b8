"""Periods and steps: local days through every clock change, equal lengths, clear refusals."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.errors import Malformed
from reports.url.periods import PERIODS, Window, read_period
from reports.url.steps import buckets, facing, moment_of, shifts

NOW = datetime(2026, 3, 29, 10, 7, tzinfo=UTC)  # Berlin changed its clocks this night


def utc_of(*deps: int) -> datetime:
    """Return a naive datetime that means UTC, as the warehouse keeps them."""
    return datetime(*deps, tzinfo=UTC).replace(tzinfo=None)


ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "Africa/Cairo",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kiritimati",
]


def _days(name: str) -> tuple[str, str]:
    period = read_period({"period": name}, "Europe/Berlin", NOW, utc_of(2025, 12, 31, 23))
    return str(period.first), str(period.last)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("today", "2026-03-29", "2026-03-29"),
        ("yesterday", "2026-03-28", "2026-03-28"),
        ("7d", "2026-03-23", "2026-03-29"),
        ("30d", "2026-02-28", "2026-03-29"),
        ("90d", "2025-12-30", "2026-03-29"),
        ("month", "2026-03-01", "2026-03-29"),
        ("last-month", "2026-02-01", "2026-02-28"),
        ("12m", "2025-04-01", "2026-03-29"),
        ("all", "2026-01-01", "2026-03-29"),
    ],
)
def test_each_named_period_holds_its_local_days(name: str, first: str, last: str) -> None:
    assert _days(name) == (first, last)


def test_thirty_days_are_the_default() -> None:
    assert read_period({}, "UTC", NOW).name == "30d"


def test_the_day_of_the_change_to_summer_time_has_23_hours() -> None:
    window = read_period({"period": "today"}, "Europe/Berlin", NOW).window

    assert window == Window(utc_of(2026, 3, 28, 23), utc_of(2026, 3, 29, 22))
    steps = buckets(window, "Europe/Berlin", "hour")
    assert [step.local.hour for step in steps] == [0, 1, *range(3, 24)]


def test_the_day_of_the_change_to_winter_time_has_25_hours_and_two_of_two_o_clock() -> None:
    query = {"period": "custom", "from": "2026-10-25", "to": "2026-10-25"}
    window = read_period(query, "Europe/Berlin", NOW).window
    steps = buckets(window, "Europe/Berlin", "hour")

    assert window.end - window.start == timedelta(hours=25)
    assert [step.local.hour for step in steps] == [0, 1, 2, *range(2, 24)]
    assert len({step.key for step in steps}) == 25


@pytest.mark.parametrize(
    ("first", "last", "unequal"),
    [
        ("2026-10-25", "2026-10-26", {(25, 2): [2, None]}),  # 2 o'clock comes twice
        ("2026-10-26", "2026-10-27", {}),  # and did so in the days before, of which one shows
        ("2026-03-30", "2026-03-31", {(31, 2): [None]}),  # 29 March had none
    ],
)
def test_an_hour_stands_before_the_same_hour_of_the_clocks_through_every_change(
    first: str, last: str, unequal: dict[tuple[int, int], list[int | None]]
) -> None:
    query = {"period": "custom", "from": first, "to": last, "by": "hour"}
    period = read_period(query, "Europe/Berlin", datetime(2026, 11, 27, tzinfo=UTC))
    assert period.before
    mine, theirs = (buckets(one, period.zone, "hour") for one in (period.window, period.before))

    found: dict[tuple[int, int], list[int | None]] = {}
    for one, other in zip(mine, facing(mine, theirs, "hour"), strict=True):
        key = (one.local.day, one.local.hour)
        found.setdefault(key, []).append(other.local.hour if other else None)

    assert {key: hours for key, hours in found.items() if hours != [key[1]]} == unequal


def test_a_running_period_is_compared_up_to_the_same_local_time() -> None:
    period = read_period({"period": "7d"}, "Europe/Berlin", NOW)

    # 12:07 in Berlin is cut to 12:05, which a week before the clock change is 11:05 UTC.
    assert period.compared == Window(utc_of(2026, 3, 15, 23), utc_of(2026, 3, 22, 11, 5))
    assert period.before == Window(utc_of(2026, 3, 15, 23), utc_of(2026, 3, 22, 23))


def test_a_past_period_is_compared_with_the_days_just_before() -> None:
    period = read_period({"period": "last-month"}, "UTC", NOW)

    assert period.compared == Window(utc_of(2026, 1, 4), utc_of(2026, 2, 1))


def test_all_time_has_nothing_before_and_an_empty_site_has_today() -> None:
    period = read_period({"period": "all"}, "UTC", NOW)

    assert period.compared is None
    assert (period.first, period.last) == (date(2026, 3, 29), date(2026, 3, 29))


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"period": "fortnight"}, "period"),
        ({"period": ""}, "period"),
        ({"period": "custom"}, "from"),
        ({"period": "custom", "from": "2026-02-30", "to": "2026-03-01"}, "from"),
        ({"period": "custom", "from": "20260201", "to": "2026-03-01"}, "from"),
        ({"period": "custom", "from": "2026-W05-1", "to": "2026-03-01"}, "from"),
        ({"period": "custom", "from": "1999-12-31", "to": "2026-03-01"}, "from"),
        ({"period": "custom", "from": "2026-02-01", "to": "2030-01-01"}, "to"),
        ({"period": "custom", "from": "2026-02-02", "to": "2026-02-01"}, "to"),
        ({"period": "custom", "from": "2026-02-02", "to": "<script>"}, "to"),
        ({"by": "minute"}, "by"),
        ({"period": "90d", "by": "hour"}, "by"),
    ],
)
def test_a_wrong_value_is_refused_by_its_field(query: dict[str, str], field: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_period(query, "Europe/Berlin", NOW)

    assert caught.value.field == field
    assert "<" not in caught.value.message


@pytest.mark.parametrize(
    ("query", "by"),
    [
        ({"period": "today"}, "hour"),
        ({"period": "30d"}, "day"),
        ({"period": "12m"}, "month"),
        ({"period": "custom", "from": "2026-01-01", "to": "2026-05-31"}, "week"),
        ({"period": "30d", "by": "week"}, "week"),
    ],
)
def test_the_chart_takes_the_step_that_fits_or_the_one_that_is_asked_for(
    query: dict[str, str], by: str
) -> None:
    period = read_period(query, "UTC", NOW)

    assert period.by == by
    assert by in period.grains


def test_west_of_greenwich_the_tally_of_this_hour_belongs_to_today() -> None:
    evening = datetime(2026, 3, 2, 3, tzinfo=UTC)  # 1 March, 10 p.m. in New York
    period = read_period({"period": "today"}, "America/New_York", evening)

    assert period.utc_days == (date(2026, 3, 1), date(2026, 3, 2))


MOMENTS = st.datetimes(utc_of(2019, 1, 1), utc_of(2027, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0)
)


def _key(moment: datetime, window: Window, zone: str, by: str) -> datetime:
    """Cut a moment as the question does."""
    for until, shift in shifts(window, zone, by):
        if until is None or moment < moment_of(until):
            local = moment + timedelta(milliseconds=shift)
            break
    if by == "hour":
        return local.replace(minute=0, second=0, microsecond=0)
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    cuts = {"day": 0, "week": day.weekday(), "month": day.day - 1}
    return day - timedelta(days=cuts[by])


@given(MOMENTS, st.sampled_from(ZONES), st.sampled_from(["hour", "day", "week", "month"]))
def test_every_moment_falls_into_a_step_of_its_local_day(
    moment: datetime, zone: str, by: str
) -> None:
    local = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    first, last = local.date() - timedelta(days=3), local.date() + timedelta(days=3)
    query = {"period": "custom", "from": f"{first}", "to": f"{last}"}
    window = read_period(query, zone, datetime(2027, 12, 31, tzinfo=UTC)).window
    keys = {step.key: step for step in buckets(window, zone, by)}

    assert window.start <= moment < window.end
    step = keys[_key(moment, window, zone, by)]
    if by == "hour":
        assert step.local == local.replace(tzinfo=None, minute=0, second=0)
    else:
        assert step.local.date() <= local.date()
        assert by != "day" or step.local.date() == local.date()


@given(MOMENTS, st.sampled_from(ZONES), st.sampled_from([*PERIODS.keys() - {"custom"}]))
def test_the_period_before_ends_where_the_period_begins_and_is_as_many_days(
    moment: datetime, zone: str, name: str
) -> None:
    period = read_period({"period": name}, zone, moment.replace(tzinfo=UTC))
    if period.before is None:
        return

    assert period.before.end == period.window.start
    assert period.previous.days == period.days
    assert period.before.start <= period.compared.end <= period.before.end
