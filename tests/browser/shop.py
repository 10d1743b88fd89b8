"""A running server and its demo website for browser tests, on this machine under several hosts."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from askfirst.clock import Clock, system_clock
from askfirst.sites import Site
from consent.policy.wording import default_policy
from server.app import ServerApp
from server.demo.website import website
from server.http.serving import uvicorn_config
from server.services import Services
from tests.factories import settings_in

HOSTS = ("*.test", "127.0.0.1")


@dataclass
class Shop:
    """A site that asks. `page(path, ...)` returns the address of a page in one of three settings:

    - `same`: pages and tag have one host, so cookies are set by HTTP;
    - `cousin`: www.shop.test and askfirst.shop.test, which share a parent domain;
    - `far`: shop.test and askfirst.elsewhere.test, so cookies are set by the script.
    """

    services: Services
    site: Site
    ports: dict[str, int]

    def page(self, path: str = "/", setting: str = "same") -> str:
        host = {"same": "127.0.0.1", "cousin": "www.shop.test", "far": "shop.test"}[setting]
        return f"http://{host}:{self.ports[setting]}{path}"

    async def move_to_a_new_site(self) -> None:
        """Create another site and let the pages ask for it; a second server would cost more."""
        self.site = await _added(self.services)

    async def rows(self) -> list[dict[str, Any]]:
        """Return the site's rows of the warehouse once the journal is shipped, oldest first."""
        await self.services.shipper.ship_all()
        frame = await asyncio.to_thread(self.services.warehouse.events, self.site.id)
        return frame.to_dict("records")

    async def counts(self) -> dict[str, int]:
        """Return the site's row count per table of every store, except the tables of counts."""
        found = {"warehouse": len(await self.rows())}
        async with self.services.ledger.read() as connection:
            names = await connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'table' "
                "AND name NOT IN ('tallies', 'choice_counts')"
            )
            for name in list(names.scalars()):
                described = await connection.exec_driver_sql(f'PRAGMA table_info("{name}")')
                ours = f"site_id = {self.site.id}" if "site_id" in str(described.all()) else "1"
                rows = await connection.exec_driver_sql(
                    f'SELECT count(*) FROM "{name}" WHERE {ours}'
                )
                found[name] = rows.scalar_one()
        return found

    async def tally(self) -> dict[str, int]:
        return await self.services.tallies.read(self.site.id, "2000-01-01", "2999-12-31")


@asynccontextmanager
async def open_shop(
    folder: Path, clock: Clock = system_clock, **settings: Any
) -> AsyncIterator[Shop]:
    """Serve the server and its websites until the block ends."""
    opened: asyncio.Future[Shop] = asyncio.get_running_loop().create_future()
    sockets = {name: socket.create_server(("127.0.0.1", 0)) for name in ("server", *SETTINGS)}
    ports = {name: bound.getsockname()[1] for name, bound in sockets.items()}

    async def when_open(services: Services) -> None:
        opened.set_result(Shop(services, await _added(services), ports))

    def tagged(host: str) -> ASGIApp:
        return website(lambda: (f"http://{host}:{ports['server']}", opened.result().site.key))

    sites = {ports[name]: tagged(host) for name, host in SETTINGS.items()}
    given = settings_in(folder / "data", choices_per_minute=1000, **settings)
    app = ServerApp(given, when_open, sites, clock)
    config = uvicorn_config(app)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=list(sockets.values())))
    try:
        yield await opened
    finally:
        server.should_exit = True
        await serving


async def _added(services: Services) -> Site:
    content = default_policy("Shop", "Shop Ltd", "privacy@shop.test", "")
    return await services.book.add("Shop", HOSTS, "Europe/Berlin", content)


SETTINGS = {
    "same": "127.0.0.1",
    "cousin": "askfirst.shop.test",
    "far": "askfirst.elsewhere.test",
}
"""Where the tag comes from, by setting."""
