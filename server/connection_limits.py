"""Limits of connections: how many, how long a client may owe a request, how long its head may be.

uvicorn has no such limits: a connection that sends nothing, or never ends what it began, would
be kept for ever, and a head without end would be kept in memory.
"""

import asyncio
import resource
import time
from collections.abc import Hashable
from enum import Enum
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from askfirst.errors import AskfirstError, TooLarge, Unavailable

PATIENCE = 30.0
"""Seconds for one whole request: the longest body (64 KiB) takes 20 s over 3 KiB a second."""
MOST_CONNECTIONS = 10_000
"""About 100 MB of idle connections; a reverse proxy needs some hundreds."""
OWN_DESCRIPTORS = 128
"""Left for the memories' files, their logs and temporary copies."""
MOST_HEAD = 65_536
"""Bytes of a request before its body; browsers and proxies send no more than some 8 KiB."""
MOST_UNWANTED = 1 << 20
"""Bytes read of a body that is refused already, so that the client can read why."""

_USEFUL_LIMIT = 16_384  # a soft limit of 1,024 is common, and made for programs that select()


def raise_descriptor_limit() -> None:
    """Raise the soft limit of descriptors as far as useful; call it once, before serving."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _USEFUL_LIMIT if hard == resource.RLIM_INFINITY else min(_USEFUL_LIMIT, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@cache
def room_for_connections() -> int:
    """Give how many connections may be open, so that descriptors are left for our own files."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(1, min(MOST_CONNECTIONS, soft - OWN_DESCRIPTORS))


class Part(Enum):
    """How far the newest request of a connection has come."""

    HEAD = 1
    BODY = 2
    WHOLE = 3


class BoundedConnection(HttpToolsProtocol):
    """A connection that is ended when its client owes a request, or does not read, for too long.

    One sweep a second looks at all connections; a timer for each request would cost every request.
    """

    patience = PATIENCE
    sweep_seconds = 1.0
    most_connections = staticmethod(room_for_connections)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._began = 0  # requests of which something has arrived
        self._completed = 0  # requests that have arrived as a whole
        self._part = Part.HEAD
        self._head = 0
        self._unwanted = 0

    def answering(self) -> bool:
        """Tell whether a request has arrived as a whole and is not answered yet."""
        return self._part is Part.WHOLE and not self.cycle.response_complete

    def at_rest(self) -> bool:
        """Tell whether every request that began has come to its end, and to its answer."""
        answered = self.cycle is None or self.cycle.response_complete
        return answered and self._began == self._completed

    def head_ended(self) -> None:
        """Note that a request's head is there."""
        self._part = Part.BODY

    def request_ended(self) -> None:
        """Note that a whole request is there."""
        self._part = Part.WHOLE
        self._completed += 1

    def awaited(self) -> Hashable | None:
        """Give what changes when the client does its part, or None while the turn is ours."""
        unread = self.transport.get_write_buffer_size()
        if self.flow.write_paused:
            return int(unread)  # it may send on and on and read nothing
        return None if self.answering() and not unread else (self._completed, unread)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, or say 503 and end it where there are too many."""
        super().connection_made(transport)
        if len(self.connections) > self.most_connections():
            self._refuse(503, Unavailable("Too many connections are open.", retry_after=5))
            return
        _sweep_of(self).start()

    def data_received(self, data: bytes) -> None:
        """Read what came; a head that does not end is refused."""
        at_rest, began = self.at_rest(), self._began
        super().data_received(data)
        if self._began > self._completed and self._part is Part.HEAD:
            # Of what came with the end of another request nobody knows how much is of this head.
            whole = self._began == began + (1 if at_rest else 0)
            self._head += len(data) if whole else 0
            if self._head > MOST_HEAD:
                self._refuse(431, TooLarge(f"Expected at most {MOST_HEAD} bytes of headers."))

    def on_message_begin(self) -> None:
        """Begin to count the bytes of a head."""
        super().on_message_begin()
        self._part, self._head = Part.HEAD, 0
        self._began += 1

    def on_headers_complete(self) -> None:
        """End the count of a head's bytes."""
        self.head_ended()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body; where it is refused already read some more, and then no more."""
        super().on_body(body)
        if self.cycle.response_complete:
            self._unwanted += len(body)
            if self._unwanted > MOST_UNWANTED:
                self.transport.abort()

    def on_message_complete(self) -> None:
        """Note that the client has done its part."""
        self.request_ended()
        super().on_message_complete()

    def _refuse(self, status: int, error: AskfirstError) -> None:
        if self.transport.is_closing():
            return
        body = msgspec.json.encode(error.body())
        headers = {
            "content-type": "application/json",
            "access-control-allow-origin": "*",
            "connection": "close",
            "content-length": str(len(body)),
            **error.headers(),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.transport.write(f"HTTP/1.1 {status} Refused\r\n{lines}\r\n".encode() + body)
        self.transport.close()


class _Sweep:
    """Looks at a server's connections in turn and ends those whose client has kept it waiting."""

    def __init__(self, first: BoundedConnection) -> None:
        self._loop = first.loop
        self._seconds = first.sweep_seconds
        self._connections = first.connections
        self._waiting: dict[BoundedConnection, tuple[Hashable, float]] = {}
        self._running = False

    def start(self) -> None:
        """Look once a second from now on, until no connection is left."""
        if not self._running:
            self._running = True
            self._loop.call_later(self._seconds, self._turn)

    def _turn(self) -> None:
        now, before = time.monotonic(), self._waiting
        self._waiting = {}
        for connection in self._connections:
            if isinstance(connection, BoundedConnection):
                self._look_at(connection, before.get(connection), now)
        self._running = False
        if self._connections:
            self.start()

    def _look_at(
        self, connection: BoundedConnection, before: tuple[Hashable, float] | None, now: float
    ) -> None:
        awaited = connection.awaited()
        if awaited is None:
            return
        if before is None or before[0] != awaited:
            self._waiting[connection] = awaited, now
        elif now - before[1] < connection.patience:
            self._waiting[connection] = before
        else:
            connection.transport.abort()  # closing would wait until the client reads


_sweeps: WeakKeyDictionary[ServerState, _Sweep] = WeakKeyDictionary()


def _sweep_of(connection: BoundedConnection) -> _Sweep:
    state = connection.server_state
    if state not in _sweeps:
        _sweeps[state] = _Sweep(connection)
    return _sweeps[state]
