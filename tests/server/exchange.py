"""Sends bytes in pieces to connections of the server, and returns what was answered and seen.

`exchange` takes them to one server, or to a worker that hands connections over to a server.
"""

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from collector.app import Reply
from server.http.connection import Connection
from server.workers.handover import Adopting, HandingOver, adopter, pair
from server.workers.worker import EventsOnly

Seen = tuple[str, bytes]
"""A request that reached the application: its path and its body."""

ANSWER = re.compile(rb"HTTP/1\.1 (\d+) [^\r]*\r\n((?:[^\r]+\r\n)*)\r\n")


@dataclass
class Recorder:
    """An application and an endpoint of events that record each complete request.

    Paths that begin with `/unread` are answered without reading the body. Events are answered
    `late` turns of the loop after they arrive.
    """

    late: int = 0
    events_only: bool = False
    handing: HandingOver | None = None
    seen: list[Seen] = field(default_factory=list)
    fields: list[dict[str, str]] = field(default_factory=list)
    most_bytes: int = 65_536
    event_targets: frozenset[bytes] = frozenset((b"/event",))
    event_begins: tuple[bytes, ...] = (b"POST /event ",)

    def intake(self, _scope: Scope) -> "Recorder":
        return self

    def believed(self, scope: Scope) -> Scope:
        return scope

    def trusts(self, _address: str) -> bool:
        return True

    def sender(self, scope: Scope) -> Scope:
        return scope

    def take(self, scope: Scope, body: bytes, answered: Callable[[Reply], None]) -> None:
        self._note(scope, body)
        _after(self.late, partial(answered, Reply(202, (), b"ok")))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.events_only and scope["path"] != "/event":
            await _say(send, 503, [(b"connection", b"close")])
            return
        body, more = b"", not scope["path"].startswith("/unread")
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body, more = body + message["body"], message["more_body"]
        self._note(scope, body)
        await _say(send, 202 if scope["path"] == "/event" else 200, [])

    def _note(self, scope: Scope, body: bytes) -> None:
        self.seen.append((scope.get("path", "/event"), bytes(body)))
        self.fields.append({n.decode("latin-1"): v.decode("latin-1") for n, v in scope["headers"]})


async def _say(send: Send, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    headers = [(b"content-length", b"2"), *headers]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


def _after(turns: int, then: Callable[[], None]) -> None:
    if turns:
        asyncio.get_running_loop().call_soon(_after, turns - 1, then)
    else:
        then()


def maker(kind: type[Connection], app: Recorder) -> Callable[[], Connection]:
    """Return a factory of connections to a recorder."""
    config = uvicorn.Config(
        cast(Any, app), ws="none", lifespan="off", interface="asgi3", log_level="critical"
    )
    config.load()
    state = ServerState()
    return lambda: kind(cast(Any, app), config=config, server_state=state, app_state={})


@dataclass
class Answers:
    """What came back until the connection was closed, and the requests that were carried out."""

    statuses: list[int]
    seen: list[Seen]
    fields: list[dict[str, str]]
    heads: list[bytes]


async def exchange(pieces: Iterable[bytes], workers: bool = False, late: int = 0) -> Answers:
    """Send pieces, each read by itself, and read until the other end closes the connection."""
    services = Recorder(late)
    async with _serving(services, workers) as client:
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                await asyncio.get_running_loop().sock_sendall(client, piece)
                for _ in range(3):
                    await asyncio.sleep(0)
        said = await asyncio.wait_for(_read(client), 60)
    found = answers_in(said)
    return Answers([a[0] for a in found], services.seen, services.fields, [a[1] for a in found])


@contextlib.asynccontextmanager
async def _serving(services: Recorder, workers: bool) -> AsyncIterator[socket.socket]:
    loop, (client, served) = asyncio.get_running_loop(), socket.socketpair()
    client.setblocking(False)
    with contextlib.ExitStack() as stack:
        stack.enter_context(client)
        make = maker(Connection, services)
        if workers:
            handing, taking = pair()
            stack.enter_context(handing)
            stack.callback(Adopting(taking, adopter(make)).close)
            make = maker(
                EventsOnly,
                Recorder(services.late, True, HandingOver(handing), services.seen, services.fields),
            )
        await loop.connect_accepted_socket(make, served)
        yield client


async def _read(client: socket.socket) -> bytes:
    said = b""
    with contextlib.suppress(ConnectionError):
        while part := await asyncio.get_running_loop().sock_recv(client, 65_536):
            said += part
    return said


def answers_in(said: bytes) -> list[tuple[int, bytes]]:
    """Split what came back into final answers, each a status and its head."""
    found = []
    while said:
        head = ANSWER.match(said)
        assert head, said
        length = re.search(rb"content-length: (\d+)", head[2])
        said = said[head.end() + (int(length[1]) if length else 0) :]
        if head[1] != b"100":
            found.append((int(head[1]), head[0]))
    return found
