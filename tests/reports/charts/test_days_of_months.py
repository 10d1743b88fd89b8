"""Steps of other lengths say how many days stand beside how many, and are compared per day."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from reports.charts.line_chart import ChartRow, chart_of
from reports.figures.figures import Step, cut_steps
from reports.figures.over_time import with_days
from reports.url.periods import Period, read_period
from reports.url.steps import Bucket, buckets

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def labels(query: dict[str, str]) -> list[str]:
    """Return the names of the months of a period, of which each has a visit."""
    return [row.label for row in charted(query)]


def charted(query: dict[str, str], metric: str = "visits") -> tuple[ChartRow, ...]:
    """Return the rows of a chart, by months unless it says otherwise."""
    period = read_period({"by": "month", **query}, "Europe/Berlin", NOW)
    theirs = buckets(period.before, period.zone, period.by) if period.before else ()
    mine = buckets(period.window, period.zone, period.by)
    cut = cut_steps(
        steps(mine, len(theirs), period), period.by, (period.first, period.last), period.local_now
    )
    return chart_of("Visits", with_days(cut, period, theirs, metric), period.by).rows


def steps(mine: Sequence[Bucket], count: int, period: Period) -> list[Step]:
    return [
        Step(one, 1 if one.local <= period.local_now else None, 1 if index < count else None)
        for index, one in enumerate(mine)
    ]


def test_the_last_twelve_months_begin_and_end_with_months_of_other_lengths() -> None:
    found = labels({"period": "12m"})

    assert found[0] == "Dec 2025, 31 days against 28"
    assert found[1:3] == ["Jan 2026, 31 days", "Feb 2026, 28 days"]
    assert found[-1] == "Nov 2026, so far, 27 days against 30"


def test_a_february_beside_a_january_says_both_lengths() -> None:
    days = {"period": "custom", "from": "2026-02-01", "to": "2026-03-31"}
    against = {"against": "custom", "against_from": "2026-01-01", "against_to": "2026-02-28"}

    assert labels(days | against) == [
        "Feb 2026, 28 days against 31",
        "Mar 2026, 31 days against 28",
    ]
    assert labels(days | {"against": "none"}) == ["Feb 2026, 28 days", "Mar 2026, 31 days"]


def test_a_month_that_has_just_begun_and_one_to_come() -> None:
    days = {"period": "custom", "from": "2026-11-27", "to": "2026-12-31", "against": "none"}

    assert labels(days) == ["Nov 2026, so far, 1 day", "Dec 2026"]


def test_weeks_that_the_period_cuts_at_other_weekdays_are_compared_per_day() -> None:
    rows = charted({"period": "30d", "by": "week"})

    assert rows[0].label == "Week of Mon 26 Oct, in part, 4 days against 6"
    assert rows[1].label == "Week of Mon 2 Nov"
    assert rows[4].label == "Week of Mon 23 Nov, so far, 5 days against 3"
    changes = [row.change for row in rows]
    assert changes == pytest.approx([0.5, 0, 0, 0, 3 / (4 + 13 / 24) - 1])  # 13:00 in Berlin

    people = [row.change for row in charted({"period": "30d", "by": "week"}, "visitors")]
    assert people == [None, 0, 0, 0, None]  # who comes on several days counts once


def test_an_hour_or_a_day_that_still_runs_has_no_change_beside_a_whole_one() -> None:
    days, hours = charted({"period": "7d", "by": "day"}), charted({"period": "today", "by": "hour"})

    assert [row.change for row in days] == [0, 0, 0, 0, 0, 0, None]
    assert [row.change for row in hours[12:15]] == [0, None, None]
    assert hours[13].label.endswith(", so far")
