"""Clients that are slow, silent, endless, too many or gone do not prevent serving the others."""

import asyncio
import contextlib
import resource
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.load.serving import Serving, askfirst_command, free_port, prepared, serving
from server.http.connection_limits import PATIENCE
from server.http.descriptors import OWN_DESCRIPTORS
from tests.faults.acting import (
    ENVIRONMENT,
    ClientLog,
    hold_promises,
    memory_of,
    send,
    serving_warm,
    wait_until,
)

pytestmark = pytest.mark.faults

IDLE = 5000
ADDRESSES = 50
"""The addresses of the clients: one address may not have all connections."""
MEGABYTE = 1 << 20
HEAD = b"POST /event HTTP/1.1\r\nHost: x\r\nOrigin: https://example.org\r\n"
HALF = (b"", b"\r\n", HEAD, HEAD + b"Content-Length: 500\r\n\r\n{", HEAD + b"X: ")
"""Nothing, an empty line, a head that does not end, a body that does not come, half a header."""


@pytest.fixture(autouse=True)
def _many_descriptors() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 12_000), hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextlib.contextmanager
def connected(port: int, number: int) -> Iterator[list[socket.socket]]:
    """Open connections of many addresses that send half a request at most."""
    with contextlib.ExitStack() as stack:
        opened = []
        for n in range(number):
            of = f"127.0.1.{1 + n % ADDRESSES}", 0
            one = socket.create_connection(("127.0.0.1", port), timeout=60, source_address=of)
            stack.enter_context(one)
            with contextlib.suppress(ConnectionError):
                one.sendall(HALF[n % len(HALF)])
            opened.append(one)
        yield opened


def descriptors_of(server: Serving) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


def test_law_7_5000_half_open_connections_delay_nobody_and_are_ended(tmp_path: Path):
    folder, port, client_log = tmp_path / "data", free_port(), ClientLog()
    site, token = prepared(folder)
    with serving_warm(folder, port, ENVIRONMENT) as server:
        send(server, client_log, site, token, 5)
        alone, before = memory_of(server), descriptors_of(server)
        with connected(port, IDLE):
            took = send(server, client_log, site, token, 50)
            crowded = memory_of(server)
            wait_until(lambda: descriptors_of(server) < before + 100, PATIENCE + 30)
        took += send(server, client_log, site, token, 5)
    hold_promises(folder, client_log)

    assert len(took) == 55
    assert sorted(took)[25] < 1
    assert crowded - alone < 100 * MEGABYTE


def test_law_7_a_client_of_a_byte_a_second_delays_nobody_and_is_ended(tmp_path: Path):
    folder, port, client_log = tmp_path / "data", free_port(), ClientLog()
    site, token = prepared(folder)

    async def drip() -> float:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        started, gone = time.monotonic(), asyncio.create_task(reader.read())
        for byte in HEAD:
            writer.write(bytes([byte]))
            done, _ = await asyncio.wait([gone], timeout=1)
            if done:
                break
        writer.transport.abort()
        await asyncio.gather(gone, return_exceptions=True)
        return time.monotonic() - started

    async def act(server: Serving) -> tuple[list[float], list[float]]:
        sending = asyncio.to_thread(send, server, client_log, site, token, 20)
        took, *dripping = await asyncio.gather(sending, *(drip() for _ in range(50)))
        return took, dripping

    with serving(askfirst_command(folder, port), port, **ENVIRONMENT) as server:
        took, dripping = asyncio.run(act(server))
    hold_promises(folder, client_log)

    assert len(took) == 20
    assert max(dripping) < PATIENCE + 20


@pytest.mark.parametrize("path", [b"/event", b"/consent"])
def test_a_body_without_end_is_answered_413_and_kept_nowhere(tmp_path: Path, path: bytes):
    folder, port = tmp_path / "data", free_port()
    prepared(folder)
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"

    async def endless() -> tuple[bytes, int]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD.replace(b"/event", path) + b"Transfer-Encoding: chunked\r\n\r\n")
        writer.write(chunk * 2)
        said, sent = await asyncio.wait_for(reader.read(200), 30), 0
        with contextlib.suppress(ConnectionError):
            while sent < 500 * MEGABYTE:
                writer.write(chunk)
                await writer.drain()
                await asyncio.sleep(0)
                sent += len(chunk)
        writer.transport.abort()
        return said, sent

    with serving_warm(folder, port, ENVIRONMENT) as server:
        before = memory_of(server)
        said, sent = asyncio.run(endless())
        grown = memory_of(server) - before

    assert b" 413 " in said
    assert sent < 100 * MEGABYTE
    assert grown < 50 * MEGABYTE


def test_law_7_connections_beyond_the_descriptors_are_told_to_come_again(tmp_path: Path):
    folder, port, client_log = tmp_path / "data", free_port(), ClientLog()
    site, token = prepared(folder)
    limit = OWN_DESCRIPTORS + 72
    command = ["prlimit", f"--nofile={limit}:{limit}", *askfirst_command(folder, port)]
    with serving(command, port, **ENVIRONMENT) as server:
        with connected(port, limit + 100) as crowd:
            silent = [one for n, one in enumerate(crowd) if n % len(HALF) == 0]
            told = [one.recv(200) for one in silent[-10:]]
            held = descriptors_of(server)
        wait_until(lambda: descriptors_of(server) < limit - 100, 60)
        took = send(server, client_log, site, token, 20)
    hold_promises(folder, client_log)

    # The last free connections are for addresses that have none yet.
    assert {one[:13] for one in told} <= {b"HTTP/1.1 503 ", b"HTTP/1.1 429 "}
    assert all(b"Retry-After: " in one for one in told)
    assert held < limit
    assert len(took) == 20


def test_law_7_a_server_without_any_descriptor_left_goes_on_and_recovers(tmp_path: Path):
    folder, port, client_log = tmp_path / "data", free_port(), ClientLog()
    site, token = prepared(folder)
    with serving(askfirst_command(folder, port), port, **ENVIRONMENT) as server:
        send(server, client_log, site, token, 5)
        usual = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
        none_left = descriptors_of(server) + 3, usual[1]
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, none_left)
        with contextlib.suppress(ConnectionError), connected(port, 50):
            time.sleep(3)  # jobs run meanwhile, without a descriptor for a file
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, usual)
        took = send(server, client_log, site, token, 20)
    hold_promises(folder, client_log)

    assert len(took) == 20
