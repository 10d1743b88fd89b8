"""A client's connection: answers events itself and passes other requests to the application."""

import asyncio
from collections.abc import Sized
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Protocol, cast

from starlette.types import Scope
from uvicorn.protocols.http.flow_control import FlowControl

from askfirst.clock import http_date
from collector.app import Intake, Reply, Sender
from server.http.connection_limits import BoundedConnection
from server.http.known_head import KnownHead, known_head, length_of

_TRIES = 8
"""Heads that are kept of a connection, one after the other: a proxy's are all different."""


class EventApp(Protocol):
    """The application of a connection, which has the endpoint of the events."""

    event_targets: frozenset[bytes]
    """The targets of event requests: `/event`, and the same under the base path."""

    def intake(self, scope: Scope) -> Intake | None:
        """Return the endpoint that takes a request, or None where there is none."""

    def believed(self, scope: Scope) -> Scope:
        """Return a request's scope with the client that a trusted proxy names."""

    def trusts(self, address: str) -> bool:
        """Return whether an address is a trusted proxy's."""


class Connection(BoundedConnection):
    """A connection that answers `POST /event` without the application.

    The application would cost a task, a cycle and a check of every header for each event. Other
    requests (another target, a body without a length, a request sent behind one that still waits)
    go to the application.

    The application finds an `asyncio.Event` in `scope["state"]["stopping"]`, which is set when the
    server stops: an answer that would go on for ever ends then.
    """

    def __init__(self, app: EventApp, **given: Any) -> None:
        super().__init__(**given)
        self._app = app
        self._turn: _Turn | None = None
        self._known: tuple[KnownHead, Scope, Sender] | None = None
        self._tries = _TRIES
        self.app_state.setdefault("stopping", asyncio.Event())

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, of which no more is read while a request waits behind another."""
        super().connection_made(transport)
        self.flow = _Flow(transport, self.pipeline)

    def exempt(self) -> bool:
        """Return whether the other end is a trusted proxy."""
        return self.client is not None and self._app.trusts(self.client[0])

    def shutdown(self) -> None:
        """Close when the request that is being answered is; streams see `stopping` and end."""
        self.app_state["stopping"].set()
        super().shutdown()

    def data_received(self, data: bytes) -> None:
        """Take an event whose head is known, or look at what arrived."""
        known = self._known
        if known is None or not self.at_rest() or not self._taken(data, *known):
            self.look_at(data)

    def look_at(self, data: bytes) -> None:
        """Parse what arrived, and keep the head of an event."""
        resting, began = self.at_rest(), self._began
        super().data_received(data)
        if resting and self._tries and self._began == began + 1 == self._completed:
            self._remember(data)

    def _taken(self, data: bytes, head: KnownHead, scope: Scope, sender: Sender) -> bool:
        """Take an event like the one before; return False where the parser has to look at it."""
        body = head.body(data)
        if body is None or self.ended or self.flow.write_paused:
            return False
        intake = self._app.intake(scope)
        if intake is None or len(body) > intake.most_bytes:
            return False
        self._unset_keepalive_if_required()
        self._began += 1
        self.request_ended()
        turn = self.cycle = _Turn(self, intake, keep_alive=True)  # type: ignore[assignment]
        intake.take(sender, body, turn.answered)
        return True

    def _remember(self, data: bytes) -> None:
        """Keep the head of an event that came whole, behind which others may come."""
        if isinstance(self.cycle, _Turn) and self.cycle.keep_alive and not self.ended:
            self._tries -= 1
            head, scope = known_head(data, b"POST"), cast(Scope, self.scope)
            sender = self.cycle.intake.sender(self._app.believed(scope))
            self._known = (head, scope, sender) if head and self._tries else None

    def begin(self) -> None:
        """Begin a request here if it is a plain event, and else in the application."""
        self._turn = self._own_turn()
        if self._turn is None:
            super().begin()
        else:
            self.cycle = self._turn  # type: ignore[assignment]

    def _own_turn(self) -> "_Turn | None":
        if self.url not in self._app.event_targets or self.parser.get_method() != b"POST":
            return None
        if self.expect_100_continue or (self.cycle and not self.cycle.response_complete):
            return None
        if self.flow.write_paused:
            return None  # the client does not read, and the application waits until it does
        intake = self._app.intake(cast(Scope, self.scope))
        length = length_of(self.told.get(b"content-length", b""))
        if intake is None or not 0 < length <= intake.most_bytes:
            return None
        return _Turn(self, intake, not self.last)

    def on_body(self, body: bytes) -> None:
        """Gather the body."""
        if self._turn is None:
            super().on_body(body)
        else:
            self._turn.body += body

    def on_message_complete(self) -> None:
        """Take the request, which is complete now."""
        if self._turn is None:
            super().on_message_complete()
        else:
            self.request_ended()
            turn, self._turn = self._turn, None
            sender = turn.intake.sender(self._app.believed(cast(Scope, self.scope)))
            turn.intake.take(sender, turn.body, turn.answered)


class _Flow(FlowControl):
    """Flow control that reads on only when no request waits behind another.

    uvicorn would read on with each answer, and one read brings more requests than one answer ends:
    those of a client that does not read would fill the memory.
    """

    def __init__(self, transport: asyncio.Transport, waiting: Sized) -> None:
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        if not self._waiting:
            super().resume_reading()


class _Turn:
    """One event request, with the attributes that uvicorn expects of a cycle."""

    __slots__ = (
        "_connection",
        "body",
        "disconnected",
        "intake",
        "keep_alive",
        "message_event",
        "response_complete",
    )

    def __init__(self, connection: Connection, intake: Intake, keep_alive: bool) -> None:
        self._connection = connection
        self.intake = intake
        self.keep_alive = keep_alive
        self.body = b""
        self.disconnected = False
        self.response_complete = False
        self.message_event = _NOBODY_WAITS

    def answered(self, reply: Reply) -> None:
        """Write the reply, if the client is still there."""
        self.response_complete = True
        connection = self._connection
        if self.disconnected or connection.transport.is_closing():
            return
        connection.transport.write(_bytes_of(reply, http_date(), self.keep_alive))
        if not self.keep_alive:
            connection.transport.close()
        if connection.pipeline:
            connection.on_response_complete()


class _NobodyWaits:
    def set(self) -> None:
        pass


_NOBODY_WAITS = _NobodyWaits()


@lru_cache(maxsize=64)
def _bytes_of(reply: Reply, date: str, keep_alive: bool) -> bytes:
    status = HTTPStatus(reply.status)
    length = b"content-length: %d" % len(reply.body)
    head = [b"HTTP/1.1 %d %s" % (status, status.phrase.encode()), b"date: " + date.encode(), length]
    head += [name + b": " + value for name, value in reply.headers]
    head += [] if keep_alive else [b"connection: close"]
    return b"\r\n".join([*head, b"", reply.body])
