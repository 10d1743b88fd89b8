"""The reports' test world: a ledger and a warehouse filled by hand, and a signed-in browser."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import httpx2
import pyarrow as pa
from argon2 import PasswordHasher
from sqlalchemy import insert, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from askfirst.columns import COLUMNS, nothing_of
from askfirst.errors import AskfirstError
from askfirst.settings import Settings
from askfirst.sites import IpMode, Site
from askfirst.store.ledger.choice_counts import ChoiceCounts
from askfirst.store.ledger.database import Ledger, sqlite_url
from askfirst.store.ledger.site_book import SiteBook
from askfirst.store.ledger.tables import (
    consent_records,
    disclosures,
    staff,
    staff_acts,
    withdrawals,
)
from askfirst.store.ledger.tallies import Tallies
from askfirst.store.ledger.visitor_links import VisitorLinks
from askfirst.store.ledger.withdrawn import Withdrawn
from askfirst.store.personal_data import PersonalData, WarehouseHolder, ledger_holders
from askfirst.store.warehouse.batches import ARROW_SCHEMA
from askfirst.store.warehouse.warehouse import Warehouse
from askfirst.web.pages import Pages
from consent.policy.editing import Editing
from consent.policy.wording import Terms, default_policy
from consent.rights.erasure import Eraser, Pauses
from consent.rights.withdrawal import count_withdrawal
from reports.app import Dependencies, routes
from reports.formatting.template_filters import filters
from tests.factories import NOON, StoppedClock
from tests.ledgers import NewSite, place_ledger
from tests.reports.reading import Reading
from tests.warehouses import lent_warehouse

BASE = "https://reports.example"
EMAIL = "owner@example.org"
PASSWORD = "a long enough password"
# Checking a password reads its cost from the hash: this one is cheap, and as good for a test.
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
SAME_ORIGIN = {"Origin": BASE}
ANNA, BERT, CLEO = "a" * 32, "b" * 32, "c" * 32


def utc(text: str) -> datetime:
    """Read a naive UTC datetime."""
    return datetime.fromisoformat(text)


def ms(moment: datetime) -> int:
    return round(moment.replace(tzinfo=UTC).timestamp() * 1000)


NOTHING = {one.name: nothing_of(one) for one in COLUMNS}
"""An event of which nothing is known."""


class Garden:
    """A server of reports with two sites, one owner and nothing recorded yet."""

    def __init__(self, deps: Dependencies, clock: StoppedClock, sites: Sequence[Site]) -> None:
        self.deps = deps
        self.clock = clock
        self.site, self.other = sites
        self.eraser: Eraser = deps.erase.__self__  # type: ignore[attr-defined]
        self.rows: list[dict[str, Any]] = []
        self._seq = 0

    def app(self) -> Starlette:
        return Starlette(routes=routes(self.deps), exception_handlers={AskfirstError: _error})

    def client(
        self,
        app: Starlette | None = None,
        peer: str = "127.0.0.1",
        follow_redirects: bool = False,
        **headers: str,
    ) -> httpx2.AsyncClient:
        """Return a browser at an address; those of one `app` share what it remembers."""
        transport = httpx2.ASGITransport(app=app or self.app(), client=(peer, 50000))
        return httpx2.AsyncClient(
            transport=transport, base_url=BASE, headers=headers, follow_redirects=follow_redirects
        )

    async def signed_in(self, app: Starlette | None = None) -> httpx2.AsyncClient:
        """Return the browser of the owner, signed in through the form, who clicks on our pages."""
        client = self.client(app, **{"Sec-Fetch-Site": "same-origin"})
        form = {"email": EMAIL, "password": PASSWORD}
        answer = await client.post("/sign-in", data=form, headers=SAME_ORIGIN)
        assert answer.status_code == 303, answer.text
        return client

    async def post(self, client: httpx2.AsyncClient, path: str, **fields: str) -> httpx2.Response:
        """Post a form of the site with the secret of the browser's session."""
        csrf = Reading((await client.get("/sites/new")).text).fields["csrf"]
        data = {"csrf": csrf, **fields}
        return await client.post(f"/sites/{self.site.key}{path}", data=data)

    def event(self, time: str | datetime, **changes: Any) -> dict[str, Any]:
        """Note one event, to be stored by `store`."""
        visitor = changes.get("visitor_id", ANNA)
        row = NOTHING | {
            "site_id": self.site.id,
            "event_id": f"{len(self.rows):022d}",
            "kind": "page_view",
            "time": utc(time) if isinstance(time, str) else time,
            "visitor_id": visitor,
            "visit_id": f"{visitor}-1",
            "consent_id": visitor,
            "policy_version": 1,
            "host": "example.org",
            "path": "/",
        }
        self.rows.append(row | changes)
        return self.rows[-1]

    def store(self) -> None:
        """Ship the noted events that are not in the warehouse yet."""
        fresh = self.rows[self._seq :]
        if fresh:
            batch = pa.Table.from_pylist(fresh, schema=ARROW_SCHEMA)
            self._seq = len(self.rows)
            self.deps.warehouse.append(batch, "hand", self._seq)

    async def consent(self, visitor: str, given: str = "2025-01-01", **changes: Any) -> None:
        """Record a yes whose consent id is the visitor's id."""
        row = {
            "record_id": f"r{visitor[1:]}",
            "consent_id": visitor,
            "site_id": self.site.id,
            "visitor_id": visitor,
            "nonce": "0" * 32,
            "subject": "s" * 64,
            "state": "given",
            "schema": "askfirst-1",
            "event_type": "explicit",
            "given_by": "subject",
            "event_time": ms(utc(given)),
            "valid_until": ms(utc("2027-01-01")),
            "policy_version": 1,
            "notice_hash": "n" * 64,
            "ui_hash": "u" * 64,
            "purposes": ["statistics"],
            "language": "en",
            "method": "banner",
            "signals": {"gpc": False},
            "previous_hash": "p" * 64,
            "hash": f"{visitor}{visitor}",
        }
        async with self.deps.ledger.write() as connection:
            await connection.execute(insert(consent_records), [row | changes])

    async def withdraw(self, visitor: str, at: str) -> None:
        row = {"consent_id": visitor, "site_id": self.site.id, "withdrawn_at": ms(utc(at))}
        async with self.deps.ledger.write() as connection:
            await connection.execute(insert(withdrawals), [row])

    async def entries(self) -> list[tuple[str, str, str]]:
        """Return (visitor, who, what) of every disclosure, oldest first."""
        columns = (disclosures.c.visitor_id, disclosures.c.to_whom, disclosures.c.what)
        async with self.deps.ledger.read() as connection:
            found = await connection.execute(select(*columns).order_by(disclosures.c.id))
            return [tuple(row) for row in found]

    async def acts(self) -> list[tuple[str, str, str]]:
        """Return (act, who, site) of what staff did besides signing in, oldest first."""
        columns = (staff_acts.c.act, staff_acts.c.who, staff_acts.c.site_key)
        async with self.deps.ledger.read() as connection:
            found = await connection.execute(select(*columns).order_by(staff_acts.c.id))
            return [tuple(row) for row in found if row.act != "signed_in"]

    async def overview(self, query: str = "") -> Reading:
        """Open the overview as the owner and read it."""
        self.store()
        client = await self.signed_in()
        answer = await client.get(f"/sites/{self.site.key}{query}")
        assert answer.status_code == 200, answer.text
        return Reading(answer.text)


async def _error(_request: Request, error: AskfirstError) -> Response:
    return JSONResponse(error.body(), error.status, error.headers())


@cache
def _garden_sites(zone: str) -> tuple[NewSite, NewSite]:
    """Return the site in a time zone and another one; their words are written once a process."""
    garden = NewSite("Garden", ["example.org"], zone, _policy("", "", "", ""))
    return garden, NewSite("Other", ["other.example"], "UTC", _policy("", "", "", ""))


def _policy(
    name: str,
    controller: str,
    contact: str,
    privacy_url: str,
    ip_mode: IpMode = "whole",
    language: str = "en",
) -> dict[str, Any]:
    terms = Terms(ip_mode=ip_mode)
    return default_policy(name, controller, contact, privacy_url, terms, language)


@asynccontextmanager
async def _quiet() -> AsyncIterator[None]:
    yield  # nothing is shipped here


async def _never(_site_id: int) -> None:
    raise AssertionError("What deletes a site is the server's; its tests are there.")


async def _not_here(_site: Site, _rule: str, _counted: bool) -> None:
    raise AssertionError("What moves rows is the server's; its tests are there.")


@asynccontextmanager
async def bare_garden(
    folder: Path, *sites: NewSite, **settings: Any
) -> AsyncIterator[tuple[Dependencies, StoppedClock]]:
    """Open the stores in a folder, with sites and without an owner."""
    clock = StoppedClock(NOON)
    if not (folder / "ledger.db").exists():
        await place_ledger(folder / "ledger.db", clock, *sites)
    ledger = await Ledger.open(sqlite_url(folder / "ledger.db"))
    with lent_warehouse() as warehouse:
        yield await _dependencies(folder, ledger, warehouse, clock, settings), clock
    await ledger.close()


async def _dependencies(
    folder: Path,
    ledger: Ledger,
    warehouse: Warehouse,
    clock: StoppedClock,
    settings: dict[str, Any],
) -> Dependencies:
    book = SiteBook(ledger, clock)
    await book.refresh()
    personal_data = PersonalData(
        [*ledger_holders(ledger, clock=clock), WarehouseHolder(warehouse)], VisitorLinks(ledger)
    )
    tallies, counts = Tallies(ledger, clock), ChoiceCounts(ledger, clock, smallest=1)
    count = partial(count_withdrawal, tallies, counts)
    pauses = Pauses(_quiet, _quiet)
    return Dependencies(
        settings=Settings(**{"data_folder": folder, **settings}),
        clock=clock,
        ledger=ledger,
        warehouse=warehouse,
        book=book,
        tallies=tallies,
        counts=counts,
        personal_data=personal_data,
        pages=Pages(filters(clock)),
        default_policy=_policy,
        wording_editor=Editing(ledger, book, Settings(data_folder=folder), clock),
        delete_site=_never,
        count_rule=_not_here,
        erase=Eraser(ledger, personal_data, Withdrawn(ledger), clock, pauses, count).erase,
    )


@asynccontextmanager
async def open_garden(folder: Path, zone: str = "Europe/Berlin", **settings: Any) -> Any:
    """Open a garden: an owner, the site in this time zone and another site."""
    async with bare_garden(folder, *_garden_sites(zone), **settings) as (deps, clock):
        owner = {"email": EMAIL, "password_hash": HASH, "created_at": NOON}
        async with deps.ledger.write() as connection:
            await connection.execute(insert(staff), [owner])
        yield Garden(deps, clock, sorted(deps.book.all(), key=lambda site: site.id))


def every(start: str, step: timedelta, count: int) -> list[datetime]:
    """Return `count` instants from a start on."""
    return [utc(start) + n * step for n in range(count)]
