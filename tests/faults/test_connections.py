"""Clients that are slow, silent, endless or gone do not keep others from being answered."""

import asyncio
import contextlib
import resource
import socket
from pathlib import Path

import httpx2
import pytest

from benchmarks.serving import askfirst_command, free_port, prepared, serving
from tests.faults.acting import ENVIRONMENT, Memory, hold_promises
from tests.world import Browser

pytestmark = pytest.mark.faults

IDLE = 1500
HEAD = b"POST /event HTTP/1.1\r\nHost: x\r\nOrigin: https://example.org\r\n"


def idle(port: int, stack: contextlib.ExitStack, said: bytes) -> None:
    connected = socket.create_connection(("127.0.0.1", port))
    stack.callback(connected.close)
    connected.sendall(said)


async def endless(port: int) -> bytes:
    """Send a body without end, in chunks, until the server answers; give the answer's head."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    with contextlib.suppress(ConnectionError):
        for _ in range(1000):
            writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            await writer.drain()
            await asyncio.sleep(0)
    try:
        return await asyncio.wait_for(reader.read(200), 30)
    except ConnectionError:
        return b""
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def test_law_7_idle_slow_and_endless_clients_delay_nobody(tmp_path: Path):
    folder, port = tmp_path / "data", free_port()
    site, token = prepared(folder)
    memory = Memory()

    async def act(address: str) -> tuple[list[bool], float, bytes]:
        loop = asyncio.get_running_loop()
        with contextlib.ExitStack() as stack:
            for n in range(IDLE):
                half = HEAD + b"Content-Length: 500\r\n\r\n{"  # a body that never comes
                idle(port, stack, (b"", HEAD, half)[n % 3])
            async with httpx2.AsyncClient(base_url=address, timeout=30) as client:
                browser = Browser(client, site)
                browser.token = token
                started = loop.time()
                answers = [await memory.send(browser) for _ in range(50)]
                took = loop.time() - started
            return answers, took, await endless(port)

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 8192), hard), hard))
    with serving(askfirst_command(folder, port), port, **ENVIRONMENT) as server:
        answers, took, refused = asyncio.run(act(server.address))
    hold_promises(folder, memory)

    assert all(answers)
    assert took < 20
    assert b" 413 " in refused or refused == b""
