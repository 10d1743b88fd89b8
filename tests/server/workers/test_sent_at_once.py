"""What a worker sends leaves at once and not at a turn's end, on the loop that servers run on."""

import asyncio
import socket
from pathlib import Path

import pytest
import uvloop
from uvicorn.server import ServerState

from askfirst.settings import Settings
from server.http.serving import uvicorn_config
from server.workers.relay import FromServer, FromWorker, Stream
from server.workers.worker import EventsOnly, WorkerApp


@pytest.fixture
def pair() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ours = socket.create_connection(listening.getsockname())
        theirs, _ = listening.accept()
    ours.setblocking(False)
    theirs.setblocking(False)
    return ours, theirs


def test_a_message_is_there_before_the_next_one_is_made(pair: tuple[socket.socket, socket.socket]):
    ours, theirs = pair

    async def received() -> bytes:
        stream = Stream(FromServer, lambda _: None, lambda: None)
        await asyncio.get_running_loop().create_connection(lambda: stream, sock=ours)
        stream.send(FromWorker([], [(1, "bad_token", 1)]))
        with theirs:
            return theirs.recv(65_536)  # raises where nothing has come

    assert b"bad_token" in uvloop.run(received())


def test_an_answer_is_there_before_the_next_one_is_made_and_one_that_waits_stops_reading(
    pair: tuple[socket.socket, socket.socket], tmp_path: Path
):
    ours, theirs = pair
    app = WorkerApp(Settings(data_folder=tmp_path), ours, ours)
    config = uvicorn_config(app, EventsOnly)
    config.load()

    async def answered() -> tuple[bytes, bool, bool]:
        made = EventsOnly(app, config=config, server_state=ServerState(), app_state={})
        await asyncio.get_running_loop().connect_accepted_socket(lambda: made, ours)
        made.transport.write(b"HTTP/1.1 202 Accepted\r\n")
        with theirs:
            found, paused = theirs.recv(65_536), made.flow.write_paused
            while not made.transport.get_write_buffer_size():
                made.transport.write(bytes(10_000))
            paused_then = made.flow.write_paused
            made.transport.abort()
        return found, paused, paused_then

    assert uvloop.run(answered()) == (b"HTTP/1.1 202 Accepted\r\n", False, True)
