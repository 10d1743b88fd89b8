"""What an erasure removed, told without the person: visits, events by kind, first and last day."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from askfirst.clock import as_iso
from askfirst.store.personal_data import Row
from consent.rights.parts import time_of

_DAY = len("2026-11-28")


@dataclass(frozen=True)
class Removed:
    """What was removed: `events` by kind, such as `page_view`.

    `visits` is the number of visits that lost an event; what was not shipped yet is in none.
    The days are UTC days such as `2026-11-28`, None where nothing was removed.
    """

    visits: int = 0
    events: Mapping[str, int] = field(default_factory=dict)
    first_day: str | None = None
    last_day: str | None = None

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Self:
        """Return what events are, as the holders show them."""
        found = list(rows)
        days = [as_iso(time_of(row))[:_DAY] for row in found]
        return cls(
            visits=len({row["visit_id"] for row in found if row.get("visit_id")}),
            events=dict(Counter(row["kind"] for row in found)),
            first_day=min(days, default=None),
            last_day=max(days, default=None),
        )

    @classmethod
    def read(cls, counts: Mapping[str, Any] | None) -> Self:
        """Return what the ledger has; nothing for the erasures of older versions."""
        return cls(**counts) if counts else cls()

    def as_counts(self) -> dict[str, Any]:
        """Return what the ledger keeps, as JSON."""
        return asdict(self)

    def plus(self, other: "Removed") -> "Removed":
        """Return both together: of two visitor ids, or of two times."""
        events = dict(Counter(self.events) + Counter(other.events))
        return Removed(self.visits + other.visits, events, *self._days(other))

    def or_more(self, other: "Removed") -> "Removed":
        """Return the larger of two counts of the same: the second one after a crash."""
        events = dict(Counter(self.events) | Counter(other.events))
        return Removed(max(self.visits, other.visits), events, *self._days(other))

    def _days(self, other: "Removed") -> tuple[str | None, str | None]:
        both = (self.first_day, self.last_day, other.first_day, other.last_day)
        days = [day for day in both if day]
        return min(days, default=None), max(days, default=None)
