"""What the consent room is handed by the front door."""

from dataclasses import dataclass

from askfirst.clock import Clock
from askfirst.consents import Tokens
from askfirst.pages import Pages
from askfirst.settings import Settings
from askfirst.store.ledger import Ledger
from askfirst.store.site_book import SiteBook
from askfirst.store.tallies import Tallies
from askfirst.store.withdrawn import Withdrawn
from consent.erasure import Eraser


@dataclass(frozen=True)
class Parts:
    """The memories and the parts that the room's endpoints and pages work with."""

    settings: Settings
    clock: Clock
    ledger: Ledger
    book: SiteBook
    tallies: Tallies
    tokens: Tokens
    withdrawn: Withdrawn
    eraser: Eraser
    pages: Pages
