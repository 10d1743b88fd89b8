"""Reads bodies that the application did not read to their end, or closes the connection.

A connection on which a request was answered before its end is not safe to reuse: a proxy that
sends the next visitor's request on it may see it closed, and answer 502. RFC 9112, 9.3: a server
reads the whole body or closes the connection.
"""

import asyncio
import contextlib

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.http.connection_limits import MOST_UNWANTED

PATIENCE = 5.0
"""Seconds for which an answer waits for the rest of a body."""

_CLOSE = (b"connection", b"close")


class WholeBodies:
    """Reads the rest of a body before the answer begins.

    If it is long, or does not arrive within `patience` seconds, the connection is closed.
    """

    def __init__(self, app: ASGIApp, patience: float = PATIENCE) -> None:
        self._app = app
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and read the rest of its body when it is answered."""
        if not _has_body(scope):
            await self._app(scope, receive, send)
            return
        body = _Body(receive, _length(scope), self._patience)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and not await body.is_read():
                message = {**message, "headers": [*message.get("headers", ()), _CLOSE]}
            await send(message)

        await self._app(scope, body.receive, sending)


class _Body:
    """The body of one request: how much of it has arrived, and whether that is all."""

    def __init__(self, receive: Receive, length: int, patience: float) -> None:
        self._receive = receive
        self._length = length
        self._patience = patience
        self._came = 0
        self._whole = False

    async def receive(self) -> Message:
        """Pass on a message and note how far the body is."""
        message = await self._receive()
        self._came += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)  # or the client is gone
        return message

    async def is_read(self) -> bool:
        """Read the rest up to the limits, and return whether that was all."""
        if not self._whole and self._length - self._came <= MOST_UNWANTED:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._patience):
                    await self._read_on()
        return self._whole

    async def _read_on(self) -> None:
        limit = self._came + MOST_UNWANTED
        while not self._whole and self._came < limit:
            await self.receive()


def _has_body(scope: Scope) -> bool:
    """Return whether a body follows that the client sends without waiting for a 100."""
    fields = dict(scope.get("headers", ()))
    if b"expect" in fields:
        return False  # the connection ends behind it anyway
    return b"transfer-encoding" in fields or _length(scope) > 0


def _length(scope: Scope) -> int:
    value = dict(scope.get("headers", ())).get(b"content-length", b"")
    return int(value) if value.isdigit() and len(value) < 20 else 0
