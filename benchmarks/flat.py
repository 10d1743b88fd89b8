"""Whether the rate stays the same with a large warehouse, many sites, many withdrawn consents.

    python -m benchmarks.flat [--events 50000000] [--sites 1000] [--withdrawn 1000000] [--quick]

Each is compared with a new server, loaded in turn. The large warehouse is created once and kept
in the folder of `--cache`; it takes some minutes and about two gigabytes, and as much again
while it is measured. Needs wrk.
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.collect import UNLIMITED
from benchmarks.load.large_warehouse import large_warehouse
from benchmarks.load.rounds import Bench, ratio_of, summary
from benchmarks.load.serving import Serving, askfirst_command, free_port, serving
from benchmarks.load.usage import rss_of
from benchmarks.load.visitors import VISITORS, add_withdrawals, create_visitors
from benchmarks.load.wrk import Load, Visitor, write_visitors
from benchmarks.program import run
from benchmarks.table import Figure, Goal

QUICK = {
    "events": 1_000_000,
    "sites": 50,
    "withdrawn": 50_000,
    "rounds": 1,
    "seconds": 2,
}
_MIB = 1 << 20
_LEAST = 0.95  # of the rate of a new server: the same, as far as two turns are ever the same


def arguments() -> argparse.ArgumentParser:
    """Return the command line."""
    asked = argparse.ArgumentParser(description="Measure whether the rate stays the same.")
    asked.add_argument("--events", type=int, default=50_000_000, help="in the warehouse")
    asked.add_argument("--sites", type=int, default=1000)
    asked.add_argument("--withdrawn", type=int, default=1_000_000, help="withdrawn consents")
    asked.add_argument("--rounds", type=int, default=5, help="turns of each server")
    asked.add_argument("--seconds", type=int, default=4, help="of each turn")
    asked.add_argument("--connections", type=int, default=32)
    cache = Path(tempfile.gettempdir()) / "askfirst-bench"
    asked.add_argument("--cache", type=Path, default=cache, help="where the warehouse is kept")
    asked.add_argument("--only", choices=("events", "sites", "withdrawn"), help="one of the three")
    return asked


@dataclass(frozen=True)
class _Case:
    """What has accumulated: its number, and what fills the data folder and returns the visitors."""

    number: int
    made: Callable[[Path], list[Visitor]]


def measure(
    events: int,
    sites: int,
    withdrawn: int,
    rounds: int,
    seconds: float,
    connections: int,
    cache: Path,
    only: str | None,
) -> dict[str, Any]:
    """Measure each case beside a new server of its own."""

    def many_events(folder: Path) -> list[Visitor]:
        visitors = create_visitors(folder)
        shutil.copyfile(large_warehouse(cache, events), folder / "warehouse.duckdb")
        return visitors

    def many_sites(folder: Path) -> list[Visitor]:
        return create_visitors(folder, max(sites, VISITORS), sites)

    def many_withdrawn(folder: Path) -> list[Visitor]:
        visitors = create_visitors(folder)
        add_withdrawals(folder, withdrawn)
        return visitors

    cases = {
        "events": _Case(events, many_events),
        "sites": _Case(sites, many_sites),
        "withdrawn": _Case(withdrawn, many_withdrawn),
    }
    plan = {"rounds": rounds, "seconds": seconds, "connections": connections}
    chosen = {name: case for name, case in cases.items() if only in (None, name)}
    return {**plan, **{name: _measured(case, cache, plan) for name, case in chosen.items()}}


def _measured(case: _Case, cache: Path, plan: dict[str, Any]) -> dict[str, Any]:
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as name:
        new, full = Path(name) / "new", Path(name) / "full"
        loads = {
            "new": _load(Path(name) / "new.lua", create_visitors(new), plan),
            "full": _load(Path(name) / "full.lua", case.made(full), plan),
        }
        with _started(new) as beside, _started(full) as measured:
            servers = {"new": beside.server, "full": measured.server}
            turns = Bench(servers, plan["rounds"]).turns(loads)
            rss = {name: rss_of(server.process.pid) // _MIB for name, server in servers.items()}
        return {
            "number": case.number,
            "ratio": ratio_of(turns["full"], turns["new"]),
            "started_in_seconds": {"new": beside.seconds, "full": measured.seconds},
            "rss_mib": rss,
            **{name: summary(of_server) for name, of_server in turns.items()},
        }


def _load(path: Path, visitors: list[Visitor], plan: dict[str, Any]) -> Load:
    return Load(write_visitors(path, visitors), plan["seconds"], plan["connections"])


@dataclass(frozen=True)
class _Started:
    """A server and how long it took until it answered."""

    server: Serving
    seconds: float


@contextmanager
def _started(folder: Path) -> Iterator[_Started]:
    port, began = free_port(), time.monotonic()
    with serving(askfirst_command(folder, port), port, None, **UNLIMITED) as server:
        yield _Started(server, round(time.monotonic() - began, 2))


_NAMES = {
    "events": "{:,} events in the warehouse",
    "sites": "{:,} sites",
    "withdrawn": "{:,} withdrawn consents",
}


def figures(found: dict[str, Any]) -> list[Figure]:
    """Return the lines of the table."""
    cases = [(text, found[name]) for name, text in _NAMES.items() if name in found]
    return [one for text, case in cases for one in _figures(text.format(case["number"]), case)]


def _figures(name: str, case: dict[str, Any]) -> list[Figure]:
    full, new, rss, started = case["full"], case["new"], case["rss_mib"], case["started_in_seconds"]
    beside = "new server"
    rate = "requests_a_second"
    goals = (Goal("≥", _LEAST, of_ratio=True),)
    return [
        Figure(
            f"page views a second, {name}", full[rate], "", new[rate], beside, case["ratio"], goals
        ),
        Figure("  p99", full["p99_ms"], "ms", new["p99_ms"], beside),
        Figure("  memory afterwards", rss["full"], "MiB", rss["new"], beside),
        Figure("  started in", started["full"], "s", started["new"], beside),
    ]


if __name__ == "__main__":
    run("flat")
