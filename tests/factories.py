"""The test world: a stopped clock, a site, claims, events, and open services in a folder."""

import base64
import secrets
from pathlib import Path
from typing import Any

from askfirst.clock import DAY_MS
from askfirst.consents import Claims
from askfirst.events import PURPOSE, JournalEntry
from askfirst.settings import Settings
from askfirst.sites import Site
from collector.journal.journal import Journal

NOON = 1_767_268_800_000  # 2026-01-01T12:00:00Z
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
MAXMIND = Path(__file__).parent / "data" / "maxmind-city-test.mmdb"
KEYS = [b"o" * 32, b"n" * 32]


class StoppedClock:
    """A clock that moves only when it is told to."""

    def __init__(self, now: int = NOON) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def move(self, *, days: float = 0, minutes: float = 0, ms: int = 0) -> None:
        self.now += round(days * DAY_MS + minutes * 60_000) + ms


def a_site(**changes: Any) -> Site:
    facts: dict[str, Any] = {
        "id": 1,
        "key": "0123456789abcdef",
        "name": "Example",
        "hosts": ("example.org", "*.example.org"),
        "time_zone": "Europe/Berlin",
        "ip_mode": "whole",
        "policy_version": 1,
        "min_policy_version": 1,
    }
    return Site(**{**facts, **changes})


def some_claims(**changes: Any) -> Claims:
    facts: dict[str, Any] = {
        "site_id": 1,
        "visitor_id": "a" * 32,
        "consent_id": "c" * 32,
        "policy_version": 1,
        "purposes": (PURPOSE,),
        "given_at": NOON - 60_000,
        "valid_until": NOON + 180 * DAY_MS,
    }
    return Claims(**{**facts, **changes})


def event_id() -> str:
    """Return an id that is stored without a text beside it, as all but one in 262,144 are."""
    first = bytes([secrets.randbelow(128)])
    return base64.urlsafe_b64encode(first + secrets.token_bytes(15)).decode().rstrip("=")


def an_entry(**changes: Any) -> JournalEntry:
    facts: dict[str, Any] = {
        "event_id": event_id(),
        "site_id": 1,
        "visitor_id": "a" * 32,
        "consent_id": "c" * 32,
        "policy_version": 1,
        "kind": "page_view",
        "happened_at": NOON,
        "url": "https://example.org/",
        "referrer": "",
        "link_url": "",
        "link_kind": "",
        "ip": "81.2.69.142",
        "user_agent": CHROME,
        "accept_language": "en-GB,en;q=0.8",
        "country": "GB",
    }
    return JournalEntry(**{**facts, **changes})


def a_view(**changes: Any) -> dict[str, Any]:
    """Return one event as the wire has it."""
    return {
        "id": event_id(),
        "kind": "page_view",
        "age": 0,
        "url": "https://example.org/",
        **changes,
    }


def settings_in(folder: Path, **changes: Any) -> Settings:
    return Settings(**{"data_folder": folder, "places_file": MAXMIND, **changes})


async def asked(journal: Journal, question: str) -> list[Any]:
    """Ask the one connection that writes to a journal, as nobody else can."""
    return await journal._group.run(lambda connection: connection.execute(question).fetchall())
