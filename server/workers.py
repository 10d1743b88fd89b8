"""The house's side of its worker processes: it starts them, stores for them, and ends them."""

import asyncio
import multiprocessing
import socket
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

import structlog
import uvicorn

from askfirst.consents import Reason
from askfirst.errors import AskfirstError, Unavailable
from askfirst.settings import Settings
from server.app import FrontDoor
from server.handover import Adopt, Adopting, adopter, pair
from server.house import House
from server.relay import STORED, Accepted, FromHouse, FromWorker, Stream
from server.serving import uvicorn_config
from server.worker import run

log = structlog.get_logger()

AGAIN_AFTER = 1.0
"""Seconds until a worker that ended by itself is started anew."""
_LOOKS_EVERY = 0.1  # seconds between two looks whether sites have changed


class Process(Protocol):
    """A worker that was begun."""

    def terminate(self) -> None:
        """Tell it to answer what it has accepted, and to end."""

    def join(self) -> None:
        """Wait for its end."""


Begin = Callable[[Settings, socket.socket, socket.socket, socket.socket], Process]
"""Begins a worker with the settings, its listening socket, and its ends of stream and way."""


def spawned(settings: Settings, *sockets: socket.socket) -> Process:
    """Begin a worker in a process of its own."""
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=run, args=(settings, *sockets), daemon=True)
    process.start()
    return process


class HouseServer(uvicorn.Server):
    """Serves the front door to connections that worker processes accept and hand over."""

    def __init__(
        self, door: FrontDoor, listening: Sequence[socket.socket], begin: "Begin | None" = None
    ) -> None:
        super().__init__(uvicorn_config(door))
        self._door = door
        self._listening = listening
        self._begin = begin or spawned
        self._workers: Workers | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the house, and start a worker for each listening socket."""
        await super().startup(sockets)
        if self._door.house is not None:
            adopt = adopter(self._protocol)
            self._workers = Workers(self._listening, self._door.house, adopt, self._begin)
            await self._workers.start()

    def _protocol(self) -> asyncio.Protocol:
        make: Any = self.config.http_protocol_class
        state, app_state = self.server_state, self.lifespan.state
        made: asyncio.Protocol = make(
            config=self.config, server_state=state, app_state=app_state, _loop=None
        )
        return made

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the workers while they can still store, and then what they handed over."""
        if self._workers is not None:
            await self._workers.stop()
        await super().shutdown(sockets)


class Workers:
    """One process for each listening socket; events they accept are stored in the house's journal.

    What the gate of a worker cannot know at once, a withdrawal, is judged here, right before the
    commit, so no event comes behind it.
    """

    def __init__(
        self, sockets: Sequence[socket.socket], house: House, adopt: Adopt, begin: "Begin"
    ) -> None:
        self._house = house
        self._workers = [_Worker(one, house, adopt, begin) for one in sockets]
        self._known = house.book.readings  # before any worker reads them
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start every worker and return when all of them serve."""
        await asyncio.gather(*(worker.start() for worker in self._workers))
        self._watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Let every worker answer what it has accepted, and end it."""
        if self._watching:
            self._watching.cancel()
        await asyncio.gather(*(worker.stop() for worker in self._workers))

    async def _watch(self) -> None:
        """Tell the workers when sites or policies have changed."""
        while True:
            await asyncio.sleep(_LOOKS_EVERY)
            if self._known != self._house.book.readings:
                self._known = self._house.book.readings
                for worker in self._workers:
                    worker.tell(FromHouse([], sites_changed=True))


class _Worker:
    def __init__(
        self, listening: socket.socket, house: House, adopt: Adopt, begin: "Begin"
    ) -> None:
        self._begin = begin
        self._listening = listening
        self._house = house
        self._adopt = adopt
        self._answers: list[tuple[int, str]] = []
        self._stopping = False
        self._serves = asyncio.Event()
        self._ended = asyncio.Event()
        self._stream: Stream[FromWorker] | None = None
        self._process: Process | None = None

    async def start(self) -> None:
        self._serves.clear()
        self._ended.clear()
        ours, theirs = socket.socketpair()
        taking, handing = pair()
        given = (self._house.settings, self._listening, theirs, handing)
        self._process = await asyncio.to_thread(self._begin, *given)
        theirs.close()
        handing.close()
        self._adopting = Adopting(taking, self._adopt)
        stream = Stream(FromWorker, self._received, self._lost)
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: stream, sock=ours)
        self._stream = stream
        serves = asyncio.create_task(self._serves.wait())
        ended = asyncio.create_task(self._ended.wait())
        await asyncio.wait([serves, ended], return_when=asyncio.FIRST_COMPLETED)
        for task in (serves, ended):
            task.cancel()

    def tell(self, message: FromHouse) -> None:
        if self._stream is not None:
            self._stream.send(message)

    def _received(self, message: FromWorker) -> None:
        self._serves.set()  # its first message says no more than that
        for site_id, reason, count in message.tallied:
            self._house.tallies.add(site_id, reason, count)
        for accepted in message.accepted:
            self._store(accepted)

    def _store(self, accepted: Accepted) -> None:
        answer = partial(self._answer, accepted.number)
        if accepted.consent_id in self._house.withdrawn:
            answer(Reason.WITHDRAWN)
            return

        def stored(error: AskfirstError | None) -> None:
            answer(error.code if error else STORED)

        try:
            self._house.journal.store(accepted.ids, accepted.arrived_at, accepted.body, stored)
        except Unavailable as error:
            stored(error)

    def _answer(self, number: int, code: str) -> None:
        if not self._answers:
            asyncio.get_running_loop().call_soon(self._send_answers)
        self._answers.append((number, code))

    def _send_answers(self) -> None:
        answers, self._answers = self._answers, []
        self.tell(FromHouse(answers))

    def _lost(self) -> None:
        self._stream = None
        self._adopting.close()
        self._ended.set()
        if not self._stopping:
            log.error("worker_ended")
            self._again = asyncio.create_task(self._start_again())

    async def _start_again(self) -> None:
        await asyncio.sleep(AGAIN_AFTER)
        if not self._stopping:
            await self.start()

    async def stop(self) -> None:
        self._stopping = True
        process = self._process
        if process is not None:
            process.terminate()
            await asyncio.to_thread(process.join)
        if self._stream is not None:
            self._stream.close()
        self._listening.close()
