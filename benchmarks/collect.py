"""Durable page views, one a request, by wrk over loopback, beside a route that stores nothing.

    python -m benchmarks.collect [--rounds 5] [--seconds 4] [--connections 32]

Needs wrk. Writes benchmarks/results/collect.json.
"""

import argparse
import itertools
import json
import re
import statistics
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


def measure(rounds: int, seconds: int, connections: int) -> dict[str, Any]:
    """Load the route and askfirst by turns, so that a noisy machine troubles both alike.

    The ratio is the median over the rounds, each beside the route just before and after it.
    """
    with tempfile.TemporaryDirectory() as name:
        folder, script = Path(name) / "data", Path(name) / "load.lua"
        site, token = prepared(folder)
        script.write_text(_SCRIPT.replace("SITE", site.key).replace("TOKEN", token))
        plan = {"seconds": seconds, "connections": connections}
        port, route_port = free_port(), free_port()
        route_command = [sys.executable, "-m", "benchmarks.baseline", str(route_port)]
        unlimited = {"ASKFIRST_EVENTS_PER_MINUTE": str(10**9)}
        with (
            serving(route_command, route_port) as route,
            serving(askfirst_command(folder, port), port, **unlimited) as server,
        ):
            routes, ours = [load(route, script, **plan)], []
            for _ in range(rounds):
                ours.append(load(server, script, **plan))
                routes.append(load(route, script, **plan))
        return {
            "rounds": rounds,
            **plan,
            "ratio": _median_ratio(ours, routes),
            "askfirst": _medians(ours),
            "route": _medians(routes),
            "acknowledged": sum(one["requests"] for one in ours),
            "rows_in_the_warehouse": _rows(folder),
        }


def _median_ratio(ours: list[dict[str, float]], routes: list[dict[str, float]]) -> float:
    rate = "requests_a_second"
    beside = [(a[rate] + b[rate]) / 2 for a, b in itertools.pairwise(routes)]
    ratios = [one[rate] / route for one, route in zip(ours, beside, strict=True)]
    return round(statistics.median(ratios), 3)


def _medians(found: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(one[name] for one in found) for name in found[0]}


def _rows(folder: Path) -> int:
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as warehouse:
        row = warehouse.execute("SELECT count(*) FROM events").fetchone()
        return int(row[0]) if row else 0


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description="Measure durable page views a second.")
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--seconds", type=int, default=4)
    asked.add_argument("--connections", type=int, default=32)
    found = measure(**vars(asked.parse_args()))
    write("collect", found)
    print(json.dumps(found, indent=2))
