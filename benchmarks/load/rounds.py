"""Loads servers in turn, so that other work on the machine disturbs all of them alike."""

import itertools
import statistics
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from benchmarks.load.serving import Serving
from benchmarks.load.wrk import Load, load

Turns = list[dict[str, Any]]
"""The results of the loads of one server, in order."""

RATE = "requests_a_second"


class Bench:
    """Running servers by name; `acknowledged` counts the events that each has acknowledged."""

    def __init__(self, servers: Mapping[str, Serving], rounds: int) -> None:
        self._servers = servers
        self._rounds = rounds
        self.acknowledged: Counter[str] = Counter()

    def turns(self, loads: Mapping[str, Load]) -> dict[str, Turns]:
        """Load the named servers in each round; the last one is measured, the others are baselines.

        The baselines have one more turn at the end, so that each turn of the measured server lies
        between two of theirs. A second of warming up before is not counted.
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
    """Return the median ratio of the rates, each to the baseline just before and after it."""
    beside = [(a[RATE] + b[RATE]) / 2 for a, b in itertools.pairwise(baseline)]
    ratios = [one[RATE] / other for one, other in zip(measured, beside, strict=True)]
    return float(round(statistics.median(ratios), 3))


def summary(turns: Turns) -> dict[str, Any]:
    """Return the median of each number; errors are summed."""
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
