"""The services: the stores and what works on them, opened in order and closed in reverse."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from askfirst.clock import Clock, system_clock
from askfirst.consents import Tokens
from askfirst.errors import Unavailable
from askfirst.rate_limits import DailyCeiling
from askfirst.settings import Settings
from askfirst.store.ledger.choice_counts import ChoiceCounts
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.site_book import SiteBook
from askfirst.store.ledger.tallies import Tallies
from askfirst.store.ledger.visitor_links import VisitorLinks
from askfirst.store.ledger.withdrawn import Withdrawn
from askfirst.store.personal_data import PersonalData, WarehouseHolder, ledger_holders
from askfirst.store.warehouse.warehouse import Warehouse
from askfirst.system.disk_space import FreeOf, Storage, free_of
from askfirst.web.pages import Pages
from collector.enrichment.enrich import Enricher
from collector.enrichment.places.files import files_of
from collector.enrichment.places.places import Places
from collector.intake.admission import Admission
from collector.journal.journal import Journal
from collector.journal.personal_data import JournalHolder
from collector.ship import Shipper
from consent.rights.corrections import Corrections
from consent.rights.erasure import Eraser, Pauses
from consent.rights.own_files import OwnFiles
from consent.rights.restriction import Restrictions
from consent.rights.withdrawal import count_withdrawal
from reports.formatting.template_filters import filters
from server.site_deletion import SiteDeletion
from server.startup.data_folder import locked
from server.startup.folder_owner import refuse_other_user
from server.startup.keys import load_keys
from server.startup.private_files import keep_private, make_private, refuse_folder
from server.startup.restore_gaps import read_restore_gaps
from server.startup.stores import Stores, open_stores


@dataclass
class RewritePause:
    """How long rewriting pauses: until this second of the monotonic clock."""

    until: float = 0.0


@dataclass
class Rewritten:
    """How many of how many events were rewritten since the rules were changed."""

    done: int
    all: int


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
    places: Places
    shipper: Shipper
    personal_data: PersonalData
    own_files: OwnFiles
    eraser: Eraser
    corrections: Corrections
    site_deletion: SiteDeletion
    pages: Pages
    storage: Storage
    admission: Admission
    event_ceiling: DailyCeiling
    choice_ceiling: DailyCeiling
    rewrite_pause: RewritePause = field(default_factory=RewritePause)
    rewritten: dict[int, Rewritten] = field(default_factory=dict)
    """How far stored events follow the rules of a site, by its number, while they are rewritten."""
    shortened_before: dict[int, datetime] = field(default_factory=dict)
    """The time before which a site's addresses are short, of those that were looked through."""

    @property
    def restrictions(self) -> Restrictions:
        """Return what restricts the use of a visitor's data, and lifts it."""
        return Restrictions(self.ledger, self.book, self.clock)


@asynccontextmanager
async def open_services(
    settings: Settings,
    clock: Clock = system_clock,
    free_of: FreeOf = free_of,
    *,
    restoring: bool = False,
    meanwhile: bool = False,
) -> AsyncIterator[Services]:
    """Open the data folder, making what is missing; ship what waits and close it at the end.

    `free_of` tells the bytes that are free on the folder's disk. A warehouse of an older form is
    converted before this returns, or `meanwhile`: until it is, what needs it raises `Preparing`.
    Raises `Misconfigured` when the folder cannot be used, or another process uses it.
    """
    async with AsyncExitStack() as stack:  # closes in reverse what the steps have opened
        _open_folder(stack, settings.data_folder, restoring)
        tokens = Tokens(load_keys(settings.data_folder), read_restore_gaps(settings.data_folder))
        stores = await open_stores(stack, settings, clock, meanwhile=meanwhile)
        state = await _read_state(stack, stores.ledger, settings, clock)
        places = await run_in_threadpool(open_places, settings, clock)
        stack.callback(places.close)
        shipper = _build_shipper(stores, state, settings)
        stack.push_async_callback(_if_there, shipper.ship_all)
        own_files = OwnFiles(clock)
        stack.push_async_callback(own_files.close)
        personal_data = _build_personal_data(stores, state, own_files, clock)
        eraser = _build_eraser(stores, state, shipper, personal_data, clock)
        corrections = _build_corrections(stores, state, shipper, personal_data)
        site_deletion = _build_site_deletion(stores, state, shipper, own_files, clock)
        await _if_there(site_deletion.resume)
        await _if_there(eraser.resume)
        await _if_there(corrections.resume)
        keep_private(settings.data_folder)
        storage = Storage(settings.data_folder, settings.free_disk_mb, clock, free_of)
        await run_in_threadpool(storage.look)
        event_ceiling = DailyCeiling(settings.site_events_per_day, "events")
        pages = Pages(filters(clock), settings.base_path)
        pages.offer("places_provider", places.provider)
        yield Services(
            settings=settings,
            clock=clock,
            tokens=tokens,
            ledger=stores.ledger,
            journal=stores.journal,
            warehouse=stores.warehouse,
            book=state.book,
            tallies=state.tallies,
            counts=state.counts,
            withdrawn=state.withdrawn,
            places=places,
            shipper=shipper,
            personal_data=personal_data,
            own_files=own_files,
            eraser=eraser,
            corrections=corrections,
            site_deletion=site_deletion,
            pages=pages,
            storage=storage,
            admission=Admission(stores.journal, storage.refuse_if_short, event_ceiling),
            event_ceiling=event_ceiling,
            choice_ceiling=DailyCeiling(settings.site_choices_per_day, "yeses"),
        )


async def _if_there(step: Callable[[], Awaitable[object]]) -> None:
    """Take a step, which the jobs take again where the warehouse is converted or away."""
    with suppress(Unavailable):
        await step()


def _open_folder(stack: AsyncExitStack, folder: Path, restoring: bool) -> None:
    """Lock the folder and close it to others; refuse one that may not be used, unchanged."""
    refuse_folder(folder)
    refuse_other_user(folder)
    stack.enter_context(locked(folder, restoring))
    make_private(folder)


@dataclass(frozen=True)
class _State:
    """What of the ledger is kept in memory: read from it, or counted and written to it."""

    book: SiteBook
    withdrawn: Withdrawn
    tallies: Tallies
    counts: ChoiceCounts


async def _read_state(
    stack: AsyncExitStack, ledger: Ledger, settings: Settings, clock: Clock
) -> _State:
    """Read what is kept in memory; `stack` writes what was counted."""
    tallies = Tallies(ledger, clock)
    stack.push_async_callback(tallies.flush)
    counts = ChoiceCounts(ledger, clock, settings.smallest_count)
    await counts.start()
    stack.push_async_callback(counts.flush)
    state = _State(SiteBook(ledger, clock), Withdrawn(ledger), tallies, counts)
    await state.book.refresh()
    await state.withdrawn.refresh()
    return state


def open_places(settings: Settings, clock: Clock = system_clock) -> Places:
    """Open the file of places: the one that is set, or else the fetched or the shipped one."""
    return Places(files_of(settings.data_folder, settings.places_file), clock)


def _build_shipper(stores: Stores, state: _State, settings: Settings) -> Shipper:
    enricher = Enricher(state.book.by_id)
    silence_ms = settings.visit_minutes * 60_000
    return Shipper(
        stores.journal,
        stores.warehouse,
        enricher,
        state.withdrawn,
        silence_ms,
        state.tallies.add,
    )


def _build_personal_data(
    stores: Stores, state: _State, own_files: OwnFiles, clock: Clock
) -> PersonalData:
    journal, warehouse = JournalHolder(stores.journal), WarehouseHolder(stores.warehouse)
    in_ledger = ledger_holders(stores.ledger, state.book.refresh, clock)
    links = VisitorLinks(stores.ledger)
    return PersonalData((journal, warehouse, *in_ledger), links, (own_files,))


def _build_eraser(
    stores: Stores, state: _State, shipper: Shipper, personal_data: PersonalData, clock: Clock
) -> Eraser:
    count = partial(count_withdrawal, state.tallies, state.counts)
    pauses = Pauses(shipper.quiet, shipper.settled)
    return Eraser(stores.ledger, personal_data, state.withdrawn, clock, pauses, count)


def _build_corrections(
    stores: Stores, state: _State, shipper: Shipper, personal_data: PersonalData
) -> Corrections:
    correct = WarehouseHolder(stores.warehouse).correct
    return Corrections(stores.ledger, state.book, personal_data, shipper.settled, correct)


def _build_site_deletion(
    stores: Stores, state: _State, shipper: Shipper, own_files: OwnFiles, clock: Clock
) -> SiteDeletion:
    return SiteDeletion(
        ledger=stores.ledger,
        journal=stores.journal,
        warehouse=stores.warehouse,
        book=state.book,
        tallies=state.tallies,
        counts=state.counts,
        clock=clock,
        quiet=shipper.quiet,
        forget_files=own_files.forget_site,
    )
