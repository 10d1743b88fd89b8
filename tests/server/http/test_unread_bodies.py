"""Bodies that the application leaves unread: what happens to the answer and the connection."""

import asyncio
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message

from server.http.unread_bodies import WholeBodies

CHUNKED = [(b"transfer-encoding", b"chunked")]


async def answer(parts: list[bytes], *, ends: bool, patience: float) -> dict[bytes, bytes]:
    """Return the headers of the answer to a chunked body of which only these parts ever come."""
    coming = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    if ends:
        coming.append({"type": "http.request", "body": b"", "more_body": False})
    sent: list[Message] = []

    async def receive() -> Message:
        return coming.pop(0) if coming else await asyncio.Future()

    async def send(message: Message) -> None:
        sent.append(message)

    app = WholeBodies(PlainTextResponse("refused", 413), patience)
    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": "/", "headers": CHUNKED}
    async with asyncio.timeout(60):
        await app(scope, receive, send)
    assert sent[0]["status"] == 413
    return dict(sent[0]["headers"])


@pytest.mark.parametrize("parts", [[], [b"x" * 65_536] * 2])
async def test_a_body_that_does_not_come_is_not_waited_for_and_the_connection_ends(
    parts: list[bytes],
):
    headers = await answer(parts, ends=False, patience=0.01)

    assert headers[b"connection"] == b"close"


async def test_a_body_that_goes_on_and_on_is_read_for_a_while_and_the_connection_ends():
    headers = await answer([b"x" * 65_536] * 17, ends=False, patience=3600)

    assert headers[b"connection"] == b"close"


async def test_a_body_that_comes_to_its_end_leaves_the_connection_open():
    headers = await answer([b"x" * 65_536] * 2, ends=True, patience=3600)

    assert b"connection" not in headers
