"""The path of one event with the time of each step (station), each measured by itself.

    python -m benchmarks.stations [--seconds 1.0] [--quick]

HTTP is a bare application's, by wrk; the others run in this process, through the functions that the
server calls. SQLite's commit is compared with the disk's own fsync. Times are the medians
of many short runs, in microseconds an event.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.event_path.intake import intake_stations
from benchmarks.event_path.journal import GROUPS, journal_stations
from benchmarks.load import baseline
from benchmarks.load.serving import Serving, free_port, serving
from benchmarks.load.timing import Timing
from benchmarks.load.wrk import Load, load, write_visitors
from benchmarks.program import run
from benchmarks.table import Figure

QUICK = {"seconds": 0.1}
_CONNECTIONS = 32


def arguments() -> argparse.ArgumentParser:
    """Return the command line."""
    asked = argparse.ArgumentParser(description="Time each station of an event's path.")
    asked.add_argument("--seconds", type=float, default=1.0, help="of each station")
    asked.add_argument("--folder", type=Path, help="on the disk that is asked; else a temporary")
    return asked


def measure(seconds: float, folder: Path | None) -> dict[str, Any]:
    """Measure every station; microseconds an event."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        place = Path(name)
        found = {**_http(place, seconds), **intake_stations(place / "data", seconds)}
        found.update(asyncio.run(journal_stations(place, seconds)))
    return {"stations": found}


def _http(place: Path, seconds: float) -> dict[str, Timing]:
    """Return the processor time of a request's parsing and answering, by both baselines."""
    visitors = write_visitors(place / "visitors.lua", [("k" * 22, "t" * 300)])
    what = Load(visitors, max(1, round(2 * seconds)), _CONNECTIONS)
    found = {}
    for name in baseline.APPS:
        with _serving(name) as server:
            load(server, what)
            micros = load(server, what)["cpu_ms_a_request"]["total"] * 1000
        found[f"http_{name}"] = Timing(micros=round(micros, 2), cpu_micros=round(micros, 2))
    return found


@contextmanager
def _serving(name: str) -> Iterator[Serving]:
    port = free_port()
    with serving(baseline.command(name, port), port) as server:
        yield server


_NAMES = {
    "http_bare": "HTTP: a bare application reads the body and answers",
    "http_route": "HTTP: a Starlette route does",
    "decoding": "JSON: decoding with every limit",
    "decoding_ten": "  ten events a request",
    "signature_new": "signature of a token never seen",
    "signature_known": "signature of a token seen before",
    "gate": "gate: request, event, rate limit, known user agent",
    "agent_new": "a user agent never seen",
    "encoding": "journal: encoding the entry",
    "read": "shipping: reading from the journal",
    "fresh": "shipping: leaving out what was shipped before",
    "enrich": "shipping: enriching",
    "append": "shipping: the warehouse's transaction",
    "trim": "shipping: trimming the journal",
}


def figures(found: dict[str, Any]) -> list[Figure]:
    """Return the lines of the table; a group's beside the disk's fsync of as many bytes."""
    stations = found["stations"]
    groups = [one for rows in GROUPS for one in _group(stations, rows)]
    plain = {name: [_figure(text, stations[name])] for name, text in _NAMES.items()}
    before = list(_NAMES).index("read")
    names = list(_NAMES)
    collecting = [one for name in names[:before] for one in plain[name]]
    return [*collecting, *groups, *(one for name in names[before:] for one in plain[name])]


def _figure(name: str, timing: dict[str, float]) -> Figure:
    return Figure(name, timing["micros"], "µs", note=f"CPU {timing['cpu_micros']:.2f}")


def _group(stations: dict[str, Any], rows: int) -> list[Figure]:
    fsync, sqlite, journal = (stations[f"{name}_{rows}"] for name in ("fsync", "sqlite", "journal"))
    beside = {"unit": "µs", "baseline": fsync["micros"], "beside": "fsync"}
    of = f"{rows} at once"
    return [
        Figure(f"SQLite's commit, {of}", sqlite["micros"], **beside, note=_cpu(sqlite)),
        Figure(f"  the journal's, {of}", journal["micros"], **beside, note=_cpu(journal)),
    ]


def _cpu(timing: dict[str, float]) -> str:
    return f"CPU {timing['cpu_micros']:.2f}"


if __name__ == "__main__":
    run("stations")
