"""The server's side of one worker: begins its process, stores what it accepts, and replaces it."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from enum import Enum
from functools import partial
from typing import NamedTuple, Protocol

import structlog

from askfirst.errors import Unavailable
from askfirst.settings import Settings
from askfirst.store.ledger.tallies import NO_SITE
from server.services import Services
from server.workers.handover import Adopting, adopter, pair
from server.workers.relay import FromServer, FromWorker, Stream
from server.workers.standing_in import Accepting, StandingIn
from server.workers.storing import store

log = structlog.get_logger()

AGAIN_AFTER = 1.0
"""Seconds until a worker that ended by itself is started anew; twice as many after each failure."""
_LONGEST_WAIT = 60.0  # seconds
ENDS_WITHIN = 15.0
"""Seconds that a worker has to answer what it has accepted, before it is killed."""


class Process(Protocol):
    """A worker's process."""

    def terminate(self) -> None:
        """Tell it to answer what it has accepted, and to end."""

    def join(self, timeout: float) -> None:
        """Wait for its end, so many seconds at most."""

    def is_alive(self) -> bool:
        """Return whether it has not ended."""

    def kill(self) -> None:
        """End it at once."""


Begin = Callable[[Settings, socket.socket, socket.socket, socket.socket], Process]
"""Begins a process with the settings, its listening socket, and its ends of stream and way."""


class State(Enum):
    """How far a worker has come: the first three follow one another until the server stops."""

    STARTING = "Its process has said nothing yet."
    SERVING = "Its first message has come."
    ENDED = "Its stream has ended; another process is begun soon."
    STOPPING = "It answers what it has accepted; no other process is begun. This state is the last."


class WorkerProcess:
    """One worker as the server sees it, always in one `State`."""

    def __init__(
        self, listening: socket.socket, services: Services, protocol: Accepting, begin: Begin
    ) -> None:
        self._begin = begin
        self._listening = listening
        self._services = services
        self._standing_in = StandingIn(listening, protocol)
        self._adopt = adopter(protocol)
        self._state = State.STARTING
        self._state_changed = asyncio.Event()
        self._beginning = asyncio.Lock()  # held while a process is begun, so that `stop` finds it
        self._stream: Stream[FromWorker] | None = None
        self._process: Process | None = None
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return when connections are accepted: by the server, until and unless a process serves.

        A process that ends, or cannot be begun, is replaced.
        """
        await self._standing_in.begin()
        self._running = asyncio.create_task(self._keep_running())

    async def stop(self) -> None:
        """Let the process answer what it has accepted, and end it."""
        self._enter(State.STOPPING)
        self._standing_in.end()
        async with self._beginning:  # a process that is being begun has to be ended, too
            process = self._process
        if process is not None:
            await asyncio.to_thread(_end, process)
        if self._running is not None:
            self._running.cancel()
        if self._stream is not None:
            self._stream.close()
        self._listening.close()

    def tell(self, message: FromServer) -> None:
        """Send a message to the process, if there is one."""
        if self._stream is not None:
            self._stream.send(message)

    def _enter(self, state: State) -> None:
        if self._state is not State.STOPPING:
            self._state = state
        self._state_changed.set()  # wakes all that wait, even though it is cleared at once
        self._state_changed.clear()

    async def _until(self, *states: State) -> State:
        while self._state not in states:
            await self._state_changed.wait()
        return self._state

    async def _connect(self) -> None:
        """Begin a process and connect to it; if that fails, it is ended and nothing stays open."""
        self._enter(State.STARTING)
        with _socket_pairs() as (ours, theirs), ExitStack() as undo:
            process = await self._begun(theirs)
            undo.callback(process.terminate)
            self._adopting = Adopting(ours.way, self._adopt)
            undo.callback(self._adopting.close)
            stream = self._stream = Stream(FromWorker, self._received, self._lost)
            await asyncio.get_running_loop().create_connection(lambda: stream, sock=ours.stream)
            undo.pop_all()  # connected: from here on `_lost` and `stop` take it apart

    async def _begun(self, theirs: "_Ends") -> Process:
        """Begin a process where `stop` finds it; raise `Unavailable` when the server is stopping.

        Beginning takes a thread and a while. The lock makes `stop` wait for that, so no process is
        begun behind its back and left without anybody who ends it.
        """
        async with self._beginning:
            if self._state is State.STOPPING:
                raise Unavailable("The server is stopping.")
            settings, listening = self._services.settings, self._listening
            begun = await asyncio.to_thread(self._begin, settings, listening, *theirs)
            self._process = begun
            return begun

    async def _keep_running(self) -> None:
        """Begin a process, and another one when it has ended, later and later while none serves."""
        wait = AGAIN_AFTER
        while not self._is_stopping():
            try:
                await self._connect()
            except Exception as error:  # noqa: BLE001 - whatever it was, it is tried again
                self._not_started(error)
            served = await self._until(State.SERVING, State.ENDED, State.STOPPING)
            if await self._until(State.ENDED, State.STOPPING) is State.ENDED:
                await self._standing_in.begin_again()
            wait = AGAIN_AFTER if served is State.SERVING else min(_LONGEST_WAIT, 2 * wait)
            await asyncio.sleep(wait)

    def _is_stopping(self) -> bool:
        return self._state is State.STOPPING

    def _not_started(self, error: Exception) -> None:
        if not self._is_stopping():
            log.exception("worker_not_started", why=type(error).__name__)
            self._enter(State.ENDED)

    def _received(self, message: FromWorker) -> None:
        if self._state is State.STARTING:
            self._enter(State.SERVING)  # the first message says no more than that
            self._standing_in.end()
        for site_id, reason, count in message.tallied:
            self._services.tallies.add(self._known(site_id), reason, count)
        for site_id, reason, ids in message.events:
            self._services.tallies.add_events(self._known(site_id), reason, ids)
        if message.accepted:
            store(self._services, message.accepted, partial(self._answer, self._stream))

    def _known(self, site_id: int) -> int:
        """Return the number of a site, or `NO_SITE` where it was deleted since."""
        return site_id if self._services.book.by_id(site_id) is not None else NO_SITE

    def _answer(
        self, asked: Stream[FromWorker] | None, answers: list[tuple[list[int], str]]
    ) -> None:
        if asked is self._stream:  # else that process has ended, and the next counts from 1 again
            self.tell(FromServer(answers))

    def _lost(self) -> None:
        self._stream = None
        self._adopting.close()
        if self._state is not State.STOPPING:
            log.error("worker_ended")
        self._enter(State.ENDED)


class _Ends(NamedTuple):
    """One side's ends: of the stream of messages, and of the way for connections."""

    stream: socket.socket
    way: socket.socket


@contextmanager
def _socket_pairs() -> Iterator[tuple[_Ends, _Ends]]:
    """Yield our ends and the worker's; close the worker's at the end, and ours if the block raises.

    The worker's process has copies of its ends. Ours stay open for the stream and the adopting.
    """
    with ExitStack() as ours, ExitStack() as theirs:
        stream_ends = socket.socketpair()
        ours.enter_context(stream_ends[0])
        theirs.enter_context(stream_ends[1])
        way_ends = pair()
        ours.enter_context(way_ends[0])
        theirs.enter_context(way_ends[1])
        yield _Ends(stream_ends[0], way_ends[0]), _Ends(stream_ends[1], way_ends[1])
        ours.pop_all()


def _end(process: Process) -> None:
    process.terminate()
    process.join(ENDS_WITHIN)
    if process.is_alive():
        log.error("worker_killed")
        process.kill()
        process.join(ENDS_WITHIN)
