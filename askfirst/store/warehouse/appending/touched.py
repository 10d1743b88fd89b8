"""What a batch touches: the visits of its events, and the first time of each site."""

from __future__ import annotations

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


def touched(sites: Numbers, visits: Numbers, times: Numbers) -> Touched:
    """Return what events touch, from the site, the visit and the time in ms of each."""
    every = np.unique(sites).tolist()
    first = {site: int(times[sites == site].min()) for site in every}
    return Touched(set(np.unique(visits).tolist()), first)
