"""Whether a group of the journal is as it was written: its sum, and what an error says of it."""

import sqlite3
import zlib
from typing import Any

_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}


def sum_of(ids: bytes, body: bytes) -> int:
    """Return the sum by which changed bytes are found (CRC-32)."""
    return zlib.crc32(body, zlib.crc32(ids))


def is_whole(told: Any, ids: Any, body: Any) -> bool:
    """Compare a group with its sum; of changed bytes each may be of any of SQLite's types.

    `ids` is to be read as bytes: a text that is no UTF-8 any more cannot be read otherwise.
    """
    return isinstance(ids, bytes) and isinstance(body, bytes) and sum_of(ids, body) == told


def is_damage(error: Exception) -> bool:
    """Return whether an error of SQLite says that the file is damaged, not that it cannot be read.

    Where SQLite's own words repeat damaged bytes, Python cannot decode them.
    """
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return isinstance(error, UnicodeDecodeError) or code & 0xFF in _DAMAGE
