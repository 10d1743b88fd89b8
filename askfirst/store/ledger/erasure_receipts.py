"""The receipt of an erasure as the ledger has it: its number, and its column `counts`.

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


def rows_by_holder(counts: Mapping[str, Any]) -> dict[str, int]:
    """Return the number of erased rows by holder, without the state of a request under way."""
    return {holder: count for holder, count in counts.items() if holder != UNDER_WAY}


def receipt_id_of(site_id: int, visitor_id: str) -> str:
    """Return a receipt's number: a hash that only somebody with the visitor's id can compute."""
    return hashlib.sha256(f"askfirst.receipt:{site_id}:{visitor_id}".encode()).hexdigest()[:32]
