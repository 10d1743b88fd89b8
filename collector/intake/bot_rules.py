"""The rules by which the sender of an event looks like a program; the first that fits counts."""

from collector.enrichment.enrich import client_of
from collector.intake.gate import Arrival
from collector.intake.payload import WirePayload

WEBDRIVER, PREFETCH = "webdriver", "prefetch"


def is_declared_bot(user_agent: str) -> bool:
    """Return whether a user agent names a crawler and where to read about it."""
    return client_of(user_agent).bot


def rule_of(arrival: Arrival, payload: WirePayload) -> str:
    """Return the name of the first rule that fits, or '' for a person."""
    if payload.webdriver:
        return WEBDRIVER
    return PREFETCH if arrival.prefetch else ""
