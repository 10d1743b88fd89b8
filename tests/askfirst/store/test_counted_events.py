"""Events that were counted lately are known again, for two days and in bounded memory."""

from hypothesis import given
from hypothesis import strategies as st

from askfirst.store.ledger.counted_events import REMEMBERED_MS, CountedEvents

SENT = st.lists(st.tuples(st.integers(1, 2), st.integers(0, 5).map(str)), max_size=20)


@given(SENT)
def test_law_8_each_event_of_a_site_is_new_once(sent: list[tuple[int, str]]):
    counted = CountedEvents()

    assert sum(counted.new(site, [one], 0) for site, one in sent) == len(set(sent))


def test_an_event_is_known_for_two_days_at_least_and_not_for_ever():
    counted = CountedEvents()
    assert counted.new(1, ["a"], 1) == 1
    assert counted.new(1, ["b"], REMEMBERED_MS) == 1
    assert counted.new(1, ["a", "b"], REMEMBERED_MS) == 0
    assert counted.new(1, ["a", "b"], 2 * REMEMBERED_MS - 1) == 0
    assert counted.new(1, ["a", "b"], 4 * REMEMBERED_MS) in (1, 2)
    assert counted.new(1, ["c"], 6 * REMEMBERED_MS) == 1
    assert counted.new(1, ["a", "b"], 8 * REMEMBERED_MS) == 2


def test_no_more_than_twice_so_many_are_kept_and_the_latest_are():
    counted = CountedEvents(most=3)
    for number in range(100):
        assert counted.new(1, [str(number)], 0) == 1
        assert counted.new(1, [str(max(number - 1, 0))], 0) == 0
        assert len(counted._younger) + len(counted._older) <= 6
