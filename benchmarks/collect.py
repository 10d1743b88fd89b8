"""Durable page views, one a request, by wrk over loopback, beside a route that stores nothing.

    python -m benchmarks.collect [--seconds 10] [--connections 32]

Needs wrk. Writes benchmarks/results/collect.json.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.results import write
from benchmarks.serving import Serving, askfirst_command, free_port, prepared, serving

_SCRIPT = """
local letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
local function id()
  local made = {}
  for n = 1, 22 do local i = math.random(64); made[n] = letters:sub(i, i) end
  return table.concat(made)
end
local threads = 0
function setup(thread) threads = threads + 1; thread:set("number", threads) end
function init() math.randomseed(os.time() * 100 + number) end
wrk.method = "POST"
wrk.headers["Content-Type"] = "text/plain"
wrk.headers["Origin"] = "https://example.org"
wrk.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
wrk.headers["Accept-Language"] = "en-GB,en;q=0.8"
function request()
  return wrk.format(nil, "/event", nil, '{"site":"SITE","token":"TOKEN","events":[{"id":"' .. id()
    .. '","kind":"page_view","age":0,"url":"https://example.org/articles/knots",'
    .. '"referrer":"https://example.org/"}]}')
end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


def load(server: Serving, script: Path, seconds: int, connections: int) -> dict[str, float]:
    """Load a server and give requests a second, p50 and p99 in ms, CPU ms a request, errors."""
    command = ["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "-s", str(script), server.address]
    before = server.cpu_seconds()
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    cpu = server.cpu_seconds() - before
    found = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+)", text)
    if found is None:
        raise RuntimeError(text)
    requests, duration, p50, p99, errors = map(int, found.groups())
    return {
        "requests": requests,
        "requests_a_second": round(requests / duration * 1e6),
        "p50_ms": p50 / 1000,
        "p99_ms": p99 / 1000,
        "cpu_ms_a_request": round(cpu / requests * 1000, 4),
        "errors": errors,
    }


def measure(seconds: int, connections: int) -> dict[str, Any]:
    """Measure baseline, askfirst and baseline again, and give all three with their ratio."""
    with tempfile.TemporaryDirectory() as name:
        folder, script = Path(name) / "data", Path(name) / "load.lua"
        site, token = prepared(folder)
        script.write_text(_SCRIPT.replace("SITE", site.key).replace("TOKEN", token))
        plan = {"seconds": seconds, "connections": connections}
        before = _baseline(script, **plan)
        port = free_port()
        unlimited = {"ASKFIRST_EVENTS_PER_MINUTE": str(10**9)}
        with serving(askfirst_command(folder, port), port, **unlimited) as server:
            ours = load(server, script, **plan)
        after = _baseline(script, **plan)
        stored = _rows(folder)
    route = (before["requests_a_second"] + after["requests_a_second"]) / 2
    return {
        **plan,
        "askfirst": ours,
        "route_before": before,
        "route_after": after,
        "ratio": round(ours["requests_a_second"] / route, 3),
        "rows_in_the_warehouse": stored,
    }


def _baseline(script: Path, seconds: int, connections: int) -> dict[str, float]:
    port = free_port()
    with serving([sys.executable, "-m", "benchmarks.baseline", str(port)], port) as server:
        return load(server, script, seconds, connections)


def _rows(folder: Path) -> int:
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as warehouse:
        row = warehouse.execute("SELECT count(*) FROM events").fetchone()
        return int(row[0]) if row else 0


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description="Measure durable page views a second.")
    asked.add_argument("--seconds", type=int, default=10)
    asked.add_argument("--connections", type=int, default=32)
    found = measure(**vars(asked.parse_args()))
    write("collect", found)
    print(json.dumps(found, indent=2))
