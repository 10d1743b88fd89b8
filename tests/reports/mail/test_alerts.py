"""What is unusual enough for an alert, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.mail.alerts import many_errors, silent_since, usual_rate, usual_visits

WEEK = [30] * 24 * 7


@pytest.mark.parametrize(
    ("visits", "earlier", "usual"),
    [
        (50, [100, 110, 90, 100], 100),  # half
        (0, [100, 110, 90, 100], 100),
        (51, [100, 110, 90, 100], None),
        (200, [100, 110, 90, 100], 100),  # twice
        (199, [100, 110, 90, 100], None),
        (0, [4, 5, 6, 5], None),  # too few to tell
        (40, [10, 12, 11, 10], None),
        (300, [100, 100, 400, 100], None),  # it was like that before
        (0, [100, 100, 0, 0], None),  # two weeks are too few
        (500, [0, 0, 0, 0], None),  # a new site
    ],
)
def test_traffic_is_unusual_from_half_or_twice_the_usual_on(
    visits: int, earlier: list[int], usual: int | None
) -> None:
    assert usual_visits(visits, earlier) == usual


@given(st.integers(30, 10_000))
def test_the_usual_is_never_unusual(visits: int) -> None:
    assert usual_visits(visits, [visits] * 4) is None


@pytest.mark.parametrize(
    ("day", "earlier", "usual"),
    [
        ((400, 1000), [(600, 1000)] * 4, 0.6),
        ((500, 1000), [(600, 1000)] * 4, pytest.approx(0.6)),  # ten points
        ((510, 1000), [(600, 1000)] * 4, None),
        ((50, 100), [(600, 1000)] * 4, None),  # chance can make that of 100 loads
        ((40, 100), [(600, 1000)] * 4, 0.6),
        ((10, 99), [(600, 1000)] * 4, None),  # too few loads
        ((10, 1000), [(600, 1000), (600, 1000), (5, 10), (0, 0)], None),
        ((1200, 1000), [(600, 1000)] * 4, None),  # more views than loads: no rate is known
        ((700, 1000), [(600, 1000)] * 4, None),  # it rose
    ],
)
def test_the_consent_rate_has_fallen_by_ten_points_and_more_than_by_chance(
    day: tuple[int, int], earlier: list[tuple[int, int]], usual: float | None
) -> None:
    assert usual_rate(day, earlier) == usual


def test_silence_is_told_where_these_hours_of_the_week_always_had_views() -> None:
    hours = [*WEEK * 4, 7, 0, 0, 0, 0]  # three whole hours, and the running one
    assert silent_since(hours, 3) == len(hours) - 5
    assert silent_since(hours, 4) is None


def test_a_silence_keeps_its_beginning_so_that_it_is_told_once() -> None:
    hours = [*WEEK * 4, 7, *[0] * 12]
    assert {silent_since(hours[: len(WEEK) * 4 + n], 3) for n in (5, 6, 9, 13)} == {len(WEEK) * 4}


@pytest.mark.parametrize(
    "hours",
    [
        [*([0] * 24 * 7) * 4, 7, 0, 0, 0, 0],  # it is always quiet then
        [*WEEK * 2, 7, 0, 0, 0, 0],  # two weeks are too few
        [*[3] * 24 * 28, 7, 0, 0, 0, 0],  # nine views in three hours
        [*WEEK * 4, 7, 0, 0, 0, 1],  # the running hour has one
        [0] * 24 * 29,
        [],
    ],
)
def test_a_silence_that_is_usual_or_over_is_not_told(hours: list[int]) -> None:
    assert silent_since(hours, 3) is None


def test_a_page_that_is_not_found_is_told_from_twenty_views_and_ten_visitors_on() -> None:
    assert many_errors(20, 10, 0, 10)
    assert not many_errors(19, 10, 0, 10)
    assert not many_errors(500, 9, 0, 10)  # one program, or one person
    assert not many_errors(60, 50, 20, 10)  # three times the usual is not more
    assert many_errors(61, 50, 20, 10)
