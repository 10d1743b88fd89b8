"""Tries are counted by name, each name in a minute of its own."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.errors import TooFast
from askfirst.sign_in.try_limiter import TryLimiter
from tests.factories import StoppedClock


def passed(limiter: TryLimiter, name: str, times: int) -> int:
    return [limiter.passes(name) for _ in range(times)].count(True)


def test_a_names_minute_begins_with_its_first_try_and_refused_tries_do_not_prolong_it():
    clock = StoppedClock()
    limiter = TryLimiter(2, clock)
    clock.move(ms=50 * 1000)
    assert passed(limiter, "a", 5) == 2
    clock.move(ms=59_999)
    assert passed(limiter, "a", 1) == 0
    assert passed(limiter, "b", 1) == 1
    clock.move(ms=1)
    assert passed(limiter, "a", 5) == 2
    assert passed(limiter, "b", 5) == 1


def test_who_has_no_try_left_is_told_to_wait_a_minute():
    limiter = TryLimiter(1, StoppedClock())
    limiter.take("a")
    with pytest.raises(TooFast) as refused:
        limiter.take("a")
    assert refused.value.retry_after == 60


def test_a_try_given_back_may_be_made_again_and_refused_tries_stay_counted():
    limiter = TryLimiter(2, StoppedClock())
    assert passed(limiter, "a", 2) == 2
    limiter.give_back("a")
    assert passed(limiter, "a", 2) == 1
    limiter.give_back("a")
    assert passed(limiter, "a", 1) == 0


def test_a_name_whose_tries_all_came_back_begins_anew():
    clock = StoppedClock()
    limiter = TryLimiter(1, clock)
    limiter.take("a")
    limiter.give_back("a")
    clock.move(ms=59 * 1000)
    assert passed(limiter, "a", 2) == 1
    clock.move(ms=59 * 1000)
    assert passed(limiter, "a", 1) == 0


def test_a_try_given_back_after_its_minute_makes_no_more_tries():
    clock = StoppedClock()
    limiter = TryLimiter(1, clock)
    limiter.take("a")
    clock.move(minutes=1)
    limiter.give_back("a")
    assert passed(limiter, "a", 3) == 1


@given(
    tries=st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 20_000)), max_size=60),
    most=st.integers(1, 3),
)
def test_what_passes_is_what_fits_into_the_minutes_of_each_name(
    tries: list[tuple[str, int]], most: int
):
    clock = StoppedClock()
    limiter = TryLimiter(most, clock)
    minutes: defaultdict[str, list[int]] = defaultdict(list)
    for name, later in tries:
        clock.move(ms=later)
        if minutes[name] and clock() - minutes[name][0] >= 60_000:
            minutes[name].clear()
        minutes[name].append(clock())
        assert limiter.passes(name) == (len(minutes[name]) <= most)


def test_the_memory_is_bounded_and_forgets_the_oldest_name_first():
    clock = StoppedClock()
    limiter = TryLimiter(1, clock, most_names=3)
    assert [passed(limiter, name, 2) for name in "abcd"] == [1, 1, 1, 1]
    assert [passed(limiter, name, 1) for name in "bcd"] == [0, 0, 0]
    assert len(limiter._usages) == len(limiter._begun) == 3
    clock.move(minutes=1)
    assert passed(limiter, "e" * 10_000, 2) == 1
    assert [len(name) for name in limiter._usages] == [300]
    assert list(limiter._begun) == list(limiter._usages)


@pytest.mark.parametrize("backwards", [1, 3600])
def test_a_clock_that_goes_back_locks_nobody_out(backwards: int):
    clock = StoppedClock()
    limiter = TryLimiter(1, clock)
    limiter.take("a")
    clock.move(ms=-backwards * 1000)
    assert passed(limiter, "a", 2) == 1
