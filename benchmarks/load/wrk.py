"""Loads a server with events by wrk over loopback; returns the answers and their cost."""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.load.serving import Serving
from benchmarks.load.usage import usage_of, wait_until_idle

_SCRIPT = Path(__file__).with_name("wrk.lua")
Visitor = tuple[str, str]
"""A site's key and a token for it."""


@dataclass(frozen=True)
class Load:
    """What is sent: whose events, how many a request, on how many connections, how long.

    `pause_ms` is the mean pause of a connection before each request; wrk measures an answer's time
    from the sending, so the pause is not in it. With `statuses` answers are counted by status.
    """

    visitors: Path
    seconds: float
    connections: int
    events: int = 1
    pause_ms: float = 0.0
    statuses: bool = False


def write_visitors(path: Path, visitors: Sequence[Visitor]) -> Path:
    """Write the visitors whose events are sent, as `wrk.lua` reads them."""
    written = ",".join(f'{{"{key}","{token}"}}' for key, token in visitors)
    path.write_text(f"return {{{written}}}")
    return path


def load(server: Serving, what: Load) -> dict[str, Any]:
    """Load a server for the given time, and wait until it has shipped the events.

    Times are milliseconds; `cpu_ms_a_request` has the fields of `Usage`.
    """
    before = usage_of(server.process.pid)
    report = _wrk(server.address, what)
    wait_until_idle(server.process.pid)
    requests = max(1, report["requests"])
    return {
        "requests": report["requests"],
        "requests_a_second": round(report["requests"] / report["duration"] * 1e6),
        "p50_ms": report["p50"] / 1000,
        "p99_ms": report["p99"] / 1000,
        "most_ms": report["max"] / 1000,
        "cpu_ms_a_request": usage_of(server.process.pid).since(before).milliseconds_each(requests),
        "errors": report["wrong"] + report["broken"],
        "broken": report["broken"],
        "statuses": report["statuses"],
        "retries": report["retries"],
    }


def _wrk(address: str, what: Load) -> dict[str, Any]:
    command = ["wrk", "-t2", f"-c{what.connections}", f"-d{round(what.seconds)}s"]
    command += ["--timeout", "10s", "-s", str(_SCRIPT), address]
    settings = {
        "LOAD_VISITORS": str(what.visitors),
        "LOAD_EVENTS": str(what.events),
        "LOAD_PAUSE": str(what.pause_ms),
        **({"LOAD_STATUSES": "1"} if what.statuses else {}),
    }
    environment = {**os.environ, **settings}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            found: dict[str, Any] = json.loads(line.removeprefix("RESULT "))
            return found
    raise RuntimeError(done.stdout + done.stderr)
