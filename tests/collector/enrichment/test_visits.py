"""Visits: they end by silence and after 24 hours, whatever comes in whichever order."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from askfirst.clock import DAY_MS
from collector.enrichment.visits import Visits
from tests.factories import NOON, an_entry

MINUTE = 60_000
SILENCE = 30 * MINUTE
GAPS = st.sampled_from([0, 1, MINUTE, 29 * MINUTE, SILENCE - 1, SILENCE, SILENCE + 1, DAY_MS])


def visits_at(times, silence=SILENCE):
    entries = [an_entry(event_id=str(n), happened_at=time) for n, time in enumerate(times)]
    return Visits(silence).assign(entries)


def test_an_event_24_hours_after_a_visit_began_begins_another():
    times = [NOON + minutes * MINUTE for minutes in range(0, 24 * 60 + 1, 20)]
    *first, last = visits_at(times)
    assert set(first) == {"0"}
    assert last == str(len(first))


def test_a_millisecond_earlier_it_belongs_to_the_visit():
    times = [NOON + minutes * MINUTE for minutes in range(0, 24 * 60, 20)]
    assert set(visits_at([*times, NOON + DAY_MS - 1])) == {"0"}


def test_the_24_hours_begin_with_the_first_event_also_where_it_came_late():
    late = NOON - 20 * MINUTE
    times = [NOON + minutes * MINUTE for minutes in range(0, 24 * 60, 20)]
    *first, last = visits_at([NOON, late, *times[1:]])
    assert set(first) == {"0"}
    assert last == str(len(first))


def test_what_the_warehouse_has_of_a_visit_counts_for_its_24_hours():
    visits = Visits(SILENCE)
    visits.learn(1, "a" * 32, "long", NOON - DAY_MS + MINUTE, NOON - MINUTE)
    entries = [an_entry(event_id="a", happened_at=NOON)]
    entries.append(an_entry(event_id="b", happened_at=NOON + MINUTE))
    assert visits.assign(entries) == ["long", "b"]


@given(st.lists(st.one_of(GAPS, st.just(29 * MINUTE)), max_size=120))
def test_visits_are_as_long_as_silence_and_24_hours_allow(gaps):
    times = [NOON + sum(gaps[:index]) for index in range(len(gaps) + 1)]
    ids = visits_at(times)
    begin = times[0]
    for (one, here), (another, there) in pairwise(zip(ids, times, strict=True)):
        goes_on = there - here < SILENCE and there - begin < DAY_MS
        assert (one == another) == goes_on
        begin = begin if goes_on else there


@given(st.lists(st.tuples(GAPS, st.booleans()), max_size=120))
def test_no_visit_lasts_24_hours_in_whichever_order_its_events_come(steps):
    times, now = [], NOON
    for gap, is_back in steps:
        now += -gap if is_back else gap
        times.append(now)
    found: dict[str, list[int]] = {}
    for visit, time in zip(visits_at(times), times, strict=True):
        found.setdefault(visit, []).append(time)
    assert all(max(those) - min(those) < DAY_MS for those in found.values())
