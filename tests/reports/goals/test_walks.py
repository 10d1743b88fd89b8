"""Walks through a funnel: what the arrays say is what trying every sequence of events says."""

from itertools import combinations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from reports.goals.walks import Walks, tied_times, walks_of

Event = tuple[int, int, int, int, str]
"""Visitor, visit, time, deeds, id."""


@st.composite
def happenings(draw: st.DrawFn) -> tuple[list[Event], int]:
    """Draw events of three visitors with few times, so that many are equal, and of 2 to 5 steps."""
    steps = draw(st.integers(2, 5))
    count = draw(st.integers(0, 11))
    events = []
    for number in range(count):
        visitor = draw(st.integers(1, 3))
        visit = 10 * draw(st.integers(1, 2)) + visitor
        time = 1_700_000_000_000 + draw(st.sampled_from((0, 0, 1, 2, 3, 10, 11, 50)))
        deeds = draw(st.integers(1, 2**steps - 1))
        events.append((visitor, visit, time, deeds, f"{draw(st.integers(0, 99)):02d}-{number:02d}"))
    return events, steps


def expected(events: list[Event], steps: int, within: int) -> dict[int, tuple[int, ...]]:
    """Return the times of the walk that stands for each visitor, from every sequence of events."""
    best: dict[int, tuple[int, ...]] = {}
    for visitor in {event[0] for event in events}:
        mine = sorted(
            (one for one in events if one[0] == visitor), key=lambda one: (one[2], one[4])
        )
        for count in range(1, steps + 1):
            walks = [
                places
                for places in combinations(range(len(mine)), count)
                if is_walk([mine[place] for place in places], within)
            ]
            if walks:
                best[visitor] = tuple(mine[place][2] for place in min(walks))
    return best


def is_walk(chosen: list[Event], within: int) -> bool:
    if not all(one[3] >> step & 1 for step, one in enumerate(chosen)):
        return False
    if not within:
        return len({one[1] for one in chosen}) == 1
    return chosen[-1][2] - chosen[0][2] <= within


def answers(events: list[Event], within: int) -> tuple[pa.Table, pa.Table | None]:
    """Return what the two questions answer, of which only the second knows ids."""
    by_visit = not within
    events = sorted(events, key=lambda one: (one[0], one[1] if by_visit else 0, one[2]))
    names = ("visitor", "visit", "time", "deeds")
    whole = pa.table(
        {name: pa.array([one[n] for one in events], pa.int64()) for n, name in enumerate(names)}
    )
    times = {(row["visitor"], row["time"]) for row in tied_times(whole).to_pylist()}
    some = [one for one in events if (one[0], one[2]) in times]
    if not some:
        return whole, None
    columns = {name: pa.array([one[n] for one in some]) for n, name in enumerate((*names, "id"))}
    return whole, pa.table(columns)


def found(walks: Walks) -> dict[int, tuple[int, ...]]:
    each = zip(walks.visitors, walks.depth, walks.times.T, strict=True)
    return {int(who): tuple(times[:depth].tolist()) for who, depth, times in each}


@given(happenings(), st.sampled_from((0, 1, 2, 9, 10, 50, 10_000)))
def test_walks_are_the_furthest_and_of_those_the_earliest(
    drawn: tuple[list[Event], int], within: int
) -> None:
    events, steps = drawn
    walks = walks_of(*answers(events, within), steps, within)
    best = expected(events, steps, within)

    assert found(walks) == best
    for step in range(1, steps + 1):
        assert walks.reached(step) == sum(len(times) >= step for times in best.values())
        lost = {who for who, times in best.items() if len(times) == step}
        assert set(walks.lost_after(step).tolist()) == lost
    waits = [times[1] - times[0] for times in best.values() if len(times) > 1]
    assert sorted(walks.waits(2).tolist()) == sorted(waits)


def walk(*events: tuple[int, int, int], steps: int, within: int) -> dict[int, tuple[int, ...]]:
    """Return the walk of visitor 1 through events of (visit, time, deeds)."""
    rows = [(1, visit, time, deeds, f"{n}") for n, (visit, time, deeds) in enumerate(events)]
    return found(walks_of(*answers(rows, within), steps, within))


def test_one_event_is_no_two_steps() -> None:
    assert walk((1, 5, 0b11), steps=2, within=10) == {1: (5,)}
    assert walk((1, 5, 0b11), (1, 6, 0b11), steps=2, within=10) == {1: (5, 6)}


def test_who_is_too_late_once_counts_by_a_later_start() -> None:
    events = ((1, 0, 0b001), (1, 5, 0b010), (2, 100, 0b001), (2, 104, 0b010), (2, 110, 0b100))
    assert walk(*events, steps=3, within=10) == {1: (100, 104, 110)}
    assert walk(*events, steps=3, within=9) == {1: (0, 5)}


def test_within_one_visit_no_step_is_taken_from_another() -> None:
    events = ((1, 0, 0b01), (2, 1, 0b10))
    assert walk(*events, steps=2, within=0) == {1: (0,)}
    assert walk(*events, steps=2, within=1) == {1: (0, 1)}


def test_the_examples_of_the_definitions_are_counted_so() -> None:
    start, join, thanks, hour = 0b001, 0b010, 0b100, 60

    def gone(*happened: tuple[int, int]) -> list[int]:
        """Return how many steps were done, and the minutes that each took."""
        events = ((1, time, deeds) for time, deeds in happened)
        (times,) = walk(*events, steps=3, within=hour).values()
        return [len(times), *np.diff(times).tolist()]

    assert gone((0, start), (10, join), (30, thanks)) == [3, 10, 20]
    assert gone((0, start), (10, join), (61, thanks)) == [2, 10]
    again = ((0, start), (10, join), (120, start), (125, join), (126, thanks))
    assert gone(*again) == [3, 5, 1]
    assert gone((0, join), (10, start), (30, thanks)) == [1]


def test_nobody_walks_where_nothing_happened() -> None:
    nothing, _ = answers([], 10)
    walks = walks_of(nothing, None, 3, 10)
    assert [walks.reached(step) for step in (1, 2, 3)] == [0, 0, 0]
    assert walks.waits(2).tolist() == []
