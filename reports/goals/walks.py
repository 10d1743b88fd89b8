"""How far each visitor went through the steps of a funnel, and when: computed from its events.

From each event that is the first step, a walk takes the earliest later event that is the second
step, from there the earliest later one that is the third, and so on, as long as it is within the
time from the first step. A visitor counts once: by the walk that goes furthest, and of those by
the one that began first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
_MOST_INT32 = 2**31 - 1


@dataclass(frozen=True)
class Walks:
    """A row a visitor who did the first step: its key, how many steps (`depth`), and when.

    `times` has a row a step, in milliseconds; what lies behind the depth has no meaning.
    """

    visitors: Ints
    depth: Ints
    times: Ints

    def reached(self, step: int) -> int:
        """Return how many visitors did the first `step` steps, from 1."""
        return int((self.depth >= step).sum())

    def lost_after(self, step: int) -> Ints:
        """Return the visitors who did this step as their last."""
        lost: Ints = self.visitors[self.depth == step]
        return lost

    def waits(self, step: int) -> Ints:
        """Return how long each took from the step before to this one, in milliseconds."""
        gone = self.depth >= step
        took: Ints = self.times[step - 1][gone] - self.times[step - 2][gone]
        return took


@dataclass(frozen=True)
class _Events:
    """The events, one an element, in order of visitor, visit (where it matters), time and id."""

    visitor: Any
    group: Any
    """Within which a walk stays: the visitor, or the visit."""
    time: Ints
    deeds: Any
    place: Any
    """The order among a visitor's events of the same time; 0 where there is no other."""


def tied_times(events: pa.Table) -> pa.Table:
    """Return the times (visitor, time) at which a visitor did several steps at once."""
    visitor, time = events["visitor"].to_numpy(), events["time"].to_numpy()
    if not _is_in_order(visitor, time):  # visits that overlap
        order = np.lexsort((time, visitor))
        visitor, time = visitor[order], time[order]
    same = np.flatnonzero((visitor[1:] == visitor[:-1]) & (time[1:] == time[:-1]))
    found = np.unique(np.stack([visitor[same].astype(np.int64), time[same]]), axis=1)
    return pa.table({"visitor": found[0].astype(np.int32), "time": found[1]})


def walks_of(events: pa.Table, tied: pa.Table | None, steps: int, within_ms: int) -> Walks:
    """Return the walks through so many steps within a time, 0 for within one visit.

    `events` is the answer of `step_events`, in its order, `tied` that of `tied_events`, if any.
    """
    found = _in_order(events, tied, by_visit=not within_ms)
    starts = np.flatnonzero(found.deeds & 1)
    if not len(starts):
        none = np.zeros(0, np.int64)
        return Walks(none, none, np.zeros((steps, 0), np.int64))
    depth, times = _walked(found, starts, steps, within_ms)
    best = _best(found, starts, depth)
    return Walks(found.visitor[starts][best].astype(np.int64), depth[best], times[:, best])


def _is_in_order(visitor: Any, time: Ints) -> bool:
    """Return whether no event comes before the one above it."""
    later = visitor[1:] > visitor[:-1]
    return bool(np.all(later | ((visitor[1:] == visitor[:-1]) & (time[1:] >= time[:-1]))))


def _in_order(events: pa.Table, tied: pa.Table | None, *, by_visit: bool) -> _Events:
    names = ("visitor", "visit", "time", "deeds")
    columns: dict[str, Any] = {name: events[name].to_numpy() for name in names}
    columns["place"] = np.zeros(events.num_rows, np.int32)
    if tied is not None and tied.num_rows:
        columns = _with_places(columns, tied)
        group = columns["visit" if by_visit else "visitor"]
        order = np.lexsort((columns["place"], columns["time"], group, columns["visitor"]))
        columns = {name: column[order] for name, column in columns.items()}
    group = columns["visit" if by_visit else "visitor"]
    return _Events(columns["visitor"], group, columns["time"], columns["deeds"], columns["place"])


def _with_places(columns: dict[str, Any], tied: pa.Table) -> dict[str, Any]:
    """Put the tied events, with their places by id, where those without a place were."""
    ordered = tied.sort_by([("visitor", "ascending"), ("time", "ascending"), ("id", "ascending")])
    theirs: dict[str, Any] = {n: ordered[n].to_numpy() for n in columns if n != "place"}
    theirs["place"] = np.arange(1, ordered.num_rows + 1)
    pairs = set(zip(theirs["visitor"].tolist(), theirs["time"].tolist(), strict=True))
    near = np.flatnonzero(np.isin(columns["time"], theirs["time"]))
    gone = [n for n in near if (int(columns["visitor"][n]), int(columns["time"][n])) in pairs]
    kept = np.delete(np.arange(len(columns["time"])), gone)
    return {n: np.concatenate([column[kept], theirs[n]]) for n, column in columns.items()}


def _walked(found: _Events, starts: Ints, steps: int, within_ms: int) -> tuple[Ints, Ints]:
    """Return how far the walk from each start goes, and when it did each step."""
    count = len(found.time)
    changes = np.flatnonzero(np.diff(found.group)) + 1
    ends = np.append(changes, count)[np.searchsorted(changes, starts, side="right")]
    here, depth, alive = starts.copy(), np.ones(len(starts), np.int64), np.ones(len(starts), bool)
    places = np.arange(count, dtype=np.int32 if count < _MOST_INT32 else np.int64)
    began = found.time[starts]
    times: Any = np.zeros((steps, len(starts)), np.int64)
    times[0] = began
    for step in range(1, steps):
        follows = _next(found.deeds, step, places)[here + 1]
        alive &= follows < ends
        follows = np.minimum(follows, count - 1)
        if within_ms:
            alive &= found.time[follows] - began <= within_ms
        here = np.where(alive, follows, here)
        depth += alive
        times[step] = found.time[here]
    return depth, times


def _next(deeds: Any, step: int, places: Any) -> Any:
    """Return for each place, and the one behind the last, where the next event of a step is."""
    here = np.where(deeds & (1 << step), places, len(deeds)).astype(places.dtype, copy=False)
    return np.append(np.minimum.accumulate(here[::-1])[::-1], here.dtype.type(len(deeds)))


def _best(found: _Events, starts: Ints, depth: Ints) -> Any:
    """Return which start stands for each visitor: the deepest walk, then the earliest."""
    visitor, time, place = found.visitor[starts], found.time[starts], found.place[starts]
    order: Any = np.arange(len(starts))
    if np.any(np.diff(visitor) < 0):
        order = np.argsort(visitor, kind="stable")
    firsts = np.flatnonzero(np.diff(visitor[order], prepend=-1))
    lengths = np.diff(np.append(firsts, len(order)))
    for values in (depth, -time, -place):
        mine = values[order]
        most = np.maximum.reduceat(mine, firsts)
        kept = mine == np.repeat(most, lengths)
        order = order[kept]
        lengths = np.add.reduceat(kept.astype(np.int64), firsts)
        firsts = np.append(0, np.cumsum(lengths)[:-1])
    return order[firsts]
