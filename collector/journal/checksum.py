"""The CRC-32 of a group of the journal, and which errors of SQLite mean a damaged file."""

import sqlite3
import zlib
from typing import Any

_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}


def crc32_of(ids: bytes, body: bytes) -> int:
    """Return the CRC-32 of a group, over its ids and then its body."""
    return zlib.crc32(body, zlib.crc32(ids))


def matches_crc32(stored: Any, ids: Any, body: Any) -> bool:
    """Return whether a group's bytes are those that were written, by its stored CRC-32.

    Read `ids` as bytes: damaged text may no longer be UTF-8 and then cannot be read as text. After
    damage any of the values may be of any of SQLite's types.
    """
    return isinstance(ids, bytes) and isinstance(body, bytes) and crc32_of(ids, body) == stored


def is_damage(error: Exception) -> bool:
    """Return whether an error of SQLite says that the file is damaged, not that it cannot be read.

    Where SQLite's message repeats damaged bytes, Python fails to decode the message itself.
    """
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return isinstance(error, UnicodeDecodeError) or code & 0xFF in _DAMAGE
