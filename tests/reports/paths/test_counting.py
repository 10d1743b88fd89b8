"""Parts make up the whole, each once."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from reports.paths.counting import MOST_VISITS, edges_of, parts_of
from reports.questions.scope import scope_between

VISITS = st.integers(0, 20 * MOST_VISITS)


@given(st.integers(0, 10**12), st.integers(0, 10**11), VISITS)
def test_parts_of_a_scope_follow_each_other(start: int, length: int, visits: int) -> None:
    scope = scope_between(1, start, start + length)
    parts = parts_of(scope, visits)
    assert (parts[0].start, parts[-1].end) == (scope.start, scope.end)
    assert all(one.end == two.start for one, two in pairwise(parts))
    assert all(one.open_from == one.start for one in parts)
    assert len(parts) * MOST_VISITS >= visits


@given(st.integers(0, 10**6), st.integers(0, 10**4), VISITS)
def test_parts_of_visitors_have_each_once(first: int, others: int, visits: int) -> None:
    edges = edges_of(first, first + others, visits)
    assert [key for one, last in edges for key in range(one, last + 1)] == list(
        range(first, first + others + 1)
    )
