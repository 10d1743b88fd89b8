"""Connections that a worker hands over to the server, which adopts each or ends it."""

import asyncio
import resource
import socket

import pytest
import structlog

from server.workers.handover import Adopting, adopter, hand_over, pair


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
