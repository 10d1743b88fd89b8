"""DuckDB files: one way to open them, closed to all else, and what their length tells."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from askfirst.system.memory import is_scarce
from askfirst.system.processors import usable_processors

CLOSED: dict[str, Any] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "python_enable_replacements": False,  # a name in SQL is a table and no Python variable
}
_NARROW: dict[str, Any] = {"default_block_size": 65_536}
"""The blocks of a new file; of those of 262,144 bytes, the default, many stay half full."""
_GIVING_BACK: dict[str, Any] = {"allocator_background_threads": True}
"""DuckDB's threads keep what they freed for seconds, and for ever where they have no more to do: a
thread of the allocator gives it back to the system, some 80 MB after a page of reports."""
_SPARING: dict[str, Any] = {"memory_limit": "96MB", "threads": 1}
"""Where memory is scarce: enough for a million events."""
_MB_A_THREAD, _LEAST_MB, _MOST_MB = 80, 160, 320
"""Elsewhere: enough for filtered pages of ten million events; a rewrite takes all that it may."""
USED_BYTES = """
SELECT used_blocks * block_size FROM pragma_database_size()
WHERE database_name = current_database()
"""
"""DuckDB cuts free blocks off the end of a file, and counts them among the total nevertheless."""
_KEPT = "16MB"
"""What stays in memory of a file that nobody asks: enough for a short statement meanwhile."""
_LEAST_AT_ONCE = 2
"""Questions, so that a short one does not wait for every long one."""
_MOST_COPIED, _MB_A_COPY = 2, 80
"""Statements of a copy, and the megabytes that each takes."""


@dataclass(frozen=True)
class Limits:
    """What the engine may use of the machine: megabytes and threads; 0 is by the machine."""

    memory_mb: int = 0
    threads: int = 0

    def config(self) -> dict[str, Any]:
        """Return them as DuckDB's settings."""
        usual: dict[str, Any] = {"memory_limit": f"{self._usual_mb()}MB"}
        found = dict(_SPARING) if is_scarce() else usual
        if self.memory_mb:
            found["memory_limit"] = f"{self.memory_mb}MB"
        if self.threads:
            found["threads"] = self.threads
        return found

    def _usual_mb(self) -> int:
        return min(max(self._most_threads() * _MB_A_THREAD, _LEAST_MB), _MOST_MB)

    def _most_threads(self) -> int:
        return self.threads or ceil(usable_processors())

    def questions_at_once(self) -> int:
        """Return how many questions of pages may be read side by side.

        Each takes memory of its own, for hash tables. More of them than threads fill it, so that
        rows are written to the disk meanwhile, and are answered no sooner.
        """
        return 1 if is_scarce() else max(_LEAST_AT_ONCE, self._most_threads())

    def copied_at_once(self) -> int:
        """Return how many statements of a copy are carried out side by side.

        With less memory than they take they would write rows to the disk and be slower than one.
        """
        if is_scarce():
            return 1
        with_memory = (self.memory_mb or self._usual_mb()) // _MB_A_COPY
        return max(1, min(self._most_threads(), with_memory, _MOST_COPIED))

    def evict(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Drop what DuckDB keeps of the file in memory, all but `_KEPT`; then let it keep again."""
        try:
            connection.execute(f"SET memory_limit = '{_KEPT}'")
        except duckdb.OutOfMemoryException:
            pass  # what is used now stays
        finally:
            connection.execute(f"SET memory_limit = '{self.config()['memory_limit']}'")


BY_THE_MACHINE = Limits()
SUFFIXES = ("", ".wal", ".wal.checkpoint", ".wal.recovery")
"""What the names of the files that DuckDB makes end in."""


def closed_duckdb(
    path: Path,
    also: Sequence[Path] = (),
    read_only: bool = False,
    limits: Limits = BY_THE_MACHINE,
) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file from which no SQL reaches the network, an extension or another file.

    Databases at the paths in `also` may be attached. No statement can change any of that (DuckDB's
    guide "Securing DuckDB"), nor any setting but the number of threads and the memory.
    """
    config = {**CLOSED, **_NARROW, **_GIVING_BACK, **limits.config()}
    connection = duckdb.connect(str(path), read_only=read_only, config=config)
    allowed = ", ".join(quoted(f"{one}{suffix}") for one in also for suffix in SUFFIXES)
    connection.execute(f"SET allowed_paths = [{allowed}]")
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET allowed_configs = ['threads', 'memory_limit']")
    connection.execute("SET lock_configuration = true")
    return connection


def is_whole(path: Path) -> bool:
    """Return whether a closed file holds all that was written to it, and no log beside it does."""
    return not any(path.with_name(f"{path.name}{suffix}").exists() for suffix in SUFFIXES[1:])


_LARGE = 16 << 20  # bytes; a smaller file may be as loose as it likes
_MUCH = 0.15


def is_loose(path: Path, connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether much of an open file is free, and it is large.

    Small batches and the summaries of closed days leave blocks that come to be used again, but
    seldom all of them: of a third of a million events in batches of a thousand, a third.
    """
    size = path.stat().st_size
    (used,) = connection.execute(USED_BYTES).fetchone() or (size,)
    return size >= _LARGE and size - int(used) > _MUCH * size


def quoted(text: str) -> str:
    """Return a text as a string literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


_HEADERS = (4096, 8192)
_BLOCKS = 12_288
"""Where headers and blocks begin in a file."""
_NUMBER = 8
_PIECES = 64
_USUAL = 262_144
"""The size of a block where the header says 0."""
_NONE = (1 << 64) - 1
"""The place of nothing."""


class _CutShort(Exception):
    """What is read lies behind the end of the file."""


@dataclass(frozen=True)
class _Header:
    """One of the two headers: that of the later turn counts."""

    turn: int
    free_list: int
    blocks: int
    block_size: int


def is_cut_short(path: Path) -> bool:
    """Return whether a closed file that DuckDB can open ends before its last used block does.

    DuckDB opens it, and fails when it reads what was there. It cuts off free blocks at the end
    itself, and its header still counts them: so the list of free blocks is read as well.
    """
    with path.open("rb") as file:
        try:
            header = max((_header(file, place) for place in _HEADERS), key=lambda one: one.turn)
            needed = _BLOCKS + _last_used(file, header) * header.block_size
        except _CutShort:
            return True
    return path.stat().st_size < needed


def _header(file: BinaryIO, place: int) -> _Header:
    turn, _catalog, free_list, blocks, block_size = _numbers(_read(file, place + _NUMBER, 5))
    return _Header(turn, free_list, blocks, block_size or _USUAL)


def _last_used(file: BinaryIO, header: _Header) -> int:
    """Return how many blocks there are up to the last one that is used."""
    free, last = _free_blocks(file, header), header.blocks
    while last - 1 in free:
        last -= 1
    return last


def _free_blocks(file: BinaryIO, header: _Header) -> set[int]:
    if header.free_list == _NONE:
        return set()
    numbers = _listed(file, header)
    return {next(numbers) for _ in range(next(numbers))}


def _listed(file: BinaryIO, header: _Header) -> Iterator[int]:
    """Yield the numbers from the beginning of the list of free blocks on, piece after piece.

    A piece is a 64th of a block, behind the block's checksum, and begins with the place of the next
    one. A place has the number of the piece in its first byte, and the block in the others.
    """
    length = (header.block_size - _NUMBER) // _PIECES // _NUMBER
    place = header.free_list
    while place != _NONE:
        piece, block = place >> 56, place & ((1 << 56) - 1)
        begin = _BLOCKS + block * header.block_size + _NUMBER * (1 + piece * length)
        place, *numbers = _numbers(_read(file, begin, length))
        yield from numbers
    raise _CutShort


def _read(file: BinaryIO, place: int, numbers: int) -> bytes:
    file.seek(place)
    content = file.read(numbers * _NUMBER)
    if len(content) < numbers * _NUMBER:
        raise _CutShort
    return content


def _numbers(content: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(content) // _NUMBER}Q", content)
