"""What the ledger keeps of a random secret: its hash alone."""

import hashlib


def secret_hash(secret: str) -> bytes:
    """Return the SHA-256 of a random secret, 32 bytes; a password needs a slow hash instead."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
