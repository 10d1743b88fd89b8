"""The fail points that the tests of crashes use are methods that there are."""

import pytest

from tests.faults import failing


@pytest.mark.parametrize("point", failing.POINTS)
def test_a_fail_point_is_a_method_that_there_is(point: str):
    """The long tests of crashes are not part of every run, and would find out late."""
    owner, method, where = failing.POINTS[point]
    assert callable(getattr(owner, method))
    assert where in failing.WRAPPERS
