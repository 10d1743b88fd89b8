"""Consent on real stores in a temporary folder, with a stopped clock."""

import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import httpx2
import pyarrow as pa
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from askfirst.clock import as_datetime
from askfirst.consents import Tokens
from askfirst.errors import AskfirstError
from askfirst.events import EVENT_COLUMNS
from askfirst.settings import Settings
from askfirst.sites import Site
from askfirst.store.ledger.choice_counts import ChoiceCounts
from askfirst.store.ledger.database import Ledger, sqlite_url
from askfirst.store.ledger.rights.receipt_codes import ReceiptCodes
from askfirst.store.ledger.site_book import SiteBook
from askfirst.store.ledger.tallies import Tallies
from askfirst.store.ledger.visitor_links import VisitorLinks
from askfirst.store.ledger.withdrawn import Withdrawn
from askfirst.store.personal_data import PersonalData, WarehouseHolder, ledger_holders
from askfirst.store.warehouse.batches import ARROW_SCHEMA
from askfirst.store.warehouse.warehouse import Warehouse
from askfirst.system.sealing import Sealing
from askfirst.web.pages import Pages
from consent.app import Dependencies, routes
from consent.policy.wording import default_policy, wording
from consent.receipts.site_keys import SiteKeys
from consent.rights.corrections import Corrections
from consent.rights.erasure import Eraser, Pauses
from consent.rights.own_files import OwnFiles
from consent.rights.withdrawal import count_withdrawal
from tests.ledgers import NewSite, place_ledger
from tests.warehouses import lent_warehouse

NOON = 1_790_000_000_000 - 1_790_000_000_000 % 86_400_000 + 43_200_000
ORIGIN = "https://www.example.org"


@dataclass
class StoppedClock:
    """A clock that shows the same millisecond until a test moves it."""

    now: int = NOON

    def __call__(self) -> int:
        return self.now


@dataclass
class Quiet:
    """Stands for the pause of shipping, and counts how often it is entered."""

    times: int = 0

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[None]:
        self.times += 1
        yield


@dataclass
class Room:
    """The endpoints of consent, a browser, and access to the stores."""

    deps: Dependencies
    site: Site
    warehouse: Warehouse
    folder: Path
    clock: StoppedClock
    quiet: Quiet
    browser: httpx2.AsyncClient
    shown: dict[str, Any] = field(default_factory=dict)

    async def post(self, path: str, body: Any, **headers: str) -> httpx2.Response:
        """Send a body as the page's script does; bytes are sent as they are."""
        self.browser.cookies.clear()
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Origin": ORIGIN, "Content-Type": "text/plain"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.browser.post(path, content=content, headers=sent)

    def yes(self, **changes: Any) -> dict[str, Any]:
        """Return the body of a yes to what is shown."""
        said = {
            "site": self.site.key,
            "choice": "accept",
            "purposes": ["statistics"],
            "version": self.shown["version"],
            "notice": self.shown["hash"],
            "language": "en",
            "method": "banner",
            "gpc": False,
        }
        return said | changes

    async def token(self) -> str:
        """Accept and give the token."""
        answer = await self.post("/consent", self.yes())
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

    async def refuse(self, **headers: str) -> httpx2.Response:
        """Say no."""
        return await self.post("/consent", {"site": self.site.key, "choice": "refuse"}, **headers)

    async def withdraw(self, token: str, **headers: str) -> httpx2.Response:
        """Take a yes back."""
        body = {
            "site": self.site.key,
            "choice": "withdraw",
            "token": token,
            "method": "preferences",
        }
        return await self.post("/consent", body, **headers)

    async def erase(self, token: str, **headers: str) -> httpx2.Response:
        """Have everything erased."""
        return await self.post("/consent/erase", {"site": self.site.key, "token": token}, **headers)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Read a ledger table as another process would: only what is durable is there."""
        with sqlite3.connect(self.folder / "ledger.db") as connection:
            connection.row_factory = sqlite3.Row
            found = [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]
        connection.close()
        return found

    def sql(self, statement: str) -> None:
        """Change the ledger behind everybody's back."""
        with sqlite3.connect(self.folder / "ledger.db") as connection:
            connection.execute(statement)
        connection.close()

    def dump(self) -> dict[str, list[dict[str, Any]]]:
        """Read every ledger table and the warehouse."""
        names = [row["name"] for row in self.rows("sqlite_master WHERE type = 'table'")]
        events = self.warehouse.events().to_dict("records")
        return {name: self.rows(name) for name in names} | {"events": events}  # type: ignore[dict-item]

    async def tally(self) -> dict[str, int]:
        """Return the site's tally of today."""
        return await self.deps.tallies.read(self.site.id, "0000-00-00", "9999-99-99")

    def visit(self, visitor_id: str, consent_id: str, pages: int = 2) -> None:
        """Put page views of a visitor into the warehouse, as shipping does."""
        facts: dict[str, Any] = {
            name: "x" if kind == "string" else 1 for name, kind in EVENT_COLUMNS.items()
        }
        facts |= {"kind": "page_view", "site_id": self.site.id}
        facts |= {"visitor_id": visitor_id, "consent_id": consent_id}
        facts |= {"time": as_datetime(self.clock()).replace(tzinfo=None), "policy_version": 1}
        batch = [facts | {"event_id": f"{visitor_id}{page}"} for page in range(pages)]
        self.warehouse.append(pa.Table.from_pylist(batch, schema=ARROW_SCHEMA), "journal", 1)


async def _told(_request: Request, error: Exception) -> Response:
    assert isinstance(error, AskfirstError)
    return JSONResponse(error.body(), error.status, error.headers())


def _no_files(*_of: Any) -> dict[str, bytes]:
    return {}


async def _no_events(*_of: Any) -> int:
    return 0


@cache
def _content() -> dict[str, Any]:
    return default_policy("Example", "Example Ltd", "privacy@example.org", "")


@pytest.fixture
def open_warehouse() -> Iterator[Callable[[], Warehouse]]:
    """Return what opens an empty warehouse; the tests of `rights` have one in their folder."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(lent_warehouse())


@pytest.fixture
async def open_room(
    tmp_path: Path, open_warehouse: Callable[[], Warehouse]
) -> AsyncIterator[Callable[..., Any]]:
    """Open the endpoints with some settings; they are closed after the test."""
    closing: list[Callable[[], Any]] = []

    async def opened(**values: Any) -> Room:
        clock, quiet = StoppedClock(), Quiet()
        example = NewSite("Example", ["www.example.org", "*.example.net"], "UTC", _content())
        await place_ledger(tmp_path / "ledger.db", clock, example)
        ledger = await Ledger.open(sqlite_url(tmp_path / "ledger.db"))
        warehouse = open_warehouse()
        closing.append(ledger.close)
        book, withdrawn = SiteBook(ledger, clock), Withdrawn(ledger)
        await book.refresh()
        [site] = book.all()
        places = PersonalData(
            [*ledger_holders(ledger), WarehouseHolder(warehouse)], VisitorLinks(ledger)
        )
        settings = Settings(data_folder=tmp_path, **values)
        tallies = Tallies(ledger, clock)
        counts = ChoiceCounts(ledger, clock, settings.smallest_count)
        count = partial(count_withdrawal, tallies, counts)
        deps = Dependencies(
            settings=settings,
            clock=clock,
            ledger=ledger,
            book=book,
            tallies=tallies,
            counts=counts,
            tokens=Tokens([b"a key of a test"]),
            withdrawn=withdrawn,
            eraser=Eraser(ledger, places, withdrawn, clock, Pauses(quiet, quiet), count),
            corrections=Corrections(
                ledger, book, places, quiet, WarehouseHolder(warehouse).correct
            ),
            pages=Pages(),
            site_keys=SiteKeys(b"a seed of a test, of thirty-two."),
            receipt_codes=ReceiptCodes(b"a key of a test, of 32 bytes too"),
            sealing=Sealing(b"a key of a test, of 32 bytes, yes"),
            personal_data=places,
            visitor_files=_no_files,
            number_of_events=_no_events,
            own_files=OwnFiles(clock),
            is_left_out=lambda _site, headers: "bot" in headers.get("user-agent", ""),
        )
        app = Starlette(routes=routes(deps), exception_handlers={AskfirstError: _told})
        browser = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url="https://visits.example.org"
        )
        closing.append(browser.aclose)
        shown = await wording(book, book.policy(site), site, "en")
        return Room(deps, site, warehouse, tmp_path, clock, quiet, browser, shown)

    yield opened
    for close in reversed(closing):
        result = close()
        if result is not None:
            await result


@pytest.fixture
async def room(open_room: Callable[..., Any]) -> Room:
    """Open the endpoints with generous limits."""
    many = 1_000_000
    made: Room = await open_room(
        choices_per_minute=many, choices_per_hour=many, choices_per_day=many
    )
    return made
