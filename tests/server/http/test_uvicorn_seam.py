"""What our connections rely on in uvicorn's private class and its parser, which may change."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import httptools
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from server.http.connection import Connection
from server.http.connection_limits import BoundedConnection
from server.workers.worker import EventsOnly

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
OVERRIDDEN = {
    "connection_made",
    "connection_lost",
    "data_received",
    "on_message_begin",
    "on_headers_complete",
    "on_body",
    "on_message_complete",
    "shutdown",
    "_start_asgi_task",
}
CLASSES = (BoundedConnection, Connection, EventsOnly)


class Pipe(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("192.0.2.7", 1), "sockname": ("192.0.2.1", 80)}.get(name, default)

    def write(self, data: Any) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class Slow:
    """An application that answers when it is told to, and notes what it received."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.received: list[str] = []

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        self.received.append(message["type"])
        await self.go.wait()
        headers = [(b"content-length", b"1")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"x"})


class OneByOne(Slow):
    """An application without events, whose answers are let go one by one."""

    event_targets = frozenset[bytes]()

    def trusts(self, _address: str) -> bool:
        return False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().__call__(scope, receive, send)
        self.go.clear()


def connected(
    app: Any, kind: Callable[..., HttpToolsProtocol] = HttpToolsProtocol
) -> tuple[HttpToolsProtocol, Pipe]:
    config = uvicorn.Config(app, ws="none", lifespan="off", interface="asgi3", date_header=False)
    config.load()
    protocol, pipe = kind(config=config, server_state=ServerState(), app_state={}), Pipe()
    protocol.connection_made(pipe)
    return protocol, pipe


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_the_versions_are_those_that_were_read():
    assert uvicorn.__version__.startswith("0.54.")
    assert httptools.__version__.startswith("0.9.")


def test_we_override_what_is_there_and_nothing_else_by_accident():
    theirs = set(dir(HttpToolsProtocol)) - set(dir(object))
    ours = {name for one in CLASSES for name in vars(one) if not name.startswith("__")}

    assert ours & theirs == OVERRIDDEN


async def test_the_state_of_a_connection_is_where_we_read_and_set_it():
    protocol, _ = connected(Slow())
    ours = {"_began", "_completed", "_part", "_head", "_chunked", "_around", "_unwanted"}
    ours |= {"_stopped", "_door", "_turn", "_running", "_handed", "last", "ended", "told"}
    protocol.data_received(GET)

    assert ours.isdisjoint(vars(protocol))
    assert protocol.client == ("192.0.2.7", 1)
    assert (protocol.url, protocol.headers) == (b"/", [(b"host", b"x")])
    assert protocol.scope["headers"] is protocol.headers
    assert protocol.expect_100_continue is False
    assert protocol in protocol.connections
    assert protocol.connections is protocol.server_state.connections
    assert (protocol.flow.write_paused, len(protocol.pipeline)) == (False, 0)
    cycle = protocol.cycle
    assert (cycle.keep_alive, cycle.response_started, cycle.response_complete) == (
        True,
        False,
        False,
    )
    protocol._unset_keepalive_if_required()


async def test_a_cycle_that_keeps_nothing_alive_closes_behind_its_answer():
    app = Slow()
    protocol, pipe = connected(app)
    protocol.data_received(GET)
    protocol.cycle.keep_alive = False
    app.go.set()
    await turns()

    assert b"connection: close\r\n" in pipe.written
    assert (pipe.closed, protocol.cycle.response_complete) == (True, True)


async def test_nothing_more_is_read_while_a_request_waits_behind_another():
    app = OneByOne()
    protocol, _ = connected(app, partial(Connection, app))
    protocol.data_received(GET * 3)
    paused = []
    for _ in range(3):
        await turns()
        paused.append((len(protocol.pipeline), protocol.flow.read_paused))
        app.go.set()
    await turns()

    assert paused == [(2, True), (1, True), (0, False)]
    assert app.received == ["http.request"] * 3


async def test_what_is_put_in_the_line_last_is_run_last():
    app, ran = Slow(), list[str]()
    protocol, _ = connected(app)

    class Waiting:
        response_complete = False

        async def run_asgi(self, given: object) -> None:
            assert given is app
            ran.append("run")

    protocol.data_received(GET + GET)
    assert len(protocol.pipeline) == 1
    protocol.pipeline.appendleft((Waiting(), app))  # type: ignore[arg-type]
    await turns()
    assert ran == []
    app.go.set()
    await turns()
    await turns()

    assert (app.received, ran) == (["http.request"] * 2, ["run"])


async def test_a_cycle_that_is_told_so_learns_of_the_end_and_says_nothing_more():
    app = Slow()
    protocol, pipe = connected(app)
    protocol.data_received(GET.replace(b"GET", b"POST")[:-2] + b"Content-Length: 9\r\n\r\n")
    protocol.cycle.disconnected = True
    protocol.cycle.message_event.set()
    app.go.set()
    await turns()

    assert (app.received, pipe.written) == (["http.disconnect"], b"")


class Noting:
    """The callbacks of a parser."""

    def __init__(self, fails: bool = False) -> None:
        self.calls = list[str]()
        self.fails = fails

    def on_message_begin(self) -> None:
        self.calls.append("begin")
        if self.fails:
            raise KeyError

    def on_header(self, _name: bytes, _value: bytes) -> None:
        self.calls.append("header")

    def on_headers_complete(self) -> None:
        self.calls.append("headers")

    def on_body(self, _body: bytes) -> None:
        self.calls.append("body")

    def on_message_complete(self) -> None:
        self.calls.append("complete")


@pytest.mark.parametrize("asked", [b"Connection: upgrade\r\nUpgrade: x\r\n", b""])
def test_the_parser_skips_the_body_of_an_upgrade_and_says_so_at_its_end(asked: bytes):
    noted = Noting()
    parser = httptools.HttpRequestParser(noted)
    message = b"POST / HTTP/1.1\r\nContent-Length: 1\r\n" + asked + b"\r\nx"
    if not asked:
        parser.feed_data(message)
        assert noted.calls == ["begin", "header", "headers", "body", "complete"]
        assert (parser.should_upgrade(), parser.should_keep_alive()) == (False, True)
        return
    with pytest.raises(httptools.HttpParserUpgrade):
        parser.feed_data(message)

    assert noted.calls == ["begin", "header", "header", "header", "headers", "complete"]
    assert parser.should_upgrade()
    assert not issubclass(httptools.HttpParserUpgrade, httptools.HttpParserError)


def test_a_fault_in_what_the_parser_calls_stops_it():
    noted = Noting(fails=True)
    with pytest.raises(httptools.HttpParserError):
        httptools.HttpRequestParser(noted).feed_data(GET + GET)

    assert noted.calls == ["begin"]
