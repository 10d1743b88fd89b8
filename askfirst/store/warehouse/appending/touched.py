"""What a batch touches: the visits of its events, and from which time on what is told of a site."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from askfirst.store.warehouse.appending.coded import Numbers


@dataclass(frozen=True)
class Touched:
    """The keys of visits that events belong to, and by site the time of the earliest in ms."""

    visits: set[int] = field(default_factory=set)
    first: dict[int, int] = field(default_factory=dict)
    since: dict[int, int] = field(default_factory=dict)
    """By site, whichever its side, a time (ms) before which no visit of these began: whatever is
    told of visits and events before it stays as it is."""


def touched(
    sites: Numbers, visits: Numbers, times: Numbers, begun: Iterable[tuple[int, int]]
) -> Touched:
    """Return what events touch, from the site, the visit and the time in ms of each.

    `begun` has the site of each visit, and a time before which it did not begin.
    """
    every = np.unique(sites).tolist()
    first = {site: int(times[sites == site].min()) for site in every}
    since: dict[int, int] = {}
    for site, time in begun:
        since[abs(site)] = min(time, since.get(abs(site), time))
    return Touched(set(np.unique(visits).tolist()), first, since)
