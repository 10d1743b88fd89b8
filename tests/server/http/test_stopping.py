"""A server that stops ends the answers that would go on for ever, each at its end."""

import asyncio
import socket

import uvicorn
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from server.http.serving import uvicorn_config


class Endless:
    """Answers with one line, and ends the answer when the server stops."""

    event_targets: frozenset[bytes] = frozenset()

    def believed(self, scope: Scope) -> Scope:
        return scope

    def intake(self, _scope: Scope) -> None:
        return None

    def trusts(self, _address: str) -> bool:
        return False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for kind in ("startup", "shutdown"):
                assert (await receive())["type"] == f"lifespan.{kind}"
                await send({"type": f"lifespan.{kind}.complete"})
            return

        async def lines():
            yield "begun\n"
            await Request(scope).state.stopping.wait()
            yield "done\n"

        await StreamingResponse(lines())(scope, receive, send)


async def test_an_endless_answer_is_told_that_the_server_stops_and_is_complete() -> None:
    bound = socket.create_server(("127.0.0.1", 0))
    config = uvicorn_config(Endless())
    config.timeout_graceful_shutdown = None  # nothing but the answer's own end lets the server stop
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    reader, writer = await asyncio.open_connection(*bound.getsockname())
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    await reader.readuntil(b"begun\n\r\n")
    server.should_exit = True
    async with asyncio.timeout(60):
        rest = await reader.read()
        await serving
    writer.close()
    assert rest == b"5\r\ndone\n\r\n0\r\n\r\n"
