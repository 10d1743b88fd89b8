"""Durable page views, by wrk over loopback, beside a route and a bare application without storage.

    python -m benchmarks.collect [--rounds 3] [--seconds 4] [--connections 32] [--more 128]

The server as it is by default. One event a request, with fewer and with more connections, in short
turns and in longer ones, in which most of it is shipped meanwhile, and ten events; what of the
processor's time is the event loop's; the time of an answer at half of the highest rate; two worker
processes compared with one process alone. Needs wrk.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from askfirst.settings import Settings
from askfirst.store.warehouse.duckdb.files import closed_duckdb
from benchmarks.load import baseline
from benchmarks.load.collect_figures import figures
from benchmarks.load.rounds import RATE, Bench, Turns, ratio_of, summary
from benchmarks.load.serving import Serving, askfirst_command, free_port, serving
from benchmarks.load.usage import wait_until_idle
from benchmarks.load.visitors import VISITORS, create_visitors
from benchmarks.load.wrk import Load, load, write_visitors
from benchmarks.program import run

__all__ = ["QUICK", "arguments", "figures", "measure"]

QUICK = {"rounds": 1, "seconds": 2, "lasting": 4}
UNLIMITED = {
    f"ASKFIRST_{name}": str(10**12)
    for name in (
        "EVENTS_PER_MINUTE",
        "ADDRESS_EVENTS_PER_MINUTE",
        "ADDRESS_BYTES_PER_MINUTE",
        "SITE_EVENTS_PER_DAY",
    )
}
_MANY = 10  # events of the longer request
_REST_MS = 50  # the mean pause of a connection at a limited rate
_LEAST_REST = 0.8  # of the time between two requests: a disturbed trial must not shorten it more
_MOST_CONNECTIONS = 1000
_CORES_FOR_TWO = 4  # two workers, the load generator, and what ships


def arguments() -> argparse.ArgumentParser:
    """Return the command line."""
    asked = argparse.ArgumentParser(description="Measure durable page views a second.")
    asked.add_argument("--rounds", type=int, default=3, help="turns of each server")
    asked.add_argument("--seconds", type=int, default=4, help="of each turn")
    asked.add_argument("--lasting", type=int, default=10, help="seconds of each longer turn")
    asked.add_argument("--connections", type=int, default=32)
    asked.add_argument("--more", type=int, default=128, help="connections, for one event a request")
    asked.add_argument("--visitors", type=int, default=VISITORS, help="who send in turn")
    return asked


def measure(
    rounds: int, seconds: float, lasting: float, connections: int, more: int, visitors: int
) -> dict[str, Any]:
    """Load the servers in turn; a ratio is the median over the rounds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "data"
        senders = write_visitors(Path(name) / "visitors.lua", create_visitors(folder, visitors))
        what = Load(senders, seconds, connections)
        with _servers(folder) as servers:
            bench = Bench(servers, rounds)
            one = _one(bench, what)
            many = {"connections": more, **_one(bench, replace(what, connections=more))}
            ten, half = _ten(bench, what), _half(bench, what, one)
            longer = [replace(what, seconds=lasting, connections=n) for n in (connections, more)]
            kept_up = [_lasting(bench, longer_one) for longer_one in longer]
        return {
            "rounds": rounds,
            "seconds": seconds,
            "connections": connections,
            "one": one,
            "more": many,
            "ten": ten,
            "half": half,
            "lasting": kept_up,
            "acknowledged": bench.acknowledged["askfirst"],
            "rows_in_the_warehouse": _rows(folder),
            "workers": _workers(folder, rounds, what),
        }


@contextmanager
def _servers(folder: Path) -> Iterator[dict[str, Serving]]:
    with ExitStack() as stack:
        found = {}
        for name in baseline.APPS:
            port = free_port()
            found[name] = stack.enter_context(serving(baseline.command(name, port), port))
        port = free_port()
        command = askfirst_command(folder, port)
        found["askfirst"] = stack.enter_context(serving(command, port, None, **UNLIMITED))
        wait_until_idle(found["askfirst"].process.pid)  # until its worker serves
        yield found


def _one(bench: Bench, what: Load) -> dict[str, Any]:
    """One page view a request: askfirst beside both baselines."""
    turns = bench.turns(dict.fromkeys(("route", "bare", "askfirst"), what))
    ours = turns["askfirst"]
    return {
        "ratio": ratio_of(ours, turns["route"]),
        "ratio_to_bare": ratio_of(ours, turns["bare"]),
        "highest": max(one[RATE] for one in ours),
        **_summaries(turns),
    }


def _lasting(bench: Bench, what: Load) -> dict[str, Any]:
    """One page view a request, for much longer than the pause between two shipments."""
    turns = bench.turns({"route": what, "askfirst": what})
    told = {"connections": what.connections, "seconds": what.seconds}
    return {**told, "ratio": ratio_of(turns["askfirst"], turns["route"]), **_summaries(turns)}


def _ten(bench: Bench, what: Load) -> dict[str, Any]:
    """Ten page views a request: askfirst beside the route, which gets the same body."""
    many = replace(what, events=_MANY)
    turns = bench.turns({"route": many, "askfirst": many})
    ours = summary(turns["askfirst"])
    return {
        "ratio": ratio_of(turns["askfirst"], turns["route"]),
        "events_a_second": _MANY * ours[RATE],
        **_summaries(turns),
    }


def _half(bench: Bench, what: Load, one: dict[str, Any]) -> dict[str, Any]:
    """At half of the highest rate: how long an answer takes, beside the route at the same rate.

    There are so many connections that each pauses a while: a slow answer then rarely delays the
    next request of its own connection, which would hide that this one waited too. Where it does,
    wrk adds the answers that were left out.
    """
    wanted = one["highest"] / 2
    connections = min(_MOST_CONNECTIONS, max(what.connections, round(wanted * _REST_MS / 1000)))
    between = connections / wanted * 1000
    paced = replace(what, connections=connections, pause_ms=between)
    tried = bench.load("askfirst", replace(paced, seconds=2))
    late = connections / max(1, tried[RATE]) * 1000 - between  # the answer's time, and wrk's own
    pause = round(max(_LEAST_REST * between, between - late), 2)
    paced = replace(paced, pause_ms=pause)
    turns = bench.turns({"route": paced, "askfirst": paced})
    plan = {"wanted_a_second": round(wanted), "connections": connections, "pause_ms": pause}
    return {**plan, **_summaries(turns)}


def _summaries(turns: dict[str, Turns]) -> dict[str, Any]:
    return {name: summary(of_server) for name, of_server in turns.items()}


def _workers(folder: Path, rounds: int, what: Load) -> dict[str, Any]:
    """Two worker processes compared with none, started in turn on the same data folder."""
    if "workers" not in Settings.model_fields:
        return {"skipped": "this version has one process alone"}
    if (cores := os.cpu_count() or 1) < _CORES_FOR_TWO:
        return {"skipped": f"{cores} cores are too few for this figure"}
    turns: dict[int, Turns] = {0: [], 2: []}
    for number in (0, *[2, 0] * rounds):
        port = free_port()
        set_to = {**UNLIMITED, "ASKFIRST_WORKERS": str(number)}
        with serving(askfirst_command(folder, port), port, None, **set_to) as server:
            wait_until_idle(server.process.pid)
            load(server, replace(what, seconds=1))
            turns[number].append(load(server, what))
    found = {"ratio": ratio_of(turns[2], turns[0]), "cores": cores}
    return {**found, "two": summary(turns[2]), "alone": summary(turns[0])}


def _rows(folder: Path) -> int:
    """Count what is in the warehouse: at least as much as was acknowledged."""
    with closed_duckdb(folder / "warehouse.duckdb", read_only=True) as warehouse:
        row = warehouse.execute("SELECT count(*) FROM events").fetchone()
        return int(row[0]) if row else 0


if __name__ == "__main__":
    run("collect")
