"""The house: every memory opened in order, the rooms' skills built on them, and closed again."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from starlette.concurrency import run_in_threadpool

from askfirst.clock import Clock, system_clock
from askfirst.consents import Tokens
from askfirst.errors import Misconfigured
from askfirst.pages import Pages
from askfirst.settings import Settings
from askfirst.store.ledger import Ledger, sqlite_url
from askfirst.store.choice_counts import ChoiceCounts
from askfirst.store.personal_data import PersonalData, WarehousePlace, ledger_places
from askfirst.store.site_book import SiteBook
from askfirst.store.tallies import Tallies
from askfirst.store.warehouse import Warehouse
from askfirst.store.withdrawn import Withdrawn
from collector.enrich import Enricher
from collector.journal import Journal, JournalPlace
from collector.places import Places, shipped_places
from collector.ship import Shipper
from consent.erasure import Eraser
from reports.formats import FILTERS
from server.keys import load_keys

MEMORIES = ("ledger.db", "journal.db", "warehouse.duckdb")


@dataclass
class Rest:
    """How long a heavy job rests: until this second of the monotonic clock."""

    until: float = 0.0


@dataclass(frozen=True)
class House:
    """Everything that is open while the server runs."""

    settings: Settings
    clock: Clock
    tokens: Tokens
    ledger: Ledger
    journal: Journal
    warehouse: Warehouse
    book: SiteBook
    tallies: Tallies
    withdrawn: Withdrawn
    places: Places
    shipper: Shipper
    personal_data: PersonalData
    eraser: Eraser
    counts: ChoiceCounts
    pages: Pages
    rest: Rest = field(default_factory=Rest)


@asynccontextmanager
async def open_house(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[House]:
    """Open the data folder, making what is missing; ship what waits and close it at the end.

    Raises `Misconfigured` when the folder cannot be used, or another process uses it.
    """
    folder = _made(settings.data_folder)
    async with AsyncExitStack() as stack:

        def closing(close: Callable[[], Awaitable[None]]) -> None:
            stack.push_async_callback(close)

        tokens = Tokens(load_keys(folder))
        warehouse = _open_warehouse(folder / "warehouse.duckdb")
        closing(lambda: run_in_threadpool(warehouse.close))
        ledger = await Ledger.open(sqlite_url(folder / "ledger.db"))
        closing(ledger.close)
        journal = await Journal.open(folder / "journal.db", settings.journal_queue)
        closing(journal.close)
        tallies = Tallies(ledger, clock)
        closing(tallies.flush)
        book, withdrawn = SiteBook(ledger, clock), Withdrawn(ledger)
        await book.refresh()
        await withdrawn.refresh()
        places = await run_in_threadpool(_open_places, settings)
        stack.callback(places.close)
        enricher = Enricher(book.by_id, places.country)
        counts = ChoiceCounts(ledger, clock)
        await counts.start()
        closing(counts.flush)
        silence = settings.visit_minutes * 60_000
        shipper = Shipper(journal, warehouse, enricher, withdrawn, silence)
        closing(shipper.ship_all)
        personal_data = PersonalData(
            (JournalPlace(journal), WarehousePlace(warehouse), *ledger_places(ledger))
        )
        eraser = Eraser(ledger, personal_data, withdrawn, clock, shipper.quiet)
        await eraser.resume()
        _keep_private(folder)
        yield House(
            settings=settings,
            clock=clock,
            tokens=tokens,
            ledger=ledger,
            journal=journal,
            warehouse=warehouse,
            book=book,
            tallies=tallies,
            withdrawn=withdrawn,
            places=places,
            shipper=shipper,
            personal_data=personal_data,
            eraser=eraser,
            pages=Pages(FILTERS),
            counts=counts,
        )


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(f"The data folder {folder} cannot be made.") from error
    return folder


def _open_warehouse(path: Path) -> Warehouse:
    try:
        return Warehouse(path)
    except duckdb.IOException as error:
        raise Misconfigured(
            f"The warehouse {path} cannot be opened: another askfirst uses it, or it is damaged."
        ) from error


def _open_places(settings: Settings) -> Places:
    return Places(settings.places_file or shipped_places(settings.data_folder / "places"))


def _keep_private(folder: Path) -> None:
    for name in MEMORIES:
        for path in folder.glob(f"{name}*"):
            path.chmod(0o600)
