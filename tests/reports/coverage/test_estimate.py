"""The estimate for all page loads: right on average, never below what is known."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.coverage.estimate import DayCounts, estimate_of, rounded, scaled, share_range

DAYS = st.builds(DayCounts, st.integers(0, 5000), st.integers(0, 5000), st.integers(0, 5000))


def test_each_day_is_divided_by_its_own_share() -> None:
    found = estimate_of([DayCounts(100, 50, 20), DayCounts(100, 25, 20)])
    assert found is not None

    assert found.about == 120  # 20 / 0.5 + 20 / 0.25, and not 40 / 0.375
    # variances: 20 * .5 / .25 + 1600 * .5 / 50 = 56, and 20 * .75 / .0625 + 6400 * .75 / 25 = 432
    assert (found.low, found.high) == (77, 163)


def test_where_everything_was_recorded_there_is_nothing_to_guess() -> None:
    found = estimate_of([DayCounts(100, 100, 30)])
    assert found is not None

    assert (found.low, found.about, found.high) == (30, 30, 30)


def test_days_whose_share_cannot_be_told_count_as_recorded() -> None:
    found = estimate_of([DayCounts(100, 50, 20), DayCounts(0, 5, 3), DayCounts(5, 9, 4)])
    assert found is not None

    assert (found.about, found.unknown_days, found.recorded) == (47, 2, 27)
    assert estimate_of([DayCounts(0, 5, 3)]) is None
    assert estimate_of([]) is None


@given(st.lists(DAYS, max_size=9))
def test_an_estimate_lies_in_its_range_and_not_below_what_was_recorded(
    days: list[DayCounts],
) -> None:
    found = estimate_of(days)
    if found is None:
        return

    assert found.recorded <= found.low <= found.about <= found.high
    assert scaled(found, found.recorded).about == found.about


def test_the_range_holds_the_truth_in_about_95_of_100_repeats() -> None:
    luck, held = random.Random(3), 0
    for _ in range(400):
        days = []
        for _day in range(10):
            loads, truth, share = 300, 60, 0.4
            views = sum(luck.random() < share for _ in range(loads))
            days.append(DayCounts(loads, views, sum(luck.random() < share for _ in range(truth))))
        found = estimate_of(days)
        assert found is not None
        held += found.low <= 600 <= found.high

    assert 0.91 <= held / 400 <= 0.99


@pytest.mark.parametrize(("number", "words"), [(0.4, 0), (7, 7), (2837, 2840), (99_960, 100_000)])
def test_an_estimate_is_written_with_three_digits(number: float, words: int) -> None:
    assert rounded(number) == words


def test_the_share_of_a_page_is_a_range_because_its_first_loads_have_no_name() -> None:
    assert share_range(60, 100, 20) == (0.5, 0.6)
    assert share_range(110, 100, 20) == (pytest.approx(110 / 120), 1.0)
    assert share_range(121, 100, 20) is None
    assert share_range(1, 0, 20) is None
