"""What the answer to an erasure tells of it, in the fields that docs/receipts.md names."""

from typing import Any

from askfirst.clock import as_iso
from consent.rights.erasure_receipt import ErasureReceipt


def facts_of(receipt: ErasureReceipt, *, all_: bool) -> dict[str, Any]:
    """Return what an erasure reached, for JSON.

    Not `all_` are told to a proof from before access was ended: nothing is shown to it.
    """
    done = {"receipt_id": receipt.receipt_id, "completed_at": as_iso(receipt.completed_at)}
    if not all_:
        return done
    first, last = receipt.first_given, receipt.last_given
    return {
        **done,
        "rows": receipt.rows,
        "places": dict(receipt.places),
        "identifiers": receipt.identifiers,
        "first_given_at": None if first is None else as_iso(first),
        "last_given_at": None if last is None else as_iso(last),
    }
