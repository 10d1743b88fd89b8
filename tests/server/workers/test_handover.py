"""Connections that a worker hands over to the server, which adopts each or ends it."""

import asyncio
import contextlib
import resource
import socket

import pytest
import structlog

from server.http.connection import Connection
from server.workers.handover import Adopting, HandingOver, adopter, pair
from server.workers.worker import EventsOnly
from tests.server.exchange import Recorder, answers_in, maker


class Refused(asyncio.Protocol):
    """A connection that is refused as soon as it is made."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()

    def data_received(self, data: bytes) -> None:
        pytest.fail(f"was carried out: {data!r}")


async def handed(way: socket.socket) -> socket.socket:
    """Hand over one end of a connection and return the other."""
    ours, theirs = socket.socketpair()
    ours.settimeout(60)
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=theirs)
    HandingOver(way).hand_over(transport, b"GET /", transport.abort)
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
    async with asyncio.timeout(60):
        while taking.fileno() != -1:  # noqa: ASYNC110 - a socket rings no bell
            await asyncio.sleep(0.01)
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


def asked(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()


def fill(way: socket.socket) -> None:
    """Leave no room on a way for connections."""
    with contextlib.suppress(BlockingIOError):
        while True:
            ours, theirs = socket.socketpair()
            with ours, theirs:
                rights = theirs.fileno().to_bytes(4, "little")
                sent = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)]
                way.sendmsg([asked("/before").ljust(65_536, b"x")], sent)


class Client:
    """A client of a worker whose requests have to wait for the server, or are refused."""

    def __init__(self, handing: HandingOver) -> None:
        self._worker = maker(EventsOnly, Recorder(events_only=True, handing=handing))

    async def ask(self, *, pieces: bytes) -> socket.socket:
        """Send what a worker reads at once, and return when it has been read."""
        loop, (ours, theirs) = asyncio.get_running_loop(), socket.socketpair()
        for one in (ours, theirs):
            one.setblocking(False)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * len(pieces))
        assert await loop.run_in_executor(None, ours.send, pieces) == len(pieces)
        await loop.connect_accepted_socket(self._worker, theirs)
        for _ in range(5):
            await asyncio.sleep(0)
        return ours


async def statuses(client: socket.socket) -> list[int]:
    """Return what was answered until the other end closed."""
    said = b""
    with client, contextlib.suppress(ConnectionError):
        while part := await asyncio.get_running_loop().sock_recv(client, 65_536):
            said += part
    return [status for status, _ in answers_in(said)]


async def test_connections_wait_for_room_and_are_answered_in_their_turn():
    handing, taking = pair()
    fill(handing)
    client = Client(HandingOver(handing))
    waiting = [await client.ask(pieces=asked(f"/{number}")) for number in range(3)]
    with structlog.testing.capture_logs() as logs:
        server = Recorder()
        adopting = Adopting(taking, adopter(maker(Connection, server)))
        async with asyncio.timeout(60):
            answered = [await statuses(one) for one in waiting]

    assert (answered, logs) == ([[200]] * 3, [])
    assert [path for path, _ in server.seen if path != "/before"] == ["/0", "/1", "/2"]
    handing.close()
    adopting.close()


async def test_where_too_much_waits_the_longest_is_refused_and_not_the_next():
    handing, taking = pair()
    fill(handing)
    client = Client(HandingOver(handing, most_waiting=10_000))
    long = asked("/long").replace(b"\r\n\r\n", b"\r\nX: " + b"x" * 9_000 + b"\r\n\r\n")
    waiting = [
        await client.ask(pieces=pieces)
        for pieces in (asked("/first"), long, asked("/next"), long, asked("/last"))
    ]
    adopting = Adopting(taking, adopter(maker(Connection, Recorder())))
    async with asyncio.timeout(60):
        answered = [await statuses(one) for one in waiting]

    assert answered == [[200], [503], [200], [200], [200]]
    handing.close()
    adopting.close()


async def test_a_client_that_leaves_while_it_waits_delays_nobody():
    handing, taking = pair()
    fill(handing)
    client = Client(HandingOver(handing))
    (await client.ask(pieces=asked("/left"))).close()
    other = await client.ask(pieces=asked("/stays"))
    adopting = Adopting(taking, adopter(maker(Connection, Recorder())))
    async with asyncio.timeout(60):
        assert await statuses(other) == [200]
    handing.close()
    adopting.close()
