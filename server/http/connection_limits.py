"""Limits of connections: how many, how long a client may owe a request, which requests are read.

uvicorn keeps for ever a connection that sends nothing or never ends what it began, keeps a head
without end in memory, and reads as a request what follows a request for another protocol: its body.
"""

import asyncio
from collections import deque
from collections.abc import Hashable
from enum import Enum
from functools import partial
from typing import Any, cast

import httptools
import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from askfirst.errors import AskfirstError, Malformed, TooFast, TooLarge, Unavailable
from askfirst.web.ip_addresses import limit_key
from server.http.connection_crowd import crowd_of
from server.http.descriptors import room_for_connections
from server.http.framing import check_body, check_head, has_body
from server.http.refusals import Ended, Refusal, refusal

log = structlog.get_logger()

PATIENCE = 30.0
"""Seconds for one whole request: the longest body (64 KiB) takes 20 s over 3 KiB a second."""
MOST_HEAD = 65_536
"""Bytes of a request before its body; browsers and proxies send no more than some 8 KiB."""
MOST_UNWANTED = 1 << 20
"""Bytes read of a body that is refused already, so that the client can read why."""
MOST_AROUND = 1 << 20
"""Bytes of sizes, extensions and trailers of a chunked body; 64 KiB byte by byte have 320 KiB."""

_NOWHERE: Any = deque(maxlen=0)


class Part(Enum):
    """How far the newest request of a connection has come."""

    HEAD = 1
    BODY = 2
    WHOLE = 3


class BoundedConnection(HttpToolsProtocol):
    """A connection that reads whole, undoubted requests, and is ended when its client is too slow.

    It is ended, too, behind a request that is its last: one that asks for another protocol, that
    wants it closed, or that is refused. Nothing behind that is read, whether it came in the same
    read or later. What came before is answered in its order.

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
        self._chunked = False
        self._around = 0  # bytes of a chunked request that are not of its body
        self._unwanted = 0
        self._running: Any = None  # the cycle of uvicorn that is answered, or was the last one
        self._stopped = False  # by us, and not by what is wrong
        self.last = False  # whether the newest request is the last one that is read
        self.ended = False  # whether nothing more is read
        self.told: dict[bytes, bytes] = {}  # the newest head's fields by name

    def answering(self) -> bool:
        """Return whether a request has arrived as a whole and is not answered yet."""
        cycle = self.cycle  # None where the first request was refused
        return self._part is Part.WHOLE and cycle is not None and not cycle.response_complete

    def at_rest(self) -> bool:
        """Return whether every request that began is complete and answered."""
        answered = self.cycle is None or self.cycle.response_complete
        return answered and self._began == self._completed

    def awaited(self) -> Hashable | None:
        """Return what changes as soon as the client acts, or None while it waits for us."""
        unread = self.transport.get_write_buffer_size()
        if self.flow.write_paused:
            return int(unread)  # it may send on and on and read nothing
        return None if self.answering() and not unread else (self._completed, unread)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, or refuse it where there are too many, or too many of one address.

        One address may have as many as are free for others. So nobody can take the last ones, and
        a proxy that is not configured as trusted, through which everybody comes, still has half.
        """
        super().connection_made(transport)
        crowd, most = crowd_of(self), self.most_connections()
        of_one = crowd.came(self, "" if self.exempt() else self._holder())
        if len(self.connections) > most:
            self.say_refused(503, Unavailable("Too many connections are open.", retry_after=5))
        elif of_one > most - len(self.connections) + 1:
            self.say_refused(429, TooFast("One address has too many connections.", retry_after=5))
        else:
            crowd.sweep()

    def connection_lost(self, exc: Exception | None) -> None:
        """Remove it from the count, and say to the request that is being answered that it ended."""
        crowd_of(self).went(self)
        running = self._running
        if running is not None:  # uvicorn tells the newest, which may still wait for its turn
            running.disconnected = True
            running.message_event.set()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        """Begin to answer a request, which is told when the client leaves."""
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def exempt(self) -> bool:
        """Return whether the other end may have all connections, as it forwards many clients."""
        return False

    def _holder(self) -> str:
        return limit_key(self.client[0]) if self.client else ""

    def data_received(self, data: bytes) -> None:
        """Parse what arrived, unless the last request is complete already."""
        if self.ended:
            return
        self._unset_keepalive_if_required()
        began, completed, cycle = self._began, self._completed, self.cycle
        answered = cycle is None or cycle.response_complete
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.ended = True  # the upgrade is not made, and what follows is no request
        except httptools.HttpParserError as error:
            if not self._stopped:
                self._not_parsed(error)
        if self._began > self._completed and not self.ended:
            # What arrived together with the end of another request cannot be told apart from it.
            at_rest = answered and began == completed
            whole = self._began == began + (1 if at_rest else 0)
            self._bound(len(data) if whole else 0)

    def _not_parsed(self, error: httptools.HttpParserError) -> None:
        """Refuse what the parser does not accept, or log an error of our own callbacks."""
        raised_here = isinstance(error, httptools.HttpParserCallbackError)
        if raised_here and not isinstance(error.__context__, httptools.HttpParserError):
            log.error(
                "internal_error", where="connection", why=type(error).__name__, exc_info=error
            )
            self.transport.abort()
        else:
            self._refuse(400, Malformed("Expected a request in the form of HTTP/1.1."))

    def _bound(self, came: int) -> None:
        """Refuse a head that is too long, or too much around the chunks of a body."""
        if self._part is Part.HEAD:
            self._head += came
            if self._head > MOST_HEAD:
                self._refuse(431, TooLarge(f"Expected at most {MOST_HEAD} bytes of headers."))
        elif self._chunked:
            self._around += came
            if self._around > MOST_AROUND:
                self._refuse(431, TooLarge(f"Expected at most {MOST_AROUND} bytes around a body."))

    def on_message_begin(self) -> None:
        """Start counting the bytes of a head, or stop reading."""
        if self.ended:
            self._stopped = True
            raise Ended
        super().on_message_begin()
        self._part, self._head = Part.HEAD, 0
        self._began += 1

    def on_headers_complete(self) -> None:
        """Begin the request, or refuse it."""
        parser, fields = self.parser, self.headers
        told, version, upgrade = dict(fields), parser.get_http_version(), parser.should_upgrade()
        try:
            check_head(parser.get_method(), self.url, version, told, fields)
            if upgrade or b"transfer-encoding" in told:
                check_body(version, told, fields, upgrade)
        except Malformed as error:
            self._refuse(400, error)
            self._stopped = True
            raise Ended from error
        closes = upgrade or version != "1.1" or not parser.should_keep_alive()
        self.expect_100_continue = self.expect_100_continue and version == "1.1"
        # A client that is answered before the 100 may send the body or not: nobody can tell.
        self.last = closes or (self.expect_100_continue and has_body(told))
        self.told = told
        self.begin()
        self.headers = _NOWHERE  # trailers are not part of the head, where proxies look
        self._part, self._around = Part.BODY, 0
        self._chunked = b"transfer-encoding" in told

    def begin(self) -> None:
        """Begin to answer a request whose head is complete."""
        super().on_headers_complete()
        if self.last:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body; once it is refused, read up to a limit."""
        super().on_body(body)
        self._around -= len(body)
        if self.cycle.response_complete:
            self._unwanted += len(body)
            if self._unwanted > MOST_UNWANTED:
                self.transport.abort()

    def on_message_complete(self) -> None:
        """Note that the request is complete, and answer it."""
        self.request_ended()
        super().on_message_complete()

    def request_ended(self) -> None:
        """Note that the newest request is complete."""
        self._part = Part.WHOLE
        self._completed += 1
        self.ended = self.last

    def _refuse(self, status: int, error: AskfirstError) -> None:
        """Refuse the newest request when its turn comes, and stop reading."""
        if self._part is Part.BODY and not self.pipeline:
            self._end_begun(status, error)
        else:
            if self._part is Part.BODY:
                self.pipeline.popleft()  # it waits for its turn, and the refusal takes its place
            if self.pipeline or (self.cycle and not self.cycle.response_complete):
                cycle = self.cycle = cast(Any, Refusal(partial(self.say_refused, status, error)))
                self.pipeline.appendleft((cycle, self.app))
            else:
                self.say_refused(status, error)
        self.last = True
        self.request_ended()

    def _end_begun(self, status: int, error: AskfirstError) -> None:
        """Refuse the request that is being answered, unless an answer was begun."""
        cycle = self.cycle
        if getattr(cycle, "response_started", False):
            self.transport.abort() if not cycle.response_complete else self.transport.close()
            return
        self.say_refused(status, error)
        cycle.disconnected = True
        cycle.message_event.set()

    def say_refused(self, status: int, error: AskfirstError) -> None:
        """Write a refusal at once, and close the connection."""
        if self.transport.is_closing():
            return
        self.transport.write(refusal(status, error))
        self.transport.close()
