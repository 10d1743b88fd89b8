"""Groups, mean and median of numbers that occur so often."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.returning.cohort_table import DARKEST, cohort_table
from reports.returning.distributions import DAYS, VISITS, grouped, mean_of, median_of
from reports.returning.steps import Interval
from reports.url.steps import moment_of

COUNTS = st.dictionaries(st.integers(0, 200), st.integers(1, 9), max_size=8)


@given(COUNTS)
def test_mean_and_median_are_those_of_the_numbers_one_by_one(counts: dict[int, int]) -> None:
    every = [number for number, times in counts.items() for _ in range(times)]
    if not every:
        assert (mean_of(counts), median_of(counts)) == (None, None)
        return
    assert mean_of(counts) == pytest.approx(statistics.mean(every))
    assert median_of(counts) == statistics.median(every)


@given(COUNTS)
def test_groups_have_everything_once(counts: dict[int, int]) -> None:
    groups = grouped(counts, DAYS)
    assert sum(group.count for group in groups) == sum(counts.values())
    if groups:
        assert sum(group.share for group in groups) == pytest.approx(1)
        assert max(group.part for group in groups) == 100
        assert groups[-1].count


def test_groups_have_their_bounds() -> None:
    found = {group.label: group.count for group in grouped({4: 1, 5: 2, 9: 4, 10: 8}, VISITS)}
    assert found == {"1": 0, "2": 0, "3": 0, "4": 1, "5 to 9": 6, "10 to 19": 8}


CELLS = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda key: key[0] <= key[1]),
    st.integers(1, 50),
)


@given(CELLS, st.integers(1, 8))
def test_a_cell_of_the_table_is_who_came_back_of_its_row(
    cells: dict[tuple[int, int], int], ahead: int
) -> None:
    steps = [Interval(n, str(n), moment_of(0), is_whole=n < 5) for n in range(6)]
    table = cohort_table(cells, steps, ahead)
    for row in table.cohorts:
        cohort = int(row.label)
        assert row.visitors == cells.get((cohort, cohort), 0)
        for n, cell in enumerate(row.cells, start=1):
            if cell is None:
                assert cohort + n > 5 or not row.visitors
                continue
            assert cell.visitors == cells.get((cohort, cohort + n), 0)
            assert cell.share == cell.visitors / row.visitors
            assert (cell.level > 0) == (cell.visitors > 0)
            assert cell.level <= DARKEST
            assert cell.is_whole == (cohort + n < 5)
    for n, (share, back, size) in enumerate(table.whole, start=1):
        over = [row for row in table.cohorts if int(row.label) + n < 5 and row.visitors]
        assert size == sum(row.visitors for row in over)
        assert back == sum(cells.get((int(r.label), int(r.label) + n), 0) for r in over)
        assert share == (back / size if size else None)
