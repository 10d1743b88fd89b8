"""A crash under load: what was acknowledged is in the warehouse once, and nothing was invented."""

import asyncio
import signal
from pathlib import Path

import httpx2
import msgspec

from askfirst.settings import Settings
from benchmarks.load.serving import Serving, askfirst_command, free_port, prepared, serving
from server.services import open_services
from tests.factories import CHROME, MAXMIND, a_view

ENVIRONMENT = {
    "ASKFIRST_PLACES_FILE": str(MAXMIND),
    "ASKFIRST_EVENTS_PER_MINUTE": "1000000",
    "ASKFIRST_ADDRESS_EVENTS_PER_MINUTE": "1000000",
}
HEADERS = {"Origin": "https://example.org", "User-Agent": CHROME, "Content-Type": "text/plain"}


class Load:
    """Clients that send without pause and record what was sent and what was acknowledged."""

    def __init__(self, server: Serving, site: str, token: str, until: int) -> None:
        self.server, self.site, self.token, self.until = server, site, token, until
        self.sent: set[str] = set()
        self.acknowledged: set[str] = set()

    async def run(self) -> None:
        async with httpx2.AsyncClient(base_url=self.server.address, headers=HEADERS) as client:
            await asyncio.gather(*(self._send_until_it_dies(client) for _ in range(16)))

    async def _send_until_it_dies(self, client: httpx2.AsyncClient) -> None:
        while True:
            events = [a_view(), a_view()]
            ids = {event["id"] for event in events}
            self.sent |= ids
            body = {"site": self.site, "token": self.token, "events": events}
            try:
                answer = await client.post("/event", content=msgspec.json.encode(body))
            except httpx2.TransportError:
                return
            if answer.status_code == 202:
                self.acknowledged |= ids
            if len(self.acknowledged) >= self.until:
                self.server.process.send_signal(signal.SIGKILL)


async def ids_in_the_warehouse(folder: Path) -> list[str]:
    async with open_services(Settings(data_folder=folder, places_file=MAXMIND)) as services:
        await services.shipper.ship_all()
        return list(services.warehouse.events()["event_id"])


def test_law_7_kill_9_under_load_loses_nothing_acknowledged_and_doubles_nothing(tmp_path: Path):
    folder = tmp_path / "data"
    site, token = prepared(folder)
    acknowledged: set[str] = set()
    sent: set[str] = set()
    for until in (50, 400, 1500):
        port = free_port()
        with serving(askfirst_command(folder, port), port, **ENVIRONMENT) as server:
            load = Load(server, site.key, token, until)
            asyncio.run(load.run())
        acknowledged |= load.acknowledged
        sent |= load.sent
    stored = asyncio.run(ids_in_the_warehouse(folder))

    assert len(acknowledged) >= 1950
    assert acknowledged <= set(stored) <= sent
    assert len(stored) == len(set(stored))


def test_law_7_a_polite_stop_ships_everything(tmp_path: Path):
    folder = tmp_path / "data"
    site, token = prepared(folder)
    port = free_port()
    view = a_view()
    with serving(askfirst_command(folder, port), port, **ENVIRONMENT) as server:
        body = {"site": site.key, "token": token, "events": [view]}
        answer = httpx2.post(
            f"{server.address}/event", content=msgspec.json.encode(body), headers=HEADERS
        )

    assert answer.status_code == 202
    assert server.process.returncode == -signal.SIGTERM
    assert asyncio.run(ids_in_the_warehouse(folder)) == [view["id"]]
