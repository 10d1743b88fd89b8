"""Loads a server with events by wrk over loopback, and gives what was answered and what it cost."""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.load.serving import Serving
from benchmarks.load.usage import settled, usage_of

_SCRIPT = Path(__file__).with_name("load.lua")
Visitor = tuple[str, str]
"""A site's key and a token for it."""


@dataclass(frozen=True)
class Load:
    """What is sent: whose events, how many a request, on how many connections, how long.

    `pause_ms` is the mean rest of a connection before each request; wrk measures an answer's time
    from the sending, so the rest is not in it. With `statuses` answers are counted by status.
    """

    visitors: Path
    seconds: float
    connections: int
    events: int = 1
    pause_ms: float = 0.0
    statuses: bool = False


def write_visitors(path: Path, visitors: Sequence[Visitor]) -> Path:
    """Write those whose events are sent, as the script reads them."""
    written = ",".join(f'{{"{key}","{token}"}}' for key, token in visitors)
    path.write_text(f"return {{{written}}}")
    return path


def load(server: Serving, what: Load) -> dict[str, Any]:
    """Load a server until its time is up, and wait until it has shipped what it took.

    Times are milliseconds; `cpu_ms_a_request` has the parts of `Usage`.
    """
    before = usage_of(server.process.pid)
    said = _wrk(server.address, what)
    settled(server.process.pid)
    requests = max(1, said["requests"])
    return {
        "requests": said["requests"],
        "requests_a_second": round(said["requests"] / said["duration"] * 1e6),
        "p50_ms": said["p50"] / 1000,
        "p99_ms": said["p99"] / 1000,
        "most_ms": said["max"] / 1000,
        "cpu_ms_a_request": usage_of(server.process.pid).since(before).milliseconds_each(requests),
        "errors": said["wrong"] + said["broken"],
        "broken": said["broken"],
        "statuses": said["statuses"],
        "retries": said["retries"],
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
