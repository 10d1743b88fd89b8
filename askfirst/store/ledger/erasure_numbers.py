"""The number of an erasure's receipt, derived from the visitor's id and not reversible."""

import hashlib


def receipt_id_of(site_id: int, visitor_id: str) -> str:
    """Return a receipt's number: a hash that only somebody with the visitor's id can compute."""
    return hashlib.sha256(f"askfirst.receipt:{site_id}:{visitor_id}".encode()).hexdigest()[:32]
