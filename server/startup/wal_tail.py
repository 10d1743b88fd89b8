"""Detects a write-ahead log that is damaged before its last commit, which SQLite ignores.

SQLite reads a log up to the first frame with a wrong checksum and says nothing of the rest. The
promise on torn and changed logs in docs/durability.md needs to know whether a commit was there.
"""

import os
import shutil
import sqlite3
import struct
from contextlib import closing, suppress
from pathlib import Path
from typing import BinaryIO

from askfirst.store.sqlite_files import open_sqlite
from askfirst.system.durable_files import open_plain, replacing

# https://www.sqlite.org/fileformat2.html#walformat
_HEADER = struct.Struct(">8I")  # magic, version, page size, checkpoint, two salts, two checksums
_FRAME = struct.Struct(">6I")  # page, size of the database behind a commit, two salts, two sums
_LITTLE_ENDIAN_SUMS = 0x377F0682
_LONGEST_PAGE = 65_536
_FRAMES_AT = 16  # in the log's index: how many frames are valid, in the machine's byte order


def cut_off(path: Path) -> bool:
    """Return whether the log of a database that nobody has open is damaged before its last commit.

    As soon as the database is opened for writing and closed, nothing is left of what SQLite did not
    read. Raises `OSError` where the log cannot be read.
    """
    log = path.with_name(f"{path.name}-wal")
    if not log.exists() or log.stat().st_size <= _HEADER.size:
        return False
    with log.open("rb") as file:
        if not _header_holds(file.read(_HEADER.size)):
            return True
        return _last_commit(file) > _valid_frames(path)


def keep_copy(path: Path, to: Path) -> None:
    """Copy the log of a database durably, or not at all; raise `OSError`."""
    with open_plain(path.with_name(f"{path.name}-wal")) as log, replacing(to) as copy:
        if os.geteuid() == 0:  # the copy belongs to the owner of the log
            owner = os.fstat(log.fileno())
            os.fchown(copy.fileno(), owner.st_uid, owner.st_gid)
        shutil.copyfileobj(log, copy)


def _header_holds(header: bytes) -> bool:
    (magic,) = struct.unpack_from(">I", header)
    words = struct.unpack("<6I" if magic == _LITTLE_ENDIAN_SUMS else ">6I", header[:24])
    first = second = 0
    for one, two in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + two + first) & 0xFFFFFFFF
    return (first, second) == _HEADER.unpack(header)[6:]


def _last_commit(file: BinaryIO) -> int:
    """Return the number, from 1, of the last frame of this log that ends a transaction, or 0."""
    file.seek(0)
    header = _HEADER.unpack(file.read(_HEADER.size))
    length = _FRAME.size + (_LONGEST_PAGE if header[2] == 1 else header[2])
    whole = (os.fstat(file.fileno()).st_size - _HEADER.size) // length
    last = 0
    for number in range(1, whole + 1):
        file.seek(_HEADER.size + (number - 1) * length)
        frame = _FRAME.unpack(file.read(_FRAME.size))
        if frame[1] and frame[2:4] == header[4:6]:
            last = number
    return last


def _valid_frames(path: Path) -> int:
    """Return how many frames of the log SQLite reads; the log is not changed."""
    with closing(open_sqlite(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        with suppress(
            sqlite3.DatabaseError, UnicodeDecodeError
        ):  # the log is read before anything else
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        with path.with_name(f"{path.name}-shm").open("rb") as index:
            index.seek(_FRAMES_AT)
            return int(struct.unpack("=I", index.read(4))[0])
