"""A chart by months says how many days of each month stand beside how many."""

from collections.abc import Sequence
from datetime import UTC, datetime

from reports.charts.line_chart import chart_of
from reports.figures.figures import Step
from reports.figures.over_time import with_days
from reports.url.periods import Period, read_period
from reports.url.steps import Bucket, buckets

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def labels(query: dict[str, str]) -> list[str]:
    """Return the names of the months of a period, of which each has a visit."""
    period = read_period({"by": "month", **query}, "Europe/Berlin", NOW)
    theirs = buckets(period.before, period.zone, "month") if period.before else ()
    mine = buckets(period.window, period.zone, "month")
    months = with_days(steps(mine, len(theirs), period), period, theirs)
    return [row.label for row in chart_of("Visits", months, "month").rows]


def steps(mine: Sequence[Bucket], count: int, period: Period) -> list[Step]:
    return [
        Step(one, 1 if one.local <= period.local_now else None, 1 if index < count else None)
        for index, one in enumerate(mine)
    ]


def test_the_last_twelve_months_begin_and_end_with_months_of_other_lengths() -> None:
    found = labels({"period": "12m"})

    assert found[0] == "Dec 2025, 31 days against 28"
    assert found[1:3] == ["Jan 2026, 31 days", "Feb 2026, 28 days"]
    assert found[-1] == "Nov 2026, 27 days against 30"


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

    assert labels(days) == ["Nov 2026, 1 day", "Dec 2026"]
