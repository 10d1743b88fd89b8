"""A start, and what it loads only later; and a stop, which loses nothing acknowledged."""

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import httpx2
import msgspec
import pytest

from askfirst.store.warehouse.identifiers import id_text
from benchmarks.load.serving import Serving, askfirst_command, free_port, prepared, serving
from tests.factories import CHROME, MAXMIND, a_view

HEAVY = {
    "alembic",
    "crawleruseragents",
    "ibis",
    "numpy",
    "pandas",
    "pyarrow",
    "sqlglot",
    "ua_parser",
    "user_agents",
}
"""Libraries that take from a twentieth of a second to half a second to load."""

NEVER = {"altair", "vl_convert"}
"""Libraries that come with the first chart as a file, if ever."""

OURS = {
    "server.checks.check",
    "server.demo.command",
    "server.demo.generated_visits",
    "server.checks.repair",
}
"""What other commands than `serve` need."""

SCRIPT = """
import asyncio, gc, json, sys
from pathlib import Path

import httpx2

import server.cli
from askfirst.settings import Settings
from server.startup import warming
from server.app import build_app
from server.services import open_services
from server.jobs import JOBS


async def main(folder: Path, places: Path) -> None:
    async with open_services(Settings(data_folder=folder, places_file=places)) as services:
        transport = httpx2.ASGITransport(build_app(services))
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            answers = [(await client.get(path)).status_code for path in ("/tag.js", "/sign-in")]
        for _, job in JOBS:
            await job(services)
        cold = sorted(sys.modules)
        warming.SECONDS = 0.0
        await asyncio.to_thread(warming.warm_soon().join)
        frozen = gc.get_freeze_count()
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            answers.append((await client.get("/sites/none")).status_code)
        found = {"answers": answers, "cold": cold, "warm": sorted(sys.modules), "frozen": frozen}
        print(json.dumps({**found, "collecting": gc.isenabled()}))


asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
"""


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Start in a process of its own, fetch a script and a page, run every job, and warm up."""
    folder = tmp_path_factory.mktemp("start") / "data"
    command = [sys.executable, "-c", SCRIPT, str(folder), str(MAXMIND)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    return json.loads(ended.stdout.splitlines()[0])


def test_a_start_and_its_first_answers_load_no_heavy_library(started: dict[str, Any]):
    assert started["answers"] == [200, 200, 303]
    assert (HEAVY | OURS) & set(started["cold"]) == set()


def test_what_the_reports_need_is_loaded_soon_after_the_start(started: dict[str, Any]):
    assert HEAVY - {"alembic"} <= set(started["warm"])
    assert not NEVER & set(started["warm"])
    assert OURS & set(started["warm"]) == set()


def test_what_is_loaded_after_the_start_is_frozen_and_collecting_goes_on(started: dict[str, Any]):
    assert started["frozen"] > 100_000
    assert started["collecting"] is True


HEADERS = {"Origin": "https://example.org", "User-Agent": CHROME, "Content-Type": "text/plain"}
ENVIRONMENT = {
    "ASKFIRST_PLACES_FILE": str(MAXMIND),
    "ASKFIRST_EVENTS_PER_MINUTE": "1000000",
    "ASKFIRST_ADDRESS_EVENTS_PER_MINUTE": "1000000",
}
STOP_AT = 600


class Senders:
    """Clients that send until the server is gone; it is told to stop after `STOP_AT` answers."""

    def __init__(self, server: Serving, site: str, token: str) -> None:
        self._server, self._site, self._token = server, site, token
        self.sent: set[str] = set()
        self.acknowledged: set[str] = set()

    async def run(self) -> None:
        async with httpx2.AsyncClient(base_url=self._server.address, headers=HEADERS) as client:
            await asyncio.gather(*(self._send(client) for _ in range(16)))

    async def _send(self, client: httpx2.AsyncClient) -> None:
        while True:
            view = a_view()
            self.sent.add(view["id"])
            body = {"site": self._site, "token": self._token, "events": [view]}
            try:
                answer = await client.post("/event", content=msgspec.json.encode(body))
            except httpx2.TransportError:
                return
            if answer.status_code == 202:
                self.acknowledged.add(view["id"])
                if len(self.acknowledged) == STOP_AT:
                    self._server.process.send_signal(signal.SIGTERM)


def test_law_7_a_stop_under_load_leaves_everything_acknowledged_in_the_warehouse(tmp_path: Path):
    folder, port = tmp_path / "data", free_port()
    site, token = prepared(folder)
    with serving(askfirst_command(folder, port), port, **ENVIRONMENT) as server:
        senders = Senders(server, site.key, token)
        asyncio.run(senders.run())
        ended = server.process.wait(60)
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as warehouse:
        found = warehouse.execute("SELECT event_id FROM events").fetchall()
    stored = [id_text(row[0].hex, "base64url") for row in found]

    assert ended == -signal.SIGTERM
    assert len(senders.acknowledged) >= STOP_AT
    assert senders.acknowledged <= set(stored) <= senders.sent
    assert len(stored) == len(set(stored))
    assert not list(folder.glob("*.wal"))
