"""What the server passes in to the endpoints and pages of consent."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from askfirst.clock import Clock
from askfirst.consents import Tokens
from askfirst.rate_limits import DailyCeiling
from askfirst.settings import Settings
from askfirst.sites import Site
from askfirst.store.ledger.choice_counts import ChoiceCounts
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.rights.receipt_codes import ReceiptCodes
from askfirst.store.ledger.site_book import SiteBook
from askfirst.store.ledger.tallies import Tallies
from askfirst.store.ledger.withdrawn import Withdrawn
from askfirst.store.personal_data import PersonalData, Row
from askfirst.system.sealing import Sealing
from askfirst.web.pages import Pages
from consent.proof.appearance import ScriptsHash
from consent.proof.records import FIRST_HASH
from consent.rights.corrections import Corrections
from consent.rights.erasure import Eraser
from consent.rights.own_files import OwnFiles


class SigningKeys(Protocol):
    """The keys that sign receipts: one for each site, by the site's key."""

    def of(self, site_key: str) -> Ed25519PrivateKey:
        """Return a site's private key."""

    def jwks(self, site_key: str) -> dict[str, Any]:
        """Return its public half as a JSON Web Key Set (RFC 7517)."""


VisitorFiles = Callable[
    [Site, str, Mapping[str, Sequence[Row]], Callable[[int, int], None]], Mapping[str, bytes]
]
"""Takes a site, the first id of a visitor, every row by holder, and what is told of the progress.

Returns files by their names.
"""


@dataclass(frozen=True)
class Dependencies:
    """The stores and services that the endpoints and pages of consent work with."""

    settings: Settings
    clock: Clock
    ledger: Ledger
    book: SiteBook
    tallies: Tallies
    counts: ChoiceCounts
    is_left_out: Callable[[Site, Mapping[str, str]], bool]
    """Returns whether the reports of a site leave out what the browser with these headers does."""
    tokens: Tokens
    withdrawn: Withdrawn
    eraser: Eraser
    corrections: Corrections
    pages: Pages
    site_keys: SigningKeys
    receipt_codes: ReceiptCodes
    sealing: Sealing
    """Encrypts what accounts of visitors hold."""
    personal_data: PersonalData
    visitor_files: VisitorFiles
    """Writes what is stored of a visitor as files, by their names; see `consent.my_data.taking`."""
    number_of_events: Callable[[int, Sequence[str]], Awaitable[int]]
    """Returns how many events of a site are stored under some visitor ids."""
    own_files: OwnFiles
    script_hashes: Callable[[], Mapping[str, str]] = dict
    browser_of: Callable[[str], str] = lambda _user_agent: ""
    """Returns what a browser is called, e.g. `Firefox on Linux`, or ''."""
    scripts_hash: ScriptsHash = lambda: FIRST_HASH
    refuse_if_short: Callable[[], None] = lambda: None
    """Raises `Unavailable` where the disk has too little space for a record."""
    ceiling: DailyCeiling = field(default_factory=lambda: DailyCeiling(1 << 62, "yeses"))
