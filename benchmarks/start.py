"""How long a start takes: from the process's first moment to the first answer it gives.

    python -m benchmarks.start [--events 10000000] [--consents 5000] [--rounds 5] [--quick]

In turn: a new server, a server with a large warehouse and many consents, and a Starlette route
that opens nothing. The large warehouse is created once and kept in the folder of `--cache`.
"""

import argparse
import http.client
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.load import baseline
from benchmarks.load.large_warehouse import large_warehouse
from benchmarks.load.serving import askfirst_command, free_port
from benchmarks.load.visitors import create_visitors
from benchmarks.program import run
from benchmarks.table import Figure, Goal

QUICK = {"events": 100_000, "consents": 200, "rounds": 2}
GOAL = 2.0
_SCRIPT, _PAGE = "/tag.js", "/sign-in"
_MOST = 60.0


def arguments() -> argparse.ArgumentParser:
    """Return the command line."""
    asked = argparse.ArgumentParser(description="Time a start until the first answer.")
    asked.add_argument("--events", type=int, default=10_000_000, help="in the warehouse")
    asked.add_argument("--consents", type=int, default=5000, help="in the ledger")
    asked.add_argument("--rounds", type=int, default=5, help="starts of each server")
    cache = Path(tempfile.gettempdir()) / "askfirst-bench"
    asked.add_argument("--cache", type=Path, default=cache, help="where the warehouse is kept")
    return asked


def measure(events: int, consents: int, rounds: int, cache: Path) -> dict[str, Any]:
    """Start each server so many times, in turn; return the seconds to the first answer."""
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as name:
        new, full = Path(name) / "new", Path(name) / "full"
        create_visitors(new)
        create_visitors(full, consents)
        shutil.copyfile(large_warehouse(cache, events), full / "warehouse.duckdb")
        seconds: dict[str, list[float]] = {}
        for _ in range(rounds):
            for of, folder, path in (
                ("route", None, _SCRIPT),
                ("new", new, _SCRIPT),
                ("full", full, _SCRIPT),
                ("full_page", full, _PAGE),
            ):
                seconds.setdefault(of, []).append(first_answer(folder, path))
    return {
        "events": events,
        "consents": consents,
        "rounds": rounds,
        "seconds": {of: _summary(each) for of, each in seconds.items()},
    }


def first_answer(folder: Path | None, path: str) -> float:
    """Start a server, or the route for None, and return the seconds until it answers."""
    port = free_port()
    command = askfirst_command(folder, port) if folder else baseline.command("route", port)
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _ask(port, path, began)
        return time.perf_counter() - began
    finally:
        process.terminate()
        process.wait(_MOST)


def _ask(port: int, path: str, began: float) -> None:
    """Ask until there is an answer: before the port is open a connection is refused at once."""
    while time.perf_counter() < began + _MOST:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_MOST)
        try:
            connection.request("GET", path)
            connection.getresponse().read()
        except OSError:
            time.sleep(0.005)
        else:
            return
        finally:
            connection.close()
    raise RuntimeError("The server did not start.")


def _summary(each: list[float]) -> dict[str, float]:
    return {"median": round(statistics.median(each), 3), "longest": round(max(each), 3)}


def figures(found: dict[str, Any]) -> list[Figure]:
    """Return the lines of the table."""
    seconds = found["seconds"]
    full = f"with {found['events']:,} events and {found['consents']:,} consents"
    names = {
        "new": "first answer of a new server",
        "full": f"first answer {full}",
        "full_page": "  the same, of the sign-in form",
    }
    beside = seconds["route"]["median"]
    goals = (Goal("≤", GOAL),)
    return [
        Figure(
            name,
            seconds[of]["median"],
            "s",
            beside,
            "route",
            goals=goals,
            note=f"longest {seconds[of]['longest']:.2f} s",
        )
        for of, name in names.items()
    ]


if __name__ == "__main__":
    run("start")
