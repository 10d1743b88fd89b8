"""What remains of an erasure: the receipt that the visitor gets."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from consent.rights.erasure_requests import Reached
from consent.rights.parts import Part
from consent.rights.removed import Removed


@dataclass(frozen=True)
class ErasureReceipt:
    """What remains of an erasure: its number, when it was done, and what it reached.

    `places` has the number of rows of each table, such as `warehouse.events`, and `rows` their sum.
    `removed` tells the events among them by kind. `identifiers` is the number of visitor ids;
    `first_given` and `last_given` are when their first and last yes were given, None where there is
    none. Times are milliseconds since the epoch; `requested_at` is None where nothing was on
    record. `part` is what was asked for, None for everything, and `asked_by` by whom. Where nothing
    was left, `rows` and `identifiers` are 0.
    """

    receipt_id: str
    completed_at: int
    rows: int
    identifiers: int = 0
    first_given: int | None = None
    last_given: int | None = None
    places: Mapping[str, int] = field(default_factory=dict)
    removed: Removed = field(default_factory=Removed)
    requested_at: int | None = None
    part: Part | None = None
    asked_by: str = ""


@dataclass(frozen=True)
class Asked:
    """The request that a receipt answers: its number, its part, and by whom and when it came."""

    receipt_id: str
    part: Part | None
    by: str
    at: int | None

    @classmethod
    def of(cls, receipt_id: str, part: Part | None, row: Mapping[str, Any] | None) -> Self:
        """Return what the ledger's row of this number says; it has none where nothing was left."""
        by, at = (row["asked_by"] or "", row["requested_at"]) if row else ("", None)
        return cls(receipt_id, part, by, at)


def receipt_of(asked: Asked, now: int, reached: Sequence[Reached]) -> ErasureReceipt:
    """Return the receipt of what was reached, under all ids."""
    places: Counter[str] = Counter()
    removed = Removed()
    for one in reached:
        places.update(one.rows)
        removed = removed.plus(one.removed)
    given = [time for one in reached for time in one.given]
    return ErasureReceipt(
        receipt_id=asked.receipt_id,
        completed_at=now,
        rows=places.total(),
        identifiers=len(reached),
        first_given=min(given, default=None),
        last_given=max(given, default=None),
        places=dict(places),
        removed=removed,
        requested_at=asked.at,
        part=asked.part,
        asked_by=asked.by,
    )
