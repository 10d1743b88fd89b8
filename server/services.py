"""The services: every store opened in order, what works on them built, and closed in reverse."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import duckdb
import structlog
from starlette.concurrency import run_in_threadpool

from askfirst.clock import Clock, system_clock
from askfirst.consents import Tokens
from askfirst.errors import Misconfigured
from askfirst.rate_limits import DailyCeiling
from askfirst.settings import Settings
from askfirst.store.ledger.choice_counts import ChoiceCounts
from askfirst.store.ledger.database import Ledger, sqlite_url
from askfirst.store.ledger.site_book import SiteBook
from askfirst.store.ledger.tallies import Tallies
from askfirst.store.ledger.visitor_links import VisitorLinks
from askfirst.store.ledger.withdrawn import Withdrawn
from askfirst.store.personal_data import PersonalData, WarehouseHolder, ledger_holders
from askfirst.store.warehouse.warehouse import Warehouse
from askfirst.system.disk_space import FreeOf, Storage, free_of
from askfirst.web.pages import Pages
from collector.enrichment.countries import Countries, shipped_countries
from collector.enrichment.enrich import Enricher
from collector.intake.admission import Admission
from collector.journal.journal import Journal
from collector.journal.personal_data import JournalHolder
from collector.journal.tables import FORM
from collector.ship import Shipper
from consent.rights.erasure import Eraser
from consent.rights.withdrawal import count_withdrawal
from reports.formatting.template_filters import filters
from server.site_deletion import SiteDeletion
from server.startup.carry_over import carry_over
from server.startup.data_folder import taken
from server.startup.folder_owner import refuse_other_user
from server.startup.journal_recovery import (
    refuse_damaged_ledger,
    refuse_journal_of_another_form,
    say_if_log_was_cut,
    set_aside_damaged_journal,
)
from server.startup.keys import load_keys
from server.startup.private_files import keep_private, make_private, refuse_folder
from server.startup.restore_gaps import read_lost_times

log = structlog.get_logger()


@dataclass
class RewritePause:
    """How long a heavy job rests: until this second of the monotonic clock."""

    until: float = 0.0


@dataclass(frozen=True)
class Services:
    """Everything that is open while the server runs."""

    settings: Settings
    clock: Clock
    tokens: Tokens
    ledger: Ledger
    journal: Journal
    warehouse: Warehouse
    book: SiteBook
    tallies: Tallies
    counts: ChoiceCounts
    withdrawn: Withdrawn
    countries: Countries
    shipper: Shipper
    personal_data: PersonalData
    eraser: Eraser
    site_deletion: SiteDeletion
    pages: Pages
    storage: Storage
    admission: Admission
    event_ceiling: DailyCeiling
    choice_ceiling: DailyCeiling
    rest: RewritePause = field(default_factory=RewritePause)


@asynccontextmanager
async def open_services(
    settings: Settings,
    clock: Clock = system_clock,
    free_of: FreeOf = free_of,
    *,
    restoring: bool = False,
) -> AsyncIterator[Services]:
    """Open the data folder, making what is missing; ship what waits and close it at the end.

    `free_of` tells the bytes that are free on the folder's disk.
    Raises `Misconfigured` when the folder cannot be used, or another process uses it.
    """
    folder = settings.data_folder
    async with AsyncExitStack() as stack:
        refuse_folder(folder)
        refuse_other_user(folder)
        stack.enter_context(taken(folder, restoring))
        make_private(folder)

        def closing(close: Callable[[], Awaitable[None]]) -> None:
            stack.push_async_callback(close)

        tokens = Tokens(load_keys(folder), read_lost_times(folder))
        warehouse = _open_warehouse(folder / "warehouse.duckdb")
        closing(lambda: run_in_threadpool(warehouse.close))
        ledger = await _open_ledger(folder / "ledger.db", clock())
        closing(ledger.close)
        journal = await _open_journal(folder / "journal.db", settings, clock())
        closing(journal.close)
        await _go_on(journal, folder, warehouse, clock())
        tallies = Tallies(ledger, clock)
        closing(tallies.flush)
        counts = ChoiceCounts(ledger, clock, settings.smallest_count)
        await counts.start()
        closing(counts.flush)
        book, withdrawn = SiteBook(ledger, clock), Withdrawn(ledger)
        await book.refresh()
        await withdrawn.refresh()
        countries = await run_in_threadpool(open_countries, settings)
        stack.callback(countries.close)
        enricher = Enricher(book.by_id)
        silence = settings.visit_minutes * 60_000
        shipper = Shipper(journal, warehouse, enricher, withdrawn, silence, tallies.add)
        closing(shipper.ship_all)
        personal_data = PersonalData(
            (JournalHolder(journal), WarehouseHolder(warehouse), *ledger_holders(ledger)),
            VisitorLinks(ledger),
        )
        count = partial(count_withdrawal, tallies, counts)
        eraser = Eraser(ledger, personal_data, withdrawn, clock, shipper.quiet, count)
        site_deletion = SiteDeletion(
            ledger, journal, warehouse, book, tallies, counts, clock, shipper.quiet
        )
        await site_deletion.resume()
        await eraser.resume()
        keep_private(folder)
        storage = Storage(folder, settings.free_disk_mb, clock, free_of)
        await run_in_threadpool(storage.look)
        event_ceiling = DailyCeiling(settings.site_events_per_day, "events")
        yield Services(
            settings=settings,
            clock=clock,
            tokens=tokens,
            ledger=ledger,
            journal=journal,
            warehouse=warehouse,
            book=book,
            tallies=tallies,
            counts=counts,
            withdrawn=withdrawn,
            countries=countries,
            shipper=shipper,
            personal_data=personal_data,
            eraser=eraser,
            site_deletion=site_deletion,
            pages=Pages(filters(clock), settings.base_path),
            storage=storage,
            admission=Admission(journal, storage.refuse_if_short, event_ceiling),
            event_ceiling=event_ceiling,
            choice_ceiling=DailyCeiling(settings.site_choices_per_day, "yeses"),
        )


def _open_warehouse(path: Path) -> Warehouse:
    try:
        return Warehouse(path)
    except duckdb.Error as error:
        raise Misconfigured(
            f"The warehouse {path} cannot be opened: another program uses it, or it is damaged;"
            " then restore a backup."
        ) from error


async def _open_ledger(path: Path, now: int) -> Ledger:
    await run_in_threadpool(say_if_log_was_cut, path, now)
    await run_in_threadpool(refuse_damaged_ledger, path)
    return await Ledger.open(sqlite_url(path))


async def _open_journal(path: Path, settings: Settings, now: int) -> Journal:
    """Open the journal, or a new one where it is damaged."""
    await run_in_threadpool(say_if_log_was_cut, path, now)
    await run_in_threadpool(set_aside_damaged_journal, path, now)
    await run_in_threadpool(refuse_journal_of_another_form, path, FORM)
    return await Journal.open(path, settings.journal_queue)


async def _go_on(journal: Journal, folder: Path, warehouse: Warehouse, now: int) -> None:
    """Let a journal go on where the one before it ended."""
    watermark = await run_in_threadpool(warehouse.watermark, journal.id)
    if await journal.go_on_behind(watermark):
        log.error("journal_lost_its_end", watermark=watermark)
    await carry_over(folder, journal, warehouse, now)


def open_countries(settings: Settings) -> Countries:
    """Open the file that tells the country of an address: the one that is set, or the shipped."""
    return Countries(settings.places_file or shipped_countries(settings.data_folder / "places"))
