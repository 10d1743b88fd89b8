"""The overview page of 30 days at a million events over 90 days: first and repeated loads.

    python -m benchmarks.overview [--events 1000000] [--quick]

Beside it, in the same run, a page that does not query the warehouse (the one with the snippet).
Writes benchmarks/results/overview.json.
"""

import argparse
import asyncio
import os
import secrets
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx2

from askfirst.settings import Settings
from askfirst.sites import Site
from benchmarks.load.serving import add_site, askfirst_command, free_port, serving
from benchmarks.load.usage import rss_of
from benchmarks.program import run
from benchmarks.table import Figure
from reports.authentication.accounts import Accounts
from server.demo.generated_visits import VisitGenerator
from server.services import Services, open_services

EVENTS_A_VISIT = 8.5  # what the demo's habits come to
QUICK = {"events": 20_000}
EMAIL = "owner@example.org"
AGAIN = 7


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


def measure(events: int) -> dict[str, Any]:
    """Fill, start a fresh server, and time the pages."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as name:
        folder, password = Path(name) / "data", secrets.token_urlsafe()
        key, counted = asyncio.run(fill(folder, events, password))
        return {"events": counted, **page_times(folder, key, password)}


def page_times(folder: Path, key: str, password: str) -> dict[str, float]:
    """Start a server on a data folder; return the milliseconds of its pages and its memory."""
    port = free_port()
    with serving(askfirst_command(folder, port), port) as server:
        client = httpx2.Client(
            base_url=server.address, headers={"Origin": server.address}, timeout=60
        )
        signed = client.post("/sign-in", data={"email": EMAIL, "password": password})
        assert signed.status_code == 303, signed.text
        page = f"/sites/{key}"
        plain = statistics.median(timed(client, f"{page}/install") for _ in range(AGAIN))
        cold = timed(client, f"{page}?period=30d")
        warm = statistics.median(timed(client, f"{page}?period=30d") for _ in range(AGAIN))
        longest = statistics.median(timed(client, f"{page}?period=90d") for _ in range(AGAIN))
        memory = rss_of(server.process.pid)
    return {
        "overview_30_days_cold_ms": round(cold, 1),
        "overview_30_days_warm_ms": round(warm, 1),
        "overview_90_days_warm_ms": round(longest, 1),
        "page_without_questions_ms": round(plain, 1),
        "ratio_warm_to_plain": round(warm / plain, 1),
        "server_rss_mib": round(memory / (1 << 20)),
    }


def figures(found: dict[str, Any]) -> list[Figure]:
    """Return the lines of the table."""
    plain = found["page_without_questions_ms"]
    pages = {
        "30 days, first time after the start": "overview_30_days_cold_ms",
        "30 days, again": "overview_30_days_warm_ms",
        "90 days, again": "overview_90_days_warm_ms",
    }
    of = f"overview of {found['events']:,} events"
    return [
        Figure(f"{of}, {name}", found[key], "ms", plain, "page without queries")
        for name, key in pages.items()
    ]


if __name__ == "__main__":
    run("overview")
