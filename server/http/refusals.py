"""The response by which a connection refuses a request, at once or when its turn comes."""

import asyncio
from collections.abc import Callable

import msgspec

from askfirst.errors import AskfirstError


class Ended(Exception):
    """Raised to stop the parser, so that nothing more is read."""


def refusal(status: int, error: AskfirstError) -> bytes:
    """Return the bytes of an answer that refuses a request and ends its connection."""
    body = msgspec.json.encode(error.body())
    headers = {
        "content-type": "application/json",
        "access-control-allow-origin": "*",
        "connection": "close",
        "content-length": str(len(body)),
        **error.headers(),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} Refused\r\n{lines}\r\n".encode() + body


class Refusal:
    """A refusal that waits for its turn, with the attributes that uvicorn expects of a cycle."""

    def __init__(self, say: Callable[[], None]) -> None:
        self._say = say
        self.response_complete = False
        self.disconnected = False
        self.keep_alive = False
        self.message_event = asyncio.Event()

    async def run_asgi(self, _app: object) -> None:
        """Write the refusal, and close the connection."""
        self.response_complete = True
        self._say()
