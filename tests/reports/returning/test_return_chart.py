"""The marks below the chart of new and returning visitors."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from reports.returning.chart import return_chart
from reports.returning.cohort_table import NewAndReturning


@pytest.mark.parametrize("weeks", [3, 5, 6, 12, 14, 27, 53])
def test_marks_of_a_phone_are_a_third_of_the_chart_apart(weeks: int) -> None:
    """At 360 pixels the chart has 225, and "24. Aug." 45: four weeks of fourteen are 64."""
    starts = [datetime(2026, 1, 5, tzinfo=UTC) + timedelta(weeks=n) for n in range(weeks)]
    rows = [NewAndReturning("", 1, 1, True)] * weeks
    marks = [one.x for one in return_chart(rows, starts, "week").marks if not one.is_minor]

    assert all(later - one > 33 for one, later in pairwise(marks))
