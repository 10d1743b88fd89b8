"""A worker process takes events, the server stores them, and all else works as without it."""

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from typer.testing import CliRunner

from askfirst.settings import Settings
from benchmarks.load.serving import Serving, askfirst_command, free_port, prepared, serving
from reports.authentication.accounts import Accounts
from server.cli import commands
from server.services import open_services
from tests.factories import CHROME, MAXMIND, a_view
from tests.worker_processes import serving_workers

HEADERS = {"Origin": "https://example.org", "User-Agent": CHROME, "Content-Type": "text/plain"}
METRICS = {"Authorization": "Bearer a-token-of-the-metrics"}
ENVIRONMENT = {
    "ASKFIRST_PLACES_FILE": str(MAXMIND),
    "ASKFIRST_WORKERS": "1",
    "ASKFIRST_METRICS_TOKEN": METRICS["Authorization"].removeprefix("Bearer "),
}
OWNER = {"email": "owner@example.org", "password": "a password of the owner"}


class Site:
    """A server with a worker, and a visitor who said yes; a request is a connection."""

    def __init__(self, folder: Path, server: Serving, key: str, token: str) -> None:
        self.folder = folder
        self.server = server
        self.key = key
        self.token = token
        self.acknowledged: list[str] = []
        self.withdrawn = 0  # events that came behind a withdrawal

    def post(self, path: str, client: httpx2.Client | None = None, **said: Any) -> httpx2.Response:
        body = msgspec.json.encode({"site": self.key, "token": self.token, **said})
        send = client.post if client else httpx2.post
        return send(self.server.address + path, content=body, headers=HEADERS, timeout=60)

    def send(self, client: httpx2.Client | None = None, **changes: str) -> httpx2.Response:
        view = a_view(**changes)
        answer = self.post("/event", client, events=[view])
        if answer.status_code == 202:
            self.acknowledged.append(view["id"])
        return answer

    def accept(self) -> str:
        asked = httpx2.get(f"{self.server.address}/wording/{self.key}.json").json()
        said = {"choice": "accept", "purposes": ["statistics"], "version": asked["version"]}
        said |= {"notice": asked["hash"], "language": "en", "method": "banner", "gpc": False}
        body = msgspec.json.encode({"site": self.key, **said})
        answer = httpx2.post(f"{self.server.address}/consent", content=body, headers=HEADERS)
        return str(answer.json()["token"])

    def workers(self) -> list[int]:
        """Return the processes that take events."""
        return serving_workers(self.server)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder, port = tmp_path_factory.mktemp("workers") / "data", free_port()
    made, token = prepared(folder)
    asyncio.run(add_owner(folder))
    with serving(askfirst_command(folder, port), port, **ENVIRONMENT) as server:
        opened = Site(folder, server, made.key, token)
        eventually(lambda: len(opened.workers()) == 1)
        yield opened
    asyncio.run(all_is_there(opened))


async def add_owner(folder: Path) -> None:
    async with open_services(Settings(data_folder=folder, places_file=MAXMIND)) as services:
        accounts = Accounts(services.ledger, services.clock)
        hashed = await accounts.hash(OWNER["password"])
        async with services.ledger.write() as connection:
            await accounts.add(connection, OWNER["email"], hashed)


async def all_is_there(site: Site) -> None:
    """Compare what every test acknowledged with the warehouse of the stopped server."""
    async with open_services(Settings(data_folder=site.folder, places_file=MAXMIND)) as services:
        frame = await asyncio.to_thread(services.warehouse.events)
        tally = await services.tallies.read(1, "2000-01-01", "2999-12-31")

    assert sorted(frame["event_id"]) == sorted(site.acknowledged)
    assert tally.get("withdrawn", 0) == site.withdrawn


def eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_law_7_events_of_every_connection_are_acknowledged(site: Site):
    assert [site.send().status_code for _ in range(12)] == [202] * 12


def test_a_connection_that_brought_an_event_goes_on_with_a_page(site: Site):
    with httpx2.Client() as client:
        statuses = [
            site.send(client).status_code,
            client.get(f"{site.server.address}/tag.js").status_code,
            site.send(client).status_code,
            client.get(f"{site.server.address}/policy/{site.key}").status_code,
        ]

    assert statuses == [202, 200, 202, 200]


@pytest.mark.parametrize("path", ["/event", "/consent"])
def test_what_follows_an_upgrade_that_is_not_made_is_never_answered(site: Site, path: str):
    hidden = b"GET /tag.js HTTP/1.1\r\nHost: x\r\n\r\n"
    asked = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: x\r\n"
        f"Content-Length: {len(hidden)}\r\n\r\n"
    ).encode()
    port = int(site.server.address.rpartition(":")[2])
    for pieces in ([asked + hidden + hidden], [asked, hidden, hidden]):
        said = b""
        with socket.create_connection(("127.0.0.1", port), timeout=60) as one:
            with contextlib.suppress(ConnectionError):
                for piece in pieces:
                    one.sendall(piece)
                    time.sleep(0.05)  # so that each is read by itself, mostly
            with contextlib.suppress(ConnectionError):
                while part := one.recv(65_536):
                    said += part

        assert said.startswith(b"HTTP/1.1 400 ")
        assert said.count(b"HTTP/1.1 ") == 1
        assert b'"code":"malformed"' in said


def test_law_5_a_withdrawal_holds_at_once_in_every_worker(site: Site):
    site.token = site.accept()
    before = [site.send().status_code for _ in range(6)]
    site.post("/consent", choice="withdraw").raise_for_status()
    after = [site.send() for _ in range(12)]
    site.withdrawn += len(after)

    assert before == [202] * 6
    assert {answer.json()["error"]["code"] for answer in after} == {"withdrawn"}
    site.token = site.accept()


def counted(site: Site, reason: str) -> int:
    """Return how many events the metrics say were not recorded for a reason."""
    answer = httpx2.get(f"{site.server.address}/metrics", headers=METRICS).raise_for_status()
    name = f'askfirst_not_recorded_total{{reason="{reason}",site="{site.key}"}} '
    lines = [line for line in answer.text.splitlines() if line.startswith(name)]
    return sum(round(float(line.removeprefix(name))) for line in lines)


def test_law_7_a_worker_that_is_killed_takes_nothing_along_and_is_replaced(site: Site):
    """Until then the server itself answers: no request waits for the new one.

    A worker tells what it refused within half a second; what is not told is killed with it.
    """
    eventually(lambda: counted(site, "withdrawn") == site.withdrawn)
    (killed,) = site.workers()
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: killed not in site.workers())
    meanwhile = [site.send().status_code for _ in range(4)]
    new_one_came_later = not site.workers()
    eventually(lambda: len(site.workers()) == 1)

    assert meanwhile == [202] * 4
    assert new_one_came_later
    assert [site.send().status_code for _ in range(4)] == [202] * 4


def test_the_stream_of_who_is_here_and_the_metrics_tell_what_a_worker_took_and_refused(site: Site):
    assert counted(site, "no_consent") == 0
    assert site.send(url="https://example.org/by-a-worker").status_code == 202
    site.post("/event", token="", events=[a_view()])
    eventually(lambda: counted(site, "no_consent") == 1)

    path, own = f"/sites/{site.key}/now/events", {"Origin": site.server.address}
    with httpx2.Client(base_url=site.server.address, headers=own, timeout=60) as client:
        assert client.post("/sign-in", data=OWNER).status_code == 303
        with client.stream("GET", path) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            assert any("/by-a-worker" in line for line in answer.iter_lines())


def test_a_check_beside_a_worker_finds_that_nothing_differs(site: Site):
    assert site.send().status_code == 202
    checked = CliRunner().invoke(commands, ["check", str(site.folder)])

    assert (checked.exit_code, checked.output) == (0, "Ledger, journal and warehouse agree.\n")
