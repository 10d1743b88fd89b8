"""Local days: when they begin and which one a time belongs to, through every clock change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import ibis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.local_days import as_date, day_of, day_start, local_day, number_of, offsets

ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "America/Santiago", "Africa/Cairo",
    "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Kiritimati", "Africa/Casablanca",
)  # fmt: skip
BEGIN, END = 1_735_689_600_000, 1_861_920_000_000  # 2025 to 2028
TIMES = st.integers(BEGIN, END)


def _local(time: int, zone: str) -> date:
    return (
        (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=time))
        .astimezone(ZoneInfo(zone))
        .date()
    )


@given(TIMES, st.sampled_from(ZONES))
def test_the_local_day_is_that_of_the_local_date(time, zone):
    assert as_date(local_day(time, zone)) == _local(time, zone)
    assert number_of(_local(time, zone)) == local_day(time, zone)


@given(st.integers(BEGIN // 86_400_000, END // 86_400_000), st.sampled_from(ZONES))
def test_a_day_begins_with_its_first_millisecond(day, zone):
    start = day_start(day, zone)
    assert local_day(start, zone) == day
    assert local_day(start - 1, zone) == day - 1


def test_a_day_that_clocks_skip_begins_with_the_next_one():
    skipped = number_of(date(2011, 12, 30))
    assert day_start(skipped, "Pacific/Apia") == day_start(skipped + 1, "Pacific/Apia")


def test_a_day_without_a_midnight_begins_with_the_change_of_clocks():
    start = day_start(number_of(date(2026, 9, 6)), "America/Santiago")
    begin = datetime.fromtimestamp(start / 1000, ZoneInfo("America/Santiago"))
    assert (begin.hour, begin.minute) == (1, 0)


@pytest.mark.parametrize("zone", ZONES)
def test_an_expression_finds_the_same_days_as_python(zone):
    found = offsets(BEGIN, END, zone)
    changes = [until for until, _ in found if until is not None]
    near = [change + step for change in changes for step in (-3_600_001, -1, 0, 1, 3_600_000)]
    times = [BEGIN, *range(BEGIN, END, 37 * 3_600_000), *near, END]
    asked = ibis.table({"time": "int64"}, name="asked")
    sql = ibis.to_sql(asked.select("time", day=day_of(asked.time, found)), dialect="duckdb")
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE asked AS SELECT unnest(?::BIGINT[]) AS time", [times])
        rows = connection.execute(str(sql)).fetchall()
    assert dict(rows) == {time: local_day(time, zone) for time in times}


def test_an_offset_that_never_changes_is_one():
    assert offsets(BEGIN, END, "Asia/Kolkata") == ((None, 19_800_000),)
