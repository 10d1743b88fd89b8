"""A worker process takes events, the server stores them, and all else works as without it."""

import asyncio
import contextlib
import os
import resource
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
import structlog

from askfirst.settings import Settings
from benchmarks.load.serving import Serving, askfirst_command, free_port, prepared, serving
from server.services import open_services
from server.workers.handover import Adopting, adopter, hand_over, pair
from tests.factories import CHROME, MAXMIND, a_view
from tests.worker_processes import serving_workers

HEADERS = {"Origin": "https://example.org", "User-Agent": CHROME, "Content-Type": "text/plain"}
ENVIRONMENT = {"ASKFIRST_PLACES_FILE": str(MAXMIND), "ASKFIRST_WORKERS": "1"}


class Site:
    """A server with a worker, and a visitor who said yes; a request is a connection."""

    def __init__(self, folder: Path, server: Serving, key: str, token: str) -> None:
        self.folder = folder
        self.server = server
        self.key = key
        self.token = token
        self.acknowledged: list[str] = []

    def post(self, path: str, client: httpx2.Client | None = None, **said: Any) -> httpx2.Response:
        body = msgspec.json.encode({"site": self.key, "token": self.token, **said})
        send = client.post if client else httpx2.post
        return send(self.server.address + path, content=body, headers=HEADERS, timeout=30)

    def send(self, client: httpx2.Client | None = None) -> httpx2.Response:
        view = a_view()
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
    with serving(askfirst_command(folder, port), port, **ENVIRONMENT) as server:
        opened = Site(folder, server, made.key, token)
        eventually(lambda: len(opened.workers()) == 1)
        yield opened
    asyncio.run(all_is_there(opened))


async def all_is_there(site: Site) -> None:
    """Compare what every test acknowledged with the warehouse of the stopped server."""
    async with open_services(Settings(data_folder=site.folder, places_file=MAXMIND)) as services:
        frame = await asyncio.to_thread(services.warehouse.events)
        tally = await services.tallies.read(1, "2000-01-01", "2999-12-31")

    assert sorted(frame["event_id"]) == sorted(site.acknowledged)
    assert tally["withdrawn"] > 0


def eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
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
        with socket.create_connection(("127.0.0.1", port), timeout=30) as one:
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

    assert before == [202] * 6
    assert {answer.json()["error"]["code"] for answer in after} == {"withdrawn"}
    site.token = site.accept()


def test_law_7_a_worker_that_is_killed_takes_nothing_along_and_is_replaced(site: Site):
    """Until then the server itself answers: no request waits for the new one."""
    (killed,) = site.workers()
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: killed not in site.workers())
    meanwhile = [site.send().status_code for _ in range(4)]
    new_one_came_later = not site.workers()
    eventually(lambda: len(site.workers()) == 1)

    assert meanwhile == [202] * 4
    assert new_one_came_later
    assert [site.send().status_code for _ in range(4)] == [202] * 4


class Refused(asyncio.Protocol):
    """A connection that is refused as soon as it is made."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()

    def data_received(self, data: bytes) -> None:
        pytest.fail(f"was carried out: {data!r}")


async def handed(way: socket.socket) -> socket.socket:
    """Hand over one end of a connection and return the other."""
    ours, theirs = socket.socketpair()
    ours.settimeout(10)
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=theirs)
    hand_over(way, transport, b"GET /")
    for _ in range(5):  # turns of the loop, until it is read at the other end
        await asyncio.sleep(0)
    return ours


async def test_law_7_a_connection_that_finds_no_descriptor_does_not_end_the_handover():
    handing, taking = pair()
    adopted: list[tuple[socket.socket, bytes]] = []
    adopting = Adopting(taking, lambda one, data: adopted.append((one, data)))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with structlog.testing.capture_logs() as logs:
        for _ in range(2):
            ours, theirs = socket.socketpair()
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, theirs.fileno().to_bytes(4, "little"))]
            handing.sendmsg([b"GET /"], rights)
            theirs.close()
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            assert ours.recv(1) == b""
            ours.close()
    assert ([line["event"] for line in logs], adopted) == (["handover_failed"], [])
    (await handed(handing)).close()
    adopted[0][0].close()
    assert adopted[0][1] == b"GET /"

    handing.close()
    await asyncio.sleep(0.01)
    assert taking.fileno() == -1
    adopting.close()


async def test_a_connection_that_the_server_refuses_is_not_carried_out():
    handing, taking = pair()
    adopting = Adopting(taking, adopter(Refused))
    ours = await handed(handing)

    assert await asyncio.to_thread(ours.recv, 1) == b""
    for one in (ours, handing, adopting):
        one.close()


async def test_a_connection_that_cannot_be_adopted_is_closed_and_logged():
    def broken() -> asyncio.Protocol:
        raise RuntimeError

    handing, taking = pair()
    adopting = Adopting(taking, adopter(broken))
    with structlog.testing.capture_logs() as logs:
        ours = await handed(handing)
        assert await asyncio.to_thread(ours.recv, 1) == b""
    for one in (ours, handing, adopting):
        one.close()

    assert [(line["event"], line["where"], line["why"]) for line in logs] == [
        ("internal_error", "handover", "RuntimeError")
    ]
