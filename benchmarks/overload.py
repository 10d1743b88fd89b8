"""Overload: what is answered, and whether memory stays bounded. Needs wrk.

    python -m benchmarks.overload [--connections 2000] [--queue 64] [--seconds 10] [--quick]

Three loads of one server, beside a route that stores nothing: a usual number of connections, far
more of them while few requests may wait for the journal (503), and one visitor who sends more than
the rate limit (429).
"""

import argparse
import resource
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.collect import UNLIMITED
from benchmarks.load import baseline
from benchmarks.load.serving import Serving, askfirst_command, free_port, serving
from benchmarks.load.usage import rss_of
from benchmarks.load.visitors import create_visitors
from benchmarks.load.wrk import Load, load, write_visitors
from benchmarks.program import run
from benchmarks.table import Figure, Goal

QUICK = {"connections": 500, "seconds": 2}
_WANTED = 32
_MIB = 1 << 20
_EVENTS_A_MINUTE = {**UNLIMITED, "ASKFIRST_EVENTS_PER_MINUTE": "600"}


def arguments() -> argparse.ArgumentParser:
    """Return the command line."""
    asked = argparse.ArgumentParser(description="Measure what is answered under overload.")
    asked.add_argument("--connections", type=int, default=2000)
    asked.add_argument("--queue", type=int, default=64, help="requests that may wait")
    asked.add_argument("--seconds", type=int, default=10, help="of each load")
    return asked


def measure(connections: int, queue: int, seconds: float) -> dict[str, Any]:
    """Load a server with a short queue, and one with the usual limit for a visitor."""
    _allow_files(2 * connections + 1000)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "data"
        visitors = create_visitors(folder)
        all_of_them = write_visitors(Path(name) / "visitors.lua", visitors)
        one = write_visitors(Path(name) / "visitor.lua", visitors[:1])
        wanted = Load(all_of_them, seconds, _WANTED, statuses=True)
        flood = replace(wanted, connections=connections)
        with _baseline() as route:
            beside = load(route, flood)
        warming = replace(wanted, seconds=1)
        with _server(folder, queue, UNLIMITED) as server:
            load(server, warming)
            usual = load(server, wanted)
            flooded = {**_watched(server, flood), "again": load(server, wanted)}
        with _server(folder, queue, _EVENTS_A_MINUTE) as server:
            load(server, warming)
            hasty = _watched(server, replace(wanted, visitors=one))
    plan = {"connections": connections, "queue": queue, "seconds": seconds}
    return {**plan, "route": beside, "wanted": usual, "flooded": flooded, "hasty": hasty}


@contextmanager
def _baseline() -> Iterator[Serving]:
    port = free_port()
    with serving(baseline.command("route", port), port) as server:
        yield server


@contextmanager
def _server(folder: Path, queue: int, limits: dict[str, str]) -> Iterator[Serving]:
    port, settings = free_port(), {"ASKFIRST_JOURNAL_QUEUE": str(queue), **limits}
    with serving(askfirst_command(folder, port), port, None, **settings) as server:
        yield server


def _allow_files(number: int) -> None:
    """Let the servers and wrk open so many connections, as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, number)), hard))


def _watched(server: Serving, what: Load) -> dict[str, Any]:
    """Load a server; return the answers, and its memory before, at most and after."""
    pid, over = server.process.pid, threading.Event()
    seen = [rss_of(pid)]

    def watch() -> None:
        while not over.wait(0.1):
            seen.append(rss_of(pid))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        found = load(server, what)
    finally:
        over.set()
        watching.join()
    time.sleep(1)
    memory = {"before": seen[0], "most": max(seen), "after": rss_of(pid)}
    return {**found, "rss_mib": {name: value // _MIB for name, value in memory.items()}}


def figures(found: dict[str, Any]) -> list[Figure]:
    """Return the lines of the table."""
    flooded, many = found["flooded"], f"{found['connections']:,} connections"
    taken = flooded["statuses"].get("202", 0) / found["seconds"]
    wanted = found["wanted"]["requests_a_second"]
    return [
        Figure(f"answers a second, {many}", *_beside(found, "requests_a_second")),
        Figure("  of them 202", taken, "", wanted, f"at {_WANTED} connections"),
        Figure("  p99", flooded["p99_ms"], "ms", found["route"]["p99_ms"], "route"),
        *_refusals(flooded, "503"),
        *_memory(flooded),
        Figure(
            "  page views a second right after it",
            flooded["again"]["requests_a_second"],
            "",
            wanted,
            "before it",
        ),
        Figure("one visitor without end: answers 202", found["hasty"]["statuses"].get("202", 0)),
        *_refusals(found["hasty"], "429"),
        *_memory(found["hasty"]),
    ]


def _beside(found: dict[str, Any], name: str) -> tuple[float, str, float, str]:
    return found["flooded"][name], "", found["route"][name], "route"


def _refusals(load_found: dict[str, Any], status: str) -> list[Figure]:
    statuses = load_found["statuses"]
    refused = statuses.get(status, 0)
    others = sum(count for other, count in statuses.items() if other not in ("202", status))
    retries = load_found["retries"].get(status, 0)
    all_of_them = (Goal("≥", 1, of_ratio=True),) if refused else ()
    return [
        Figure(f"  {status} with Retry-After", retries, "", refused, status, goals=all_of_them),
        Figure("  other answers", others, goals=(Goal("≤", 0),)),
        Figure("  broken connections", load_found["broken"], goals=(Goal("≤", 0),)),
    ]


def _memory(load_found: dict[str, Any]) -> list[Figure]:
    rss = load_found["rss_mib"]
    return [Figure("  memory at most", rss["most"], "MiB", rss["before"], "before")]


if __name__ == "__main__":
    run("overload")
