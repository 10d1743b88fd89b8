"""The end of a database's write-ahead log: whether SQLite leaves out what was committed to it."""

import shutil
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

# https://www.sqlite.org/fileformat2.html#walformat
_HEADER = struct.Struct(">8I")  # magic, version, page size, checkpoint, two salts, two sums
_FRAME = struct.Struct(">6I")  # page, size of the database behind a commit, two salts, two sums
_LITTLE_ENDIAN_SUMS = 0x377F0682
_LONGEST_PAGE = 65_536


def cut_off(path: Path, copy_to: Path) -> bool:
    """Tell whether the log of a database that nobody has open is damaged before its last commit.

    SQLite reads a log up to the first frame whose sum is wrong, and forgets the rest as soon as the
    database is opened and closed; so what was left out is copied first.
    """
    log = path.with_name(f"{path.name}-wal")
    if not log.exists() or log.stat().st_size <= _HEADER.size:
        return False
    content = log.read_bytes()
    with closing(sqlite3.connect(path, timeout=5)) as connection:
        _, valid, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if _header_holds(content) and _last_commit(content) <= valid:
            return False
        shutil.copyfile(log, copy_to)
    return True


def _header_holds(content: bytes) -> bool:
    words = struct.unpack("<6I" if _magic(content) == _LITTLE_ENDIAN_SUMS else ">6I", content[:24])
    first = second = 0
    for one, two in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + two + first) & 0xFFFFFFFF
    return (first, second) == _HEADER.unpack_from(content)[6:]


def _magic(content: bytes) -> int:
    return int(_HEADER.unpack_from(content)[0])


def _last_commit(content: bytes) -> int:
    """Give the number, from 1, of the last frame of this log that ends a transaction, or 0."""
    header = _HEADER.unpack_from(content)
    length = _FRAME.size + (_LONGEST_PAGE if header[2] == 1 else header[2])
    starts = range(_HEADER.size, len(content) - length + 1, length)
    frames = (_FRAME.unpack_from(content, start) for start in starts)
    ends = (n for n, frame in enumerate(frames, 1) if frame[1] and frame[2:4] == header[4:6])
    return max(ends, default=0)
