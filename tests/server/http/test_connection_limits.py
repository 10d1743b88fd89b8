"""Connections that owe a request, do not read, have no end or are too many, on a real server."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import structlog
import uvicorn
from starlette.types import Receive, Scope, Send

from server.http.connection_limits import MOST_HEAD, BoundedConnection

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"
ANSWERED = b"\r\n\r\nx"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
PATIENCE = 60  # seconds for what comes at once where no other process works
LONG = 20_000_000  # bytes, more than the system's buffers take


class Impatient(BoundedConnection):
    patience = 0.2
    sweep_seconds = 0.04


class Patient(BoundedConnection):
    """A connection that outlasts a pause of the machine, for clients that must not be cut off."""

    patience = 1.0
    sweep_seconds = 0.04


class OnlyTwo(Impatient):
    most_connections = staticmethod(lambda: 2)

    def exempt(self) -> bool:
        return True


class OnlyNine(BoundedConnection):
    most_connections = staticmethod(lambda: 9)


@dataclass
class Room:
    """A running server: its port, and what was done there."""

    port: int = 0
    answered: list[str] = field(default_factory=list)
    end: asyncio.Event = field(default_factory=asyncio.Event)

    async def application(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer at once, or when `end` is set, or with a long body, or without reading."""
        path = scope["path"]
        if path == "/slow":
            await self.end.wait()
        if path not in ("/refused", "/slow"):
            while (await receive()).get("more_body"):
                pass
        body = b"x" * (LONG if path == "/long" else 1)
        headers = [(b"content-length", b"%d" % len(body))]
        status = 413 if path == "/refused" else 200
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        self.answered.append(path)

    @contextlib.asynccontextmanager
    async def connection(self, said: bytes = b"", of: str = "127.0.0.1") -> AsyncIterator[Streams]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(of, 0))
        try:
            writer.write(said)
            yield reader, writer
        finally:
            writer.transport.abort()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


@contextlib.asynccontextmanager
async def serving(connection: type[BoundedConnection] = Impatient) -> AsyncIterator[Room]:
    room = Room()
    config = uvicorn.Config(
        room.application,
        interface="asgi3",
        port=0,
        http=connection,
        lifespan="off",
        log_level="critical",
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn rings no bell
        await asyncio.sleep(0.01)
    room.port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield room
    finally:
        room.end.set()
        server.should_exit = True
        await asyncio.wait_for(task, PATIENCE)


def asking(path: str, method: bytes = b"GET") -> bytes:
    return REQUEST.replace(b"GET / ", b"%b %b " % (method, path.encode()))


async def seconds_until_closed(reader: asyncio.StreamReader) -> float:
    started = time.monotonic()
    with contextlib.suppress(ConnectionError):
        await asyncio.wait_for(reader.read(), PATIENCE)
    return time.monotonic() - started


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\r\n",
        b"GET / HTTP/1.1\r\nHost:",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        REQUEST + b"\r\n",
        REQUEST + b"GET / HT",
    ],
)
async def test_a_client_that_owes_a_request_is_cut_off(said: bytes):
    async with serving() as room, room.connection(said) as (reader, _):
        took = await seconds_until_closed(reader)

    assert took > 0.15


async def test_a_client_that_sends_a_byte_now_and_then_is_cut_off():
    async with serving() as room, room.connection() as (reader, writer):
        closed = asyncio.create_task(seconds_until_closed(reader))
        for byte in HEAD * 30:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.02)
            if closed.done():
                break
        in_the_midst = closed.done()
        await closed

    assert in_the_midst
    assert room.answered == []


async def test_a_connection_that_is_used_stays_and_one_whose_answer_takes_long_too():
    async with serving(Patient) as room, room.connection() as (reader, writer):
        for _ in range(8):
            writer.write(REQUEST)
            await reader.readuntil(ANSWERED)
            await asyncio.sleep(0.2)
        writer.write(asking("/slow"))
        await asyncio.sleep(1.5)
        room.end.set()
        await asyncio.wait_for(reader.readuntil(ANSWERED), PATIENCE)

    assert room.answered == ["/"] * 8 + ["/slow"]


async def test_a_client_that_does_not_read_is_cut_off_and_one_that_reads_slowly_is_not():
    asked = asking("/long")
    async with (
        serving(Patient) as room,
        room.connection(asked) as (silent, _),
        room.connection(asked) as (slow, _),
    ):
        got = await read_slowly(slow)
        rest = 0
        with contextlib.suppress(ConnectionError):
            while part := await silent.read(1 << 20):
                rest += len(part)

    assert got >= LONG
    assert rest < LONG


async def read_slowly(reader: asyncio.StreamReader) -> int:
    got = 0
    while got < LONG:
        got += len(await reader.read(1 << 20))
        await asyncio.sleep(0.015)
    return got


async def test_a_head_without_end_is_refused():
    line = b"a: " + b"b" * 1000 + b"\r\n"
    async with serving(BoundedConnection) as room, room.connection() as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\n" + line * (MOST_HEAD // len(line) + 1))
        said = await asyncio.wait_for(reader.read(), PATIENCE)

    assert said.startswith(b"HTTP/1.1 431 ")
    assert b'"code":"too_large"' in said
    assert room.answered == []


async def test_a_refused_body_without_end_is_answered_and_then_cut_off():
    head = asking("/refused", b"POST")[:-2] + b"Transfer-Encoding: chunked\r\n\r\n"
    async with serving(BoundedConnection) as room, room.connection(head) as (reader, writer):
        answer = await asyncio.wait_for(reader.readuntil(ANSWERED), PATIENCE)
        sent = 0
        with contextlib.suppress(ConnectionError):
            while sent < 100_000_000:
                writer.write(b"8000\r\n" + b"x" * 0x8000 + b"\r\n")
                await writer.drain()
                sent += 0x8000

    assert b" 413 " in answer
    assert sent < 50_000_000


async def test_one_connection_too_many_is_told_to_come_again_and_the_others_are_served():
    async with serving(OnlyTwo) as room:
        async with room.connection() as (reader, writer), room.connection():
            async with room.connection() as (third, _):
                told = await asyncio.wait_for(third.read(), PATIENCE)
            writer.write(REQUEST)
            answer = await asyncio.wait_for(reader.readuntil(ANSWERED), PATIENCE)
        again = await when_served(room)

    assert told.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 5\r\n" in told
    assert b'"code":"unavailable"' in told
    assert b" 200 " in answer
    assert b" 200 " in again


async def held(room: Room, stack: contextlib.AsyncExitStack, of: str) -> list[bytes]:
    """Open connections of an address and keep them until one is refused; return its answer."""
    said = list[bytes]()
    while not said or b" 200 " in said[-1]:
        reader, _ = await stack.enter_async_context(room.connection(REQUEST, of))
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
        said.append(head)
    return said


async def when_served(room: Room, of: str = "127.0.0.1") -> bytes:
    """Ask until the server has seen that others have gone; return the answer."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with room.connection(REQUEST, of) as (reader, _):
                head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " in head:
                return head


async def test_nobody_takes_all_connections_and_whoever_has_few_still_gets_one():
    async with serving(OnlyNine) as room:
        async with contextlib.AsyncExitStack() as stack:
            first = await held(room, stack, "127.0.0.2")
            second = await held(room, stack, "127.0.0.3")
            async with room.connection(REQUEST, "127.0.0.4") as (reader, _):
                other = await asyncio.wait_for(reader.readuntil(ANSWERED), PATIENCE)
        again = await when_served(room, "127.0.0.2")

    assert (len(first) - 1, len(second) - 1) == (5, 2)
    for refused in (first[-1], second[-1]):
        assert refused.startswith(b"HTTP/1.1 429 ")
        assert b"Retry-After: 5\r\n" in refused
    assert b" 200 " in other
    assert b" 200 " in again


class Watched(Impatient):
    """A connection that is swept in every turn of the loop, also between a refusal and its end."""

    sweep_seconds = 0.0


async def test_a_refused_first_request_does_not_end_the_looking_at_the_others():
    async with serving(Watched) as room, room.connection() as (idle, _):
        for _ in range(20):
            async with room.connection(b"GET / HTTP/1.1\r\n\r\n") as (refused, _):
                assert (await refused.read()).startswith(b"HTTP/1.1 400 ")
        assert await asyncio.wait_for(idle.read(), PATIENCE) == b""


class Faulty(Impatient):
    """A connection with an error of our own where a request begins."""

    def begin(self) -> None:
        raise ZeroDivisionError


async def test_a_fault_of_our_own_is_logged_and_not_called_the_clients():
    with structlog.testing.capture_logs() as logs:
        async with serving(Faulty) as room, room.connection(REQUEST) as (reader, _):
            with contextlib.suppress(ConnectionError):
                assert await asyncio.wait_for(reader.read(), PATIENCE) == b""

    assert [line["event"] for line in logs] == ["internal_error"]


async def test_an_address_that_cannot_be_read_is_the_clients_fault():
    with structlog.testing.capture_logs() as logs:
        said = b"GET /\xff\xff:a:b HTTP/1.1\r\nHost: x\r\n\r\n"
        async with serving() as room, room.connection(said) as (reader, _):
            answer = await asyncio.wait_for(reader.read(), PATIENCE)

    assert answer[:9] == b"HTTP/1.1 "
    assert logs == []
