"""A whole server in a test: open services, its application and the acts of one browser."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import msgspec

from askfirst.sites import Site
from askfirst.store.warehouse.tables import TABLES
from askfirst.store.warehouse.warehouse import Warehouse
from askfirst.system.disk_space import FreeOf
from consent.policy.wording import Terms, default_policy
from server.app import build_app
from server.services import Services, open_services
from tests.factories import CHROME, StoppedClock, a_view, settings_in
from tests.ledgers import NewSite, place_ledger

ORIGIN = "https://example.org"


class Browser:
    """One browser on a page of the site; every method is one request."""

    def __init__(self, client: httpx2.AsyncClient, site: Site) -> None:
        self.client = client
        self.site = site
        self.headers = {"Origin": ORIGIN, "User-Agent": CHROME, "Content-Type": "text/plain"}
        self.token = ""

    async def post(self, path: str, body: object, **headers: str) -> httpx2.Response:
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return await self.client.post(path, content=content, headers={**self.headers, **headers})

    async def wording(self) -> dict[str, Any]:
        return (await self.client.get(f"/wording/{self.site.key}.json")).json()

    async def accept(self, **changes: Any) -> httpx2.Response:
        asked = await self.wording()
        assert "version" in asked, asked
        answer = await self.post(
            "/consent",
            {
                "site": self.site.key,
                "choice": "accept",
                "purposes": ["statistics"],
                "version": asked["version"],
                "notice": asked["hash"],
                "language": "en",
                "method": "banner",
                "gpc": False,
                **changes,
            },
        )
        self.token = answer.json().get("token", "")
        return answer

    async def refuse(self) -> httpx2.Response:
        return await self.post("/consent", {"site": self.site.key, "choice": "refuse"})

    async def withdraw(self) -> httpx2.Response:
        wish = {"site": self.site.key, "choice": "withdraw", "token": self.token}
        return await self.post("/consent", wish)

    async def erase(self) -> httpx2.Response:
        return await self.post("/consent/erase", {"site": self.site.key, "token": self.token})

    async def send(self, *events: dict[str, Any], **headers: str) -> httpx2.Response:
        body = {"site": self.site.key, "token": self.token, "events": list(events) or [a_view()]}
        return await self.post("/event", body, **headers)


class World:
    """Open services with one site; `browser()` gives a new visitor."""

    def __init__(self, services: Services, site: Site, clock: StoppedClock, peer: str) -> None:
        self.services = services
        self.site = site
        self.clock = clock
        transport = httpx2.ASGITransport(
            app=build_app(services), client=(peer, 50000), raise_app_exceptions=False
        )
        self.client = httpx2.AsyncClient(transport=transport, base_url="http://askfirst.test")

    def browser(self) -> Browser:
        return Browser(self.client, self.site)

    async def rows(self) -> list[dict[str, Any]]:
        """Ship, and give every row of the warehouse."""
        await self.services.shipper.ship_all()
        return self.services.warehouse.events().to_dict("records")

    def journal_bytes(self) -> bytes:
        return journal_bytes(self.services.settings.data_folder)

    async def tally(self) -> dict[str, int]:
        """Return the site's sums by reason, over all days."""
        return await self.services.tallies.read(self.site.id, "2000-01-01", "2999-12-31")


def journal_bytes(folder: Path) -> bytes:
    """Return what lies in the journal's file of a folder, and in its log."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("journal.db*")))


def stored_rows(warehouse: Warehouse) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table of a warehouse, as they are stored."""
    asked = {name: f"SELECT * FROM {name}" for name in TABLES}
    return {name: warehouse.answer(sql).to_dict("records") for name, sql in asked.items()}


def is_in_bytes(word: str, content: bytes) -> bool:
    """Return whether a word lies in the content of files, or a visitor's id in either form.

    The warehouse stores the 128 bits of an id, and DuckDB writes them as two numbers of 64 bits
    with the lowest byte first; the lower one is looked for.
    """
    is_id = re.fullmatch(r"[0-9a-f]{32}", word) is not None
    return word.encode() in content or (is_id and bytes.fromhex(word)[:7:-1] in content)


@cache
def _wording() -> dict[str, Any]:
    terms = Terms(ip_mode="whole")  # so that a test sees which address was taken
    return default_policy("Example", "Example Ltd", "privacy@example.org", "", terms)


@asynccontextmanager
async def open_world(
    folder: Path,
    peer: str = "192.0.2.7",
    hosts: tuple[str, ...] = ("example.org",),
    free_of: FreeOf = lambda _folder: 1 << 40,
    **settings: Any,
) -> AsyncIterator[World]:
    clock = StoppedClock()
    example = NewSite("Example", hosts, "Europe/Berlin", _wording())
    if not (data := folder / "data").exists():
        data.mkdir(mode=0o700, parents=True)
        await place_ledger(data / "ledger.db", clock, example)
    async with open_services(settings_in(data, **settings), clock, free_of) as services:
        known = services.book.all()
        site = known[0] if known else await services.book.add(*example)
        yield World(services, site, clock, peer)


@contextmanager
def running_world(folder: Path, **settings: Any) -> Iterator[tuple[asyncio.Runner, World]]:
    """Open one world for the many examples of a property test; the runner runs their acts."""
    with asyncio.Runner() as runner:
        opening = open_world(folder, **settings)
        yield runner, runner.run(opening.__aenter__())
        runner.run(opening.__aexit__(None, None, None))
