"""The number of an erasure's receipt, which follows from the visitor's id and leads nowhere."""

import hashlib


def receipt_id_of(site_id: int, visitor_id: str) -> str:
    """Return a receipt's number: a hash that only who knows the visitor's id can find again."""
    return hashlib.sha256(f"askfirst.receipt:{site_id}:{visitor_id}".encode()).hexdigest()[:32]
