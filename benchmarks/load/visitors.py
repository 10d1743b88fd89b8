"""Creates sites and visitors who said yes in a data folder, as many as a measurement needs."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from askfirst.settings import Settings
from benchmarks.load.serving import add_site, answer
from benchmarks.load.wrk import Visitor
from consent.proof.records import record_consents
from server.services import Services, open_services

VISITORS = 1000
"""How many visitors send by default."""


def create_visitors(folder: Path, visitors: int = VISITORS, sites: int = 1) -> list[Visitor]:
    """Create sites with equally many visitors; return each visitor's site key and token."""
    return asyncio.run(_create_visitors(folder, visitors, sites))


async def _create_visitors(folder: Path, visitors: int, sites: int) -> list[Visitor]:
    async with open_services(Settings(data_folder=folder)) as services:
        of_each = [await _site_with_visitors(services, visitors // sites) for _ in range(sites)]
    return [one for some in zip(*of_each, strict=True) for one in some]


async def _site_with_visitors(services: Services, visitors: int) -> list[Visitor]:
    site = await add_site(services)
    given = await record_consents(
        services.ledger, await answer(services, site), [services.clock()] * visitors
    )
    return [(site.key, services.tokens.sign(one.claims)) for one in given]


def add_withdrawals(folder: Path, number: int) -> None:
    """Write so many withdrawals of other visitors into the ledger of a stopped server."""
    with closing(sqlite3.connect(folder / "ledger.db")) as ledger, ledger:
        (site_id, now) = ledger.execute("SELECT min(id), max(created_at) FROM sites").fetchone()
        ledger.executemany(
            "INSERT INTO withdrawals (consent_id, site_id, withdrawn_at) VALUES (?, ?, ?)",
            _withdrawals(number, site_id, now),
        )


def _withdrawals(number: int, site_id: int, now: int) -> Iterator[tuple[str, int, int]]:
    return ((f"{n * 0x9E3779B97F4A7C15 % 2**128:032x}", site_id, now) for n in range(number))
