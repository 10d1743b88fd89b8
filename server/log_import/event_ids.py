"""Ids of events that are made from lines, so that a line that is read again has the same id."""

import base64
import hashlib
from collections import OrderedDict

_REMEMBERED = 50_000
"""Lines among which equal ones are told apart: they have the same second, so they lie together."""


def import_key(seed: bytes) -> bytes:
    """Return the key for ids and fingerprints: without it nobody can try which line an id is of."""
    return hashlib.blake2b(seed, digest_size=32, person=b"askfirst import").digest()


class EventIds:
    """Makes the ids of a file's lines: keyed hashes of the line and its place among equal ones."""

    def __init__(self, key: bytes, site_key: str) -> None:
        self._key = key
        self._site = site_key.encode()
        self._seen: OrderedDict[bytes, int] = OrderedDict()

    def id_of(self, content: bytes) -> str:
        """Return the id of the next line with this content: 22 characters of base64url."""
        line = self._hash(content)
        place = self._seen.pop(line, 0)
        self._seen[line] = place + 1
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        digest = self._hash(line, b"%d" % place)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def _hash(self, *parts: bytes) -> bytes:
        whole = b"\n".join((self._site, *parts))
        return hashlib.blake2b(whole, key=self._key, digest_size=16).digest()
