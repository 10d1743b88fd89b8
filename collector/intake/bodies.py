"""Reading a request's body up to a length."""

from starlette.types import Receive, Scope

from askfirst.errors import Malformed, TooLarge


async def read_body(scope: Scope, receive: Receive, most: int) -> bytes:
    """Read a body; raises `TooLarge` beyond `most` bytes and `Malformed` where it ends early."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value[:20]) > most:
            raise _too_large(most)
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Malformed("The body ended too early.")
        body += message.get("body", b"")
        if len(body) > most:
            raise _too_large(most)
        more = message.get("more_body", False)
    return body


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"Expected at most {most} bytes.")
