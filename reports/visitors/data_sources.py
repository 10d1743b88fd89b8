"""What each place that knows visitors is called on a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from askfirst.store.personal_data import Row

PLACES = {
    "journal.waiting": "Events that are not in the reports yet",
    "warehouse.events": "Events: page views and clicks",
    "ledger.withdrawals": "Withdrawals; they name a consent and stay, so that it stays refused",
    "ledger.consent_records": "Consent records; they stay as proof, without the pseudonym",
    "ledger.disclosures": "Entries of who saw this visitor",
    "ledger.visitor_links": "Notes that two pseudonyms are of one browser",
    "ledger.erasures": "Erasures under way",
}
"""What each place is in plain words."""


@dataclass(frozen=True)
class Held:
    """How many rows a place holds of the visitor, or held; the place is in words."""

    place: str
    rows: int


def held(rows: Mapping[str, Sequence[Row]]) -> tuple[Held, ...]:
    """Count the rows by place, in words; a place without any is left out."""
    return in_words({place: len(found) for place, found in rows.items()})


def in_words(counts: Mapping[str, int]) -> tuple[Held, ...]:
    """Name the places that have any rows."""
    return tuple(Held(PLACES.get(place, place), count) for place, count in counts.items() if count)
