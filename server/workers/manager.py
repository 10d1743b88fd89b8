"""The server's side of its worker processes: it starts them, stores for them, and ends them."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any, Protocol

import structlog
import uvicorn

from askfirst.consents import Reason
from askfirst.errors import AskfirstError, Unavailable
from askfirst.settings import Settings
from askfirst.store.ledger.tallies import NO_SITE
from server.app import ServerApp, WhenOpen
from server.http.serving import uvicorn_config
from server.services import Services
from server.workers.handover import Adopt, Adopting, adopter, pair
from server.workers.relay import STORED, Accepted, FromServer, FromWorker, Stream
from server.workers.worker import spawned

log = structlog.get_logger()

AGAIN_AFTER = 1.0
"""Seconds until a worker that ended by itself is started anew."""
ENDS_WITHIN = 15.0
"""Seconds that a worker has to answer what it has accepted, before it is killed."""
_LOOKS_EVERY = 0.1  # seconds between two looks whether sites have changed


class Process(Protocol):
    """A worker that was begun."""

    def terminate(self) -> None:
        """Tell it to answer what it has accepted, and to end."""

    def join(self, timeout: float) -> None:
        """Wait for its end, so many seconds at most."""

    def is_alive(self) -> bool:
        """Return whether it has not ended."""

    def kill(self) -> None:
        """End it at once."""


Begin = Callable[[Settings, socket.socket, socket.socket, socket.socket], Process]
"""Begins a worker with the settings, its listening socket, and its ends of stream and way."""


class MainServer(uvicorn.Server):
    """Serves the server to connections that worker processes accept and hand over."""

    def __init__(
        self,
        app: ServerApp,
        listening: Sequence[socket.socket],
        begin: "Begin | None" = None,
        when_serving: WhenOpen | None = None,
    ) -> None:
        super().__init__(uvicorn_config(app))
        self._when_serving = when_serving
        self._app = app
        self._listening = listening
        self._begin = begin or spawned
        self._workers: Workers | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the server, and start a worker for each listening socket."""
        await super().startup(sockets)
        if self._app.services is not None:
            adopt = adopter(self._protocol)
            self._workers = Workers(self._listening, self._app.services, adopt, self._begin)
            await self._workers.start()
            if self._when_serving is not None:
                await self._when_serving(self._app.services)

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
    """One process for each listening socket; events they accept are stored in the server's journal.

    What the gate of a worker cannot know at once, a withdrawal and the end of a site, is judged
    here, right before the commit, so no event comes behind it.
    """

    def __init__(
        self, sockets: Sequence[socket.socket], services: Services, adopt: Adopt, begin: "Begin"
    ) -> None:
        self._services = services
        self._workers = [_Worker(one, services, adopt, begin) for one in sockets]
        self._known = services.book.readings  # before any worker reads them
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
            if self._known != self._services.book.readings:
                self._known = self._services.book.readings
                for worker in self._workers:
                    worker.tell(FromServer([], sites_changed=True))


class _Worker:
    def __init__(
        self, listening: socket.socket, services: Services, adopt: Adopt, begin: "Begin"
    ) -> None:
        self._begin = begin
        self._listening = listening
        self._services = services
        self._adopt = adopt
        self._answers: list[tuple[int, str]] = []
        self._stopping = False
        self._settled = asyncio.Event()  # it serves, or has ended
        self._ended = asyncio.Event()
        self._beginning = asyncio.Lock()
        self._stream: Stream[FromWorker] | None = None
        self._process: Process | None = None
        self._replacing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start a process and return when it serves, or has ended; each that ends is replaced."""
        await self._connect()
        await self._settled.wait()
        self._replacing = asyncio.create_task(self._replace())

    async def _connect(self) -> None:
        """Begin a process with its ends of stream and way, and close all of them if that fails."""
        self._ended.clear()
        with ExitStack() as kept, ExitStack() as given:
            ours, theirs = socket.socketpair()
            kept.enter_context(ours)
            given.enter_context(theirs)
            taking, handing = pair()
            kept.enter_context(taking)
            given.enter_context(handing)
            process = await self._begun(theirs, handing)
            kept.callback(process.terminate)
            self._adopting = Adopting(taking, self._adopt)
            kept.callback(self._adopting.close)
            stream = self._stream = Stream(FromWorker, self._received, self._lost)
            await asyncio.get_running_loop().create_connection(lambda: stream, sock=ours)
            kept.pop_all()

    async def _begun(self, *theirs: socket.socket) -> Process:
        """Begin a process where `stop` finds it, or raise when it is too late for one."""
        async with self._beginning:
            if self._stopping:
                raise Unavailable("The server is stopping.")
            settings, listening = self._services.settings, self._listening
            begun = await asyncio.to_thread(self._begin, settings, listening, *theirs)
            self._process = begun
            return begun

    def tell(self, message: FromServer) -> None:
        if self._stream is not None:
            self._stream.send(message)

    def _received(self, message: FromWorker) -> None:
        self._settled.set()  # its first message says no more than that
        for site_id, reason, count in message.tallied:
            known = self._services.book.by_id(site_id) is not None  # it may have been deleted since
            self._services.tallies.add(site_id if known else NO_SITE, reason, count)
        for accepted in message.accepted:
            self._store(accepted)

    def _store(self, accepted: Accepted) -> None:
        answer = partial(self._answer, self._stream, accepted.number)
        if accepted.consent_id in self._services.withdrawn:
            answer(Reason.WITHDRAWN)
            return
        if self._services.book.by_id(accepted.site_id) is None:
            answer(Reason.UNKNOWN_SITE)
            return

        def stored(error: AskfirstError | None) -> None:
            answer(error.code if error else STORED)

        try:
            self._services.admission.store(
                accepted.site_id, accepted.ids, accepted.arrived_at, accepted.body, stored
            )
        except AskfirstError as error:  # no room, or too much of one site
            stored(error)

    def _answer(self, asked: Stream[FromWorker] | None, number: int, code: str) -> None:
        if asked is not self._stream:
            return  # who asked has ended, and the next worker has numbers of its own
        if not self._answers:
            asyncio.get_running_loop().call_soon(self._send_answers)
        self._answers.append((number, code))

    def _send_answers(self) -> None:
        answers, self._answers = self._answers, []
        self.tell(FromServer(answers))

    def _lost(self) -> None:
        self._stream = None
        self._adopting.close()
        self._settled.set()
        self._ended.set()
        if not self._stopping:
            log.error("worker_ended")

    async def _replace(self) -> None:
        """Start another process whenever one has ended, and try again where that fails."""
        while True:
            await self._ended.wait()
            await asyncio.sleep(AGAIN_AFTER)
            if self._stopping:
                return
            try:
                await self._connect()
            except Exception as error:
                log.exception("worker_not_started", why=type(error).__name__)
                self._ended.set()

    async def stop(self) -> None:
        self._stopping = True
        async with self._beginning:  # one that is about to begin is to end, too
            process = self._process
        if process is not None:
            await asyncio.to_thread(_end, process)
        if self._replacing is not None:
            self._replacing.cancel()
        if self._stream is not None:
            self._stream.close()
        self._listening.close()


def _end(process: Process) -> None:
    process.terminate()
    process.join(ENDS_WITHIN)
    if process.is_alive():
        log.error("worker_killed")
        process.kill()
        process.join(ENDS_WITHIN)
