"""The server beside its worker processes: starts them, tells them of changes, and ends them."""

import asyncio
import socket
from collections.abc import Sequence
from typing import Any

import uvicorn

from server.app import ServerApp, WhenOpen
from server.http.serving import uvicorn_config
from server.services import Services
from server.workers.process import Spawned
from server.workers.relay import FromServer
from server.workers.standing_in import Accepting
from server.workers.worker_process import Begin, WorkerProcess

_LOOKS_EVERY = 0.1  # seconds between two looks whether sites have changed


class MainServer(uvicorn.Server):
    """Runs the server for connections that worker processes accept and hand over."""

    def __init__(
        self,
        app: ServerApp,
        listening: Sequence[socket.socket],
        begin: Begin | None = None,
        when_serving: WhenOpen | None = None,
    ) -> None:
        super().__init__(uvicorn_config(app))
        self._when_serving = when_serving
        self._app = app
        self._listening = listening
        self._begin = begin or Spawned
        self._workers: Workers | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the server, which answers at once, and a worker for each listening socket."""
        await super().startup(sockets)
        if self._app.services is not None:
            services = self._app.services
            self._workers = Workers(self._listening, services, self._protocol, self._begin)
            await self._workers.start()
            if self._when_serving is not None:
                await self._when_serving(services)

    def _protocol(self) -> asyncio.Protocol:
        make: Any = self.config.http_protocol_class
        state, app_state = self.server_state, self.lifespan.state
        made: asyncio.Protocol = make(
            config=self.config, server_state=state, app_state=app_state, _loop=None
        )
        return made

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the workers while they can still store, and then the connections handed over."""
        if self._workers is not None:
            await self._workers.stop()
        await super().shutdown(sockets)


class Workers:
    """One process for each listening socket; events they accept are stored in the server's journal.

    Withdrawals and the end of a site, which the gate of a worker cannot know at once, are checked
    by the server right before the commit.
    """

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        services: Services,
        protocol: Accepting,
        begin: Begin,
    ) -> None:
        self._services = services
        self._workers = [WorkerProcess(one, services, protocol, begin) for one in sockets]
        self._known = services.book.readings  # before any worker reads the sites
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return when connections are accepted, by the server until the workers serve."""
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
