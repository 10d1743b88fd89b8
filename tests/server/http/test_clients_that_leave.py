"""A client that leaves before its answer is complete ends the request, and is no fault of ours."""

import asyncio
import socket
from pathlib import Path
from typing import Any

import structlog
import uvloop
from starlette.types import Message, Receive, Scope, Send
from uvicorn.server import ServerState

from server.app import build_app
from server.http.connection import Connection
from server.http.serving import uvicorn_config
from server.services import open_services
from tests.factories import settings_in
from tests.server.exchange import Recorder

ASKED = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Late(Recorder):
    """An application that answers when its client has left."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.left, self.done = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.received: list[str] = []

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        self.received.append((await receive())["type"])
        self.begun.set()
        await self.left.wait()
        headers = [(b"content-length", b"1")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"x"})
        self.received.append((await receive())["type"])
        self.done.set()


class Leaving(Connection):
    """A connection that tells its application when the client has left."""

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        app: Any = self._app
        app.left.set()


def test_the_request_that_is_answered_learns_that_its_client_left_though_another_waits_behind_it():
    async def received() -> list[str]:
        loop, (ours, theirs), app = asyncio.get_running_loop(), socket.socketpair(), Late()
        config = uvicorn_config(app)
        config.load()
        made = Leaving(app, config=config, server_state=ServerState(), app_state={})
        ours.setblocking(False)
        theirs.setblocking(False)
        with ours:
            await loop.sock_sendall(ours, ASKED * 3)
            await loop.connect_accepted_socket(lambda: made, theirs)
            await app.begun.wait()
            made.transport.abort()
            async with asyncio.timeout(60):
                await app.done.wait()
        return app.received

    assert uvloop.run(received()) == ["http.request", "http.disconnect"]


async def test_a_form_whose_client_leaves_in_the_middle_is_logged_as_no_fault_of_ours(
    tmp_path: Path,
):
    came: list[Message] = [
        {"type": "http.request", "body": b"email=", "more_body": True},
        {"type": "http.disconnect"},
    ]
    statuses: list[int] = []

    async def receive() -> Message:
        return came.pop(0)

    async def send(message: Message) -> None:
        statuses.append(message.get("status", 0))

    headers = [(b"host", b"a.test"), (b"origin", b"https://a.test"), (b"content-length", b"99")]
    asked = {
        "type": "http", "method": "POST", "path": "/sign-in", "raw_path": b"/sign-in",
        "headers": headers, "query_string": b"", "scheme": "https", "root_path": "",
        "client": ("192.0.2.7", 1), "server": ("a.test", 443),
    }  # fmt: skip
    async with open_services(settings_in(tmp_path / "data")) as services:
        with structlog.testing.capture_logs() as logs:
            await build_app(services)(asked, receive, send)

    assert (statuses[0], came, logs) == (400, [], [])
