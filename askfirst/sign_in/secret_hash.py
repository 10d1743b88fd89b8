"""The hash of a random secret, which is all that the ledger stores of it."""

import hashlib


def secret_hash(secret: str) -> bytes:
    """Return the SHA-256 of a random secret, 32 bytes; a password needs a slow hash instead."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
