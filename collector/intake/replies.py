"""The answers of `POST /event`: what is recorded, what is refused, and how both are sent."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import msgspec
from starlette.types import Send

from askfirst.clock import http_date
from askfirst.errors import AskfirstError

_HEADERS = (
    (b"content-type", b"application/json"),
    (b"access-control-allow-origin", b"*"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)
_ERROR_HEADERS = (*_HEADERS, (b"access-control-expose-headers", b"retry-after"))


@dataclass(frozen=True, slots=True, eq=False)
class Reply:
    """An answer: status, headers and body. The same object may answer many requests.

    Replies are compared and hashed by identity, which is cheap: a connection caches their bytes.
    """

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


Answered = Callable[[Reply], None]
"""Called once with the answer to a request."""


@lru_cache(maxsize=256)
def recorded(events: int) -> Reply:
    """Return the answer for so many events that are durable."""
    return Reply(202, _HEADERS, b'{"recorded":%d}' % events)


def error_reply(error: AskfirstError) -> Reply:
    """Return the answer for an error, in the one shape that every error has."""
    own = tuple((name.lower().encode(), value.encode()) for name, value in error.headers().items())
    return Reply(error.status, (*_ERROR_HEADERS, *own), msgspec.json.encode(error.body()))


async def send_reply(send: Send, reply: Reply) -> None:
    """Send an answer as an ASGI application does."""
    own = ((b"content-length", b"%d" % len(reply.body)), (b"date", http_date().encode()))
    headers = [*reply.headers, *own]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
