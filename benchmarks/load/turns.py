"""Servers loaded by turns, so that whatever else the machine does troubles all of them alike."""

import itertools
import statistics
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from benchmarks.load.loading import Load, load
from benchmarks.load.serving import Serving

Turns = list[dict[str, Any]]
"""What each load of one server gave, in their order."""

RATE = "requests_a_second"


class Bench:
    """Running servers by their names; `acknowledged` counts the events that each has taken."""

    def __init__(self, servers: Mapping[str, Serving], rounds: int) -> None:
        self._servers = servers
        self._rounds = rounds
        self.acknowledged: Counter[str] = Counter()

    def turns(self, loads: Mapping[str, Load]) -> dict[str, Turns]:
        """Load the named servers in each round; the last name is measured, the others baselines.

        The baselines have their turn once more at the end, so that each turn of the measured one
        lies between two. A second of warming before counts for nothing.
        """
        *baselines, _ = loads
        for name, what in loads.items():
            self.load(name, replace(what, seconds=1))
        found: dict[str, Turns] = {name: [] for name in loads}
        for name in [*list(loads) * self._rounds, *baselines]:
            found[name].append(self.load(name, loads[name]))
        return found

    def load(self, name: str, what: Load) -> dict[str, Any]:
        """Load one server once and count what it acknowledged."""
        found = load(self._servers[name], what)
        self.acknowledged[name] += what.events * (found["requests"] - found["errors"])
        return found


def ratio_of(measured: Turns, baseline: Turns) -> float:
    """Return the median ratio of the rates, each beside the baseline just before and after it."""
    beside = [(a[RATE] + b[RATE]) / 2 for a, b in itertools.pairwise(baseline)]
    ratios = [one[RATE] / other for one, other in zip(measured, beside, strict=True)]
    return float(round(statistics.median(ratios), 3))


def summary(turns: Turns) -> dict[str, Any]:
    """Return the median of each number; errors are added up."""
    first = turns[0]
    found = {
        name: statistics.median(one[name] for one in turns)
        for name, value in first.items()
        if isinstance(value, int | float)
    }
    found["errors"] = sum(one["errors"] for one in turns)
    parts = first["cpu_ms_a_request"]
    found["cpu_ms_a_request"] = {
        part: statistics.median(one["cpu_ms_a_request"][part] for one in turns) for part in parts
    }
    return found
