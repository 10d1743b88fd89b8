"""What of a visitor is to be erased where it is not everything: one visit, or a span of time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from askfirst.errors import Malformed
from askfirst.store.ledger.erasure_receipts import SPAN, VISIT, part_of_span, part_of_visit
from askfirst.store.personal_data import EventsHolder, Row

LATEST = 10**14 - 1
"""The latest end of a span, in the year 5138: what is farther is a mistake."""


@dataclass(frozen=True)
class OneVisit:
    """One visit, by its id. What waits to be shipped belongs to no visit yet."""

    visit_id: str

    def name(self) -> str:
        """Return what the receipt's number is made from, beside the visitor."""
        return part_of_visit(self.visit_id)

    def columns(self) -> dict[str, Any]:
        """Return how the ledger keeps it until it is gone."""
        return {"part": VISIT, "visit_id": self.visit_id}

    def covers(self, row: Row) -> bool:
        """Return whether an event, as a holder shows it, belongs to it."""
        return bool(row.get("visit_id") == self.visit_id)

    async def erase_from(self, holder: EventsHolder, site_id: int, visitor_id: str) -> int:
        """Erase it from a holder of events; return the number of rows."""
        return await holder.erase_visit(site_id, visitor_id, self.visit_id)


@dataclass(frozen=True)
class TimeSpan:
    """What happened from `first` on and before `until`, in milliseconds since the epoch.

    Raises `Malformed` for times that no event can have, or that hold no moment.
    """

    first: int
    until: int

    def __post_init__(self) -> None:
        if not 0 <= self.first < self.until <= LATEST:
            raise Malformed("A span ends after it begins, and does not begin before 1970.")

    def name(self) -> str:
        """Return what the receipt's number is made from, beside the visitor."""
        return part_of_span(self.first, self.until)

    def columns(self) -> dict[str, Any]:
        """Return how the ledger keeps it."""
        return {"part": SPAN, "span_first": self.first, "span_until": self.until}

    def covers(self, row: Row) -> bool:
        """Return whether an event, as a holder shows it, belongs to it."""
        return self.first <= time_of(row) < self.until

    async def erase_from(self, holder: EventsHolder, site_id: int, visitor_id: str) -> int:
        """Erase it from a holder of events; return the number of rows."""
        return await holder.erase_span(site_id, visitor_id, self.first, self.until)


Part = OneVisit | TimeSpan


def part_in(row: Mapping[str, Any]) -> Part | None:
    """Return the part of a row of the ledger that is under way; None is everything."""
    if row["part"] == VISIT:
        return OneVisit(row["visit_id"])
    return TimeSpan(row["span_first"], row["span_until"]) if row["part"] == SPAN else None


def time_of(row: Row) -> int:
    """Return when an event happened, of the journal or the warehouse: milliseconds."""
    if "happened_at" in row:
        return int(row["happened_at"])
    return int(row["time"].replace(tzinfo=UTC).timestamp() * 1000 + 0.5)
