"""Sealing: encrypts what must not be readable in the database; the key lies outside it."""

import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12
"""Bytes, as NIST SP 800-38D (section 8.2) recommends for random ones."""


class NotSealedHere(ValueError):
    """What was to be opened was sealed with another key, for another place, or changed since."""


class Sealing:
    """Seals texts with AES-256-GCM; `seed` is 32 secret bytes that lie outside the database."""

    def __init__(self, seed: bytes) -> None:
        self._cipher = AESGCM(hmac.digest(seed, b"askfirst.sealing.cipher", "sha256"))
        self._hash_key = hmac.digest(seed, b"askfirst.sealing.hash", "sha256")

    def seal(self, text: str, place: str) -> bytes:
        """Return a text as sealed bytes that open only for the same `place`, e.g. `email:3fa9`."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, text.encode(), place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """Return the text that was sealed for `place`; raises `NotSealedHere`."""
        try:
            text = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise NotSealedHere("This cannot be opened with the key of this server.") from error
        return text.decode()

    def hash(self, text: str, place: str) -> bytes:
        """Return the keyed hash (32 bytes) by which a sealed text is found again."""
        return hmac.digest(self._hash_key, f"{place}:{text}".encode(), "sha256")
