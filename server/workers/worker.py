"""A worker's application: takes events, and leaves storing and all other requests to the server."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from typing import Any, cast

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

import collector.app
from askfirst.clock import system_clock
from askfirst.consents import Tokens
from askfirst.errors import Unavailable
from askfirst.settings import Settings
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.site_book import SiteBook
from collector.enrichment.enrich import client_of
from collector.enrichment.places.files import files_of
from collector.enrichment.places.places import Places
from server.http.connection import Connection
from server.http.proxies.trusted import proxies_of
from server.http.under_path import UnderPath, event_targets
from server.http.unread_bodies import WholeBodies
from server.startup.keys import load_keys
from server.startup.restore_gaps import read_restore_gaps
from server.workers.handover import HandingOver
from server.workers.server_stores import ServerStores

log = structlog.get_logger()

REFRESH_AGAIN_AFTER = 0.5
"""Seconds until sites that could not be read are read again."""


class WorkerApp:
    """The application of a worker: the endpoint of the events, which stores them in the server."""

    def __init__(self, settings: Settings, main: socket.socket, way: socket.socket) -> None:
        self._settings = settings
        self._main = main
        self._proxies = proxies_of(settings)
        self.event_targets = event_targets(settings.base_path)
        self.event_begins = tuple(b"POST %b " % target for target in self.event_targets)
        self._intake: collector.app.Intake | None = None
        self._lifetime = Starlette(lifespan=self._lifespan)
        self._changed = asyncio.Event()
        self.handing = HandingOver(way)
        self.server: uvicorn.Server | None = None

    def intake(self, _scope: Scope) -> collector.app.Intake | None:
        """Return the endpoint of the events."""
        return self._intake

    def believed(self, scope: Scope) -> Scope:
        """Return a request's scope with the client that a trusted proxy names."""
        return self._proxies.believed(scope)

    def trusts(self, address: str) -> bool:
        """Return whether an address is a trusted proxy's."""
        return self._proxies.trusts(address)

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        folder = self._settings.data_folder
        ledger = await Ledger.open_to_read(folder / "ledger.db")
        self._book = SiteBook(ledger, system_clock)
        await self._book.refresh()
        stores = ServerStores(self._settings.journal_queue, self._changed.set, self._stop)
        await asyncio.get_running_loop().create_connection(lambda: stores.stream, sock=self._main)
        files = files_of(folder, self._settings.places_file)
        places = await asyncio.to_thread(Places, files)
        await asyncio.to_thread(client_of, "")  # its lists take half a second
        self._intake = collector.app.Intake(
            collector.app.Dependencies(
                settings=self._settings,
                clock=system_clock,
                book=self._book,
                tokens=Tokens(load_keys(folder), read_restore_gaps(folder)),
                withdrawn=frozenset(),  # the server checks that right before it stores
                journal=stores,
                tallies=stores,
                place_of=places.place,
            )
        )
        refreshing = asyncio.create_task(self._keep_fresh())
        stores.say_serving()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        yield
        refreshing.cancel()
        await asyncio.wait([refreshing])
        stores.close()
        places.close()
        await ledger.close()

    async def _keep_fresh(self) -> None:
        """Read the sites after each change, one read at a time, and try again where that fails."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._book.refresh()
            except Exception as error:  # noqa: BLE001 - whatever it was, the sites have changed
                log.warning("sites_not_read", why=type(error).__name__)
                self._changed.set()
                await asyncio.sleep(REFRESH_AGAIN_AFTER)

    def _stop(self) -> None:
        """End this process, and leave the address to the next server at once."""
        if self.server is not None:
            self.server.should_exit = True
            for one in getattr(self.server, "servers", ()):  # none until it listens
                one.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take an event that is not plain; have other requests behind one sent again."""
        if scope["type"] == "lifespan":
            await self._lifetime(scope, receive, send)
        elif self._intake is not None:
            app: ASGIApp = collector.app.EventsFirst(self._intake, _come_anew)
            app = UnderPath(WholeBodies(app), self._settings.base_path)
            await app(self.believed(scope), receive, send)


async def _come_anew(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Close a connection on which a request was sent before an event was answered."""
    headers = [(b"connection", b"close"), (b"retry-after", b"0"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


class EventsOnly(Connection):
    """A connection of a worker, handed over to the server at the first request that is no event."""

    def __init__(self, app: WorkerApp, **given: Any) -> None:
        super().__init__(app, **given)
        self._handed = False

    def awaited(self) -> Hashable | None:
        """Return None while the server is waited for, and not the client."""
        return None if self._handed else super().awaited()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection; an answer is sent at once, so that its client goes on meanwhile.

        By default the answers of a turn of the event loop wait until the last of them is made.
        """
        super().connection_made(transport)
        transport.set_write_buffer_limits(0)

    def look_at(self, data: bytes) -> None:
        """Take the bytes of an event, or hand the connection over with them."""
        app = cast(WorkerApp, self._app)
        if not data.startswith(app.event_begins) and self._is_free():
            self._unset_keepalive_if_required()
            self._handed = True
            app.handing.hand_over(self.transport, data, self._refuse_full)
        else:
            super().look_at(data)

    def _refuse_full(self) -> None:
        """Refuse what this connection brought, which is too long to wait for the server."""
        too_full = Unavailable("Too many requests are waiting for the server.", retry_after=1)
        self.say_refused(503, too_full)

    def _is_free(self) -> bool:
        """Return whether nothing is lost by a handover, neither a request nor an answer."""
        unsent = self.transport.get_write_buffer_size()
        return self.at_rest() and not self.ended and not unsent
