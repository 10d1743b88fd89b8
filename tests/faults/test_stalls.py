"""A disk that does not take the journal for a while: events are refused, and none is lost."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from benchmarks.load.serving import Serving, free_port, prepared
from tests.faults.acting import ENVIRONMENT, ClientLog, hold_promises, memory_of, serving_warm
from tests.faults.test_connections import MEGABYTE
from tests.world import Browser

pytestmark = pytest.mark.faults

QUEUE = 20
CLIENTS = 100


def test_law_7_beyond_the_queue_events_get_503_at_once_and_memory_stays_bounded(tmp_path: Path):
    folder, port, client_log = tmp_path / "data", free_port(), ClientLog()
    site, token = prepared(folder)
    environment = {**ENVIRONMENT, "ASKFIRST_JOURNAL_QUEUE": str(QUEUE)}
    taken: list[bool] = []

    async def send_on(client: httpx2.AsyncClient, times: int) -> None:
        browser = Browser(client, site)
        browser.token = token
        taken.extend([await client_log.send(browser, events=20) for _ in range(times)])

    async def act(server: Serving) -> list[int]:
        limits = httpx2.Limits(max_connections=None)
        async with httpx2.AsyncClient(base_url=server.address, timeout=60, limits=limits) as client:
            await send_on(client, 5)
            sizes = [memory_of(server)]
            with closing(sqlite3.connect(folder / "journal.db", isolation_level=None)) as stalled:
                stalled.execute("BEGIN IMMEDIATE")  # SQLite waits for it as for a slow disk
                await asyncio.gather(*(send_on(client, 2) for _ in range(CLIENTS)))
                sizes.append(memory_of(server))
            taken.clear()
            await asyncio.gather(*(send_on(client, 3) for _ in range(QUEUE // 2)))
        return sizes

    with serving_warm(folder, port, environment) as server:
        before, during = asyncio.run(act(server))
    hold_promises(folder, client_log)

    assert client_log.turned_away == CLIENTS * 2
    assert taken == [True] * (QUEUE // 2 * 3)
    assert during - before < 50 * MEGABYTE
