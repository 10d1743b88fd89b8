"""What the server hands to the pages of staff: settings, stores, functions of other packages."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Any, Protocol

from starlette.requests import Request

from askfirst.clock import Clock
from askfirst.settings import Settings
from askfirst.sites import IpMode, Site
from askfirst.store.ledger.choice_counts import ChoiceCounts
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.site_book import SiteBook
from askfirst.store.ledger.tallies import Tallies
from askfirst.store.personal_data import PersonalData
from askfirst.store.warehouse.warehouse import Warehouse
from askfirst.system.disk_space import Figure
from askfirst.system.sealing import Sealing
from askfirst.web.pages import Pages
from reports.wording_editor import WordingEditor

DefaultPolicy = Callable[[str, str, str, str, IpMode, str], dict[str, Any]]
"""Returns a first policy's content: site's name, controller, contact, privacy page, IP mode, and
the language for visitors whose page has none that is turned on."""

AboutRule = Callable[[str], str]
"""Returns who runs the program that a rule names, and for what, `OpenAI, training`, or ''."""


def nothing_about(_rule: str) -> str:
    """Return '': nothing is known of a rule."""
    return ""


BrowserOf = Callable[[str], str]
"""Returns a user agent's browser, `Firefox on Linux`, or ''; it may take half a second."""


def no_browser(_user_agent: str) -> str:
    """Return '': no browser is known."""
    return ""


Reached = Callable[[int], Mapping[int, int]]
"""Returns since when (ms) sites are at a ceiling on the day of a time (ms), by site number."""


@dataclass(frozen=True)
class StorageView:
    """What measures the disk and the ceilings."""

    figure: Callable[[], Figure]
    events_reached: Reached
    choices_reached: Reached


class Erased(Protocol):
    """The receipt of an erasure: its number, when it was done (ms), and what it reached."""

    @property
    def receipt_id(self) -> str:
        """Return the number that the visitor keeps."""

    @property
    def completed_at(self) -> int:
        """Return when it was done, in milliseconds since the epoch."""

    @property
    def rows(self) -> int:
        """Return how many rows were erased."""

    @property
    def places(self) -> Mapping[str, int]:
        """Return the same by table, such as `warehouse.events`."""

    @property
    def identifiers(self) -> int:
        """Return how many visitor ids were reached."""

    @property
    def first_given(self) -> int | None:
        """Return when the first yes of them was given (ms), None where there is none."""

    @property
    def last_given(self) -> int | None:
        """Return when the last yes of them was given (ms), None where there is none."""


Erase = Callable[[int, str], Awaitable[Erased]]
"""Erases a visitor of a site (its number, the pseudonym) from every table and file."""

DeleteSite = Callable[[int], Awaitable[None]]
"""Deletes a site by its number, with everything in it; it is unknown when this returns."""


CountRule = Callable[[Site, str, bool], Awaitable[None]]
"""Switches a rule of a site off (True: what it fits counts) or on, also for what is kept already;
raises `Malformed` for what is no rule."""

Rewritten = Callable[[int], tuple[int, int] | None]
"""Returns of a site by its number how many of how many events were rewritten by its rules, or None
where none are being rewritten."""


def nothing_rewritten(_site_id: int) -> tuple[int, int] | None:
    """Return None: nothing is being rewritten."""
    return None


RestrictedSince = Callable[[int, str], Awaitable[int | None]]
"""Returns since when (ms) a visitor of a site has restricted the use, or None."""


async def never_restricted(_site_id: int, _visitor_id: str) -> int | None:
    """Return None: nobody has restricted anything."""
    return None


EndAccess = Callable[[Site, str], Awaitable[None]]
"""Ends the access of a visitor of a site, as something was reported lost or stolen."""


async def nothing_ended(_site: Site, _visitor_id: str) -> None:
    """Do nothing: nobody has access."""


@dataclass(frozen=True)
class Dependencies:
    """Everything that the pages of staff work with."""

    settings: Settings
    clock: Clock
    ledger: Ledger
    warehouse: Warehouse
    book: SiteBook
    tallies: Tallies
    counts: ChoiceCounts
    personal_data: PersonalData
    pages: Pages
    default_policy: DefaultPolicy
    wording_editor: WordingEditor
    erase: Erase
    delete_site: DeleteSite
    count_rule: CountRule
    storage: StorageView | None = None
    rewritten: Rewritten = nothing_rewritten
    restricted_since: RestrictedSince = never_restricted
    end_access: EndAccess = nothing_ended
    browser_of: BrowserOf = no_browser
    about_rule: AboutRule = nothing_about
    mail_key: bytes = field(default_factory=lambda: token_bytes(32), repr=False)
    """The key that signs the links which stop mail."""
    sealing: Sealing = field(default_factory=lambda: Sealing(token_bytes(32)), repr=False)
    """Encrypts what accounts of visitors hold."""

    def site(self, request: Request) -> Site:
        """Return the site of the address; raises `NotFound`."""
        return self.book.get(request.path_params["key"])
