"""The guards of tests/conftest.py hold, so that the other tests may rely on them."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from blockbuster import BlockingError

ROOT = Path(__file__).parents[2]


def _as_if_in(room: str, source: str) -> Callable[[], None]:
    names: dict[str, Callable[[], None]] = {}
    exec(compile(source, str(ROOT / room / "napping.py"), "exec"), names)
    return names["call"]


def test_a_test_reaches_no_other_machine() -> None:
    with socket.socket() as out, pytest.raises(AssertionError, match="only loopback"):
        out.connect(("192.0.2.1", 80))


def test_a_test_looks_up_no_name_elsewhere() -> None:
    with pytest.raises(AssertionError, match="only loopback"):
        socket.getaddrinfo("example.com", 80)


async def test_a_test_reaches_its_own_machine_through_asyncio() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


async def test_our_code_may_not_sleep_on_the_event_loop() -> None:
    nap = _as_if_in("collector", "import time\ndef call(): time.sleep(0)")
    with pytest.raises(BlockingError):
        nap()


async def test_our_code_may_not_query_sqlite_on_the_event_loop() -> None:
    query = _as_if_in(
        "consent",
        "import sqlite3, contextlib\n"
        "def call():\n"
        "    with contextlib.closing(sqlite3.connect(':memory:')) as c:\n"
        "        c.execute('SELECT 1')",
    )
    with pytest.raises(BlockingError):
        query()
    await asyncio.to_thread(query)
