"""The receipt of an erasure as the ledger has it: its number, its part, and its column `counts`.

The rows of all visitor ids of one erasure are counted in the receipt that was requested; the
receipts of the other ids count none.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

UNDER_WAY = "under_way"
"""The key, beside the holders, that a request has until it is carried out.

Its value has the number of the receipt that was requested and, once they are counted, the rows by
holder and the times of the consents.
"""
REMOVED = "removed"
"""The key, beside the holders, of the visits, events by kind and days that were removed."""
VISIT, SPAN = "visit", "span"
"""The parts of a visitor that can be erased: one visit, and a span of time."""


def rows_by_holder(counts: Mapping[str, Any]) -> dict[str, int]:
    """Return the number of erased rows by holder, and nothing else of the counts."""
    return {holder: n for holder, n in counts.items() if holder not in (UNDER_WAY, REMOVED)}


def carried_out(counts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the counts without the state of a request under way."""
    return {name: value for name, value in counts.items() if name != UNDER_WAY}


def receipt_id_of(site_id: int, visitor_id: str, part: str = "") -> str:
    """Return a receipt's number: a hash that only somebody with the visitor's id can compute.

    `part` is that of an erasure of a part, from `part_of_visit` or `part_of_span`.
    """
    asked = f"askfirst.receipt:{site_id}:{visitor_id}" + (f":{part}" if part else "")
    return hashlib.sha256(asked.encode()).hexdigest()[:32]


def part_of_visit(visit_id: str) -> str:
    """Return what the receipt's number says of one visit."""
    return f"{VISIT}:{visit_id}"


def part_of_span(first: int, until: int) -> str:
    """Return what the receipt's number says of a span, in milliseconds since the epoch."""
    return f"{SPAN}:{first}:{until}"
