"""The overview page of 30 days at a million events over 90 days: first and repeated loads.

    python -m benchmarks.overview [--events 1000000] [--quick]

All cards are in it. It is asked for again while nothing new is recorded, and after a page view has
come each time; with and without a filter; the first part of the answer, which has the figures and
the chart, is timed as well. `--events 10000000` takes ten million. Beside it, in the same run, a
page that does not query the warehouse (the one with the snippet).
Writes benchmarks/results/overview.json.
"""

import argparse
import asyncio
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import httpx2

from askfirst.settings import Settings
from askfirst.sites import Site
from benchmarks.load.serving import (
    HOSTS,
    add_site,
    askfirst_command,
    consenting,
    free_port,
    serving,
)
from benchmarks.load.usage import rss_of
from benchmarks.load.wrk import Visitor
from benchmarks.program import run
from benchmarks.table import Figure, Goal
from reports.authentication.accounts import Accounts
from server.demo.generated_visits import VisitGenerator
from server.services import Services, open_services

EVENTS_A_VISIT = 8.5  # what the demo's habits come to
QUICK = {"events": 20_000}
EMAIL = "owner@example.org"
AGAIN = 7
WARMED_S = 8
"""How long after the start the first page is asked for: the server has prepared its reports."""
SHIPPED_S = 1.5
"""After how long what was accepted is in the warehouse."""
HOME = f"https://{HOSTS[0]}"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
FILTER = "where=browser,is,Chrome"
_GOALS_MS = {1_000_000: 120, 10_000_000: 300}


def arguments() -> argparse.ArgumentParser:
    """Return the command line."""
    asked = argparse.ArgumentParser(description="Time the overview.")
    asked.add_argument("--events", type=int, default=1_000_000)
    return asked


async def fill(folder: Path, events: int, password: str) -> tuple[str, int]:
    """Fill a data folder with about so many events; return the site's key and their number."""
    async with open_services(Settings(data_folder=folder)) as services:
        site = await add_owned_site(services, password)
        async for done in VisitGenerator(services, site, round(events / EVENTS_A_VISIT)).days():
            print(f"\rfilled with {done} visits", end="", flush=True)
        counted = services.warehouse.answer("SELECT count(*) AS n FROM events")["n"].iloc[0]
    print()
    return site.key, int(counted)


async def add_owned_site(services: Services, password: str) -> Site:
    """Add the site that is measured, and an account that may see it."""
    site = await add_site(services)
    accounts = Accounts(services.ledger, services.clock)
    hashed = await accounts.hash(password)
    async with services.ledger.write() as connection:
        await accounts.add(connection, EMAIL, hashed)
    return site


def timed(client: httpx2.Client, path: str) -> float:
    """Return the milliseconds of one page."""
    start = time.perf_counter()
    client.get(path).raise_for_status()
    return (time.perf_counter() - start) * 1000


async def _visitor(folder: Path, key: str) -> Visitor:
    """Return the site and the token of a visitor who said yes in the folder of a stopped server."""
    async with open_services(Settings(data_folder=folder)) as services:
        site = services.book.find(key)
        assert site, key
        return key, services.tokens.sign(await consenting(services, site))


def timed_after(visitor: Visitor, client: httpx2.Client, path: str) -> float:
    """Return the milliseconds of a page after a page view of the visitor has reached reports."""
    key, token = visitor
    view = {"id": secrets.token_urlsafe(16), "kind": "page_view", "age": 0, "url": f"{HOME}/new"}
    headers = {"Origin": HOME, "User-Agent": BROWSER}
    sent = client.post(
        "/event", json={"site": key, "token": token, "events": [view]}, headers=headers
    )
    assert sent.status_code == 202, sent.text
    time.sleep(SHIPPED_S)
    return timed(client, path)


def first_part(client: httpx2.Client, path: str) -> float:
    """Return the milliseconds until the first part of a page is there, and read it whole."""
    start = time.perf_counter()
    with client.stream("GET", path) as answer:
        parts = answer.iter_raw()
        next(parts)
        took = time.perf_counter() - start
        for _ in parts:
            pass
    return took * 1000


def measure(events: int) -> dict[str, Any]:
    """Fill, start a fresh server, and time the pages."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as name:
        folder, password = Path(name) / "data", secrets.token_urlsafe()
        key, counted = asyncio.run(fill(folder, events, password))
        return {"events": counted, **page_times(folder, key, password)}


def page_times(folder: Path, key: str, password: str) -> dict[str, float]:
    """Start a server on a data folder; return the milliseconds of its pages and its memory."""
    visitor = asyncio.run(_visitor(folder, key))
    port = free_port()
    with serving(askfirst_command(folder, port), port) as server:
        client = httpx2.Client(
            base_url=server.address, headers={"Origin": server.address}, timeout=60
        )
        signed = client.post("/sign-in", data={"email": EMAIL, "password": password})
        assert signed.status_code == 303, signed.text
        page = f"/sites/{key}"
        plain = _repeated(timed, client, f"{page}/install")
        time.sleep(WARMED_S)
        cold = timed(client, f"{page}?period=30d")
        warm = _repeated(timed, client, f"{page}?period=30d")
        changed = _repeated(partial(timed_after, visitor), client, f"{page}?period=30d")
        first = _repeated(first_part, client, f"{page}?period=30d")
        filtered = _repeated(timed, client, f"{page}?period=30d&{FILTER}")
        longest = _repeated(timed, client, f"{page}?period=90d")
        memory = rss_of(server.process.pid)
    return {
        "overview_30_days_cold_ms": round(cold, 1),
        "overview_30_days_warm_ms": round(warm, 1),
        "overview_30_days_changed_ms": round(changed, 1),
        "overview_30_days_first_part_ms": round(first, 1),
        "overview_30_days_filtered_ms": round(filtered, 1),
        "overview_90_days_warm_ms": round(longest, 1),
        "page_without_questions_ms": round(plain, 1),
        "ratio_warm_to_plain": round(warm / plain, 1),
        "server_rss_mib": round(memory / (1 << 20)),
    }


def _repeated(
    ask: Callable[[httpx2.Client, str], float], client: httpx2.Client, path: str
) -> float:
    ask(client, path)
    return statistics.median(ask(client, path) for _ in range(AGAIN))


def figures(found: dict[str, Any]) -> list[Figure]:
    """Return the lines of the table."""
    plain = found["page_without_questions_ms"]
    size = next((one for one in _GOALS_MS if 0.9 < found["events"] / one < 1.1), 0)
    goal = (Goal("≤", _GOALS_MS[size]),) if size else ()
    pages: dict[str, tuple[str, tuple[Goal, ...]]] = {
        f"30 days, first time, {WARMED_S} s after the start": ("30_days_cold", (Goal("≤", 600),)),
        "30 days, again": ("30_days_warm", goal),
        "30 days, after a page view has come": ("30_days_changed", goal),
        "30 days, its first part": ("30_days_first_part", ()),
        "30 days, one browser": ("30_days_filtered", ()),
        "90 days, again": ("90_days_warm", ()),
    }
    of = f"overview of {found['events']:,} events"
    return [
        Figure(f"{of}, {name}", found[f"overview_{key}_ms"], "ms", plain, "plain page", goals=goals)
        for name, (key, goals) in pages.items()
        if f"overview_{key}_ms" in found
    ]


if __name__ == "__main__":
    run("overview")
