"""The lines of a log file, plain or packed by gzip, one after the other in little memory."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

LONGEST_LINE = 1 << 18
"""Bytes of a line; a longer one is passed over. nginx takes headers of 32 KB, Caddy of 1 MB."""
_GZIP = b"\x1f\x8b"


class RawLine(NamedTuple):
    """A line: its number from 1, its bytes without its end, and whether it has an end.

    The bytes are None where there are too many.
    """

    number: int
    content: bytes | None
    ended: bool


class DamagedFile(ValueError):
    """A packed file cannot be unpacked to its end."""


class LogFile:
    """An open log file; `done` is how many bytes of the file are read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        is_packed = file.peek(2)[:2] == _GZIP  # type: ignore[attr-defined]
        self._lines: BinaryIO = gzip.GzipFile(fileobj=file) if is_packed else file  # type: ignore[assignment]

    @property
    def done(self) -> int:
        """How many bytes of the file are read, as it lies on the disk."""
        return self._file.tell()

    def __iter__(self) -> Iterator[RawLine]:
        """Yield the lines; raises `DamagedFile` where unpacking fails."""
        number = 0
        try:
            while part := self._lines.readline(LONGEST_LINE + 1):
                number += 1
                yield self._line(number, part)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DamagedFile(f"It cannot be unpacked behind line {number}.") from error

    def _line(self, number: int, part: bytes) -> RawLine:
        if len(part) <= LONGEST_LINE or part.endswith(b"\n"):
            return RawLine(number, part.rstrip(b"\r\n"), part.endswith(b"\n"))
        while part and not part.endswith(b"\n"):
            part = self._lines.readline(LONGEST_LINE)
        return RawLine(number, None, part.endswith(b"\n"))


@contextmanager
def opened(path: Path) -> Iterator[LogFile]:
    """Open a log file for reading; raises `OSError`."""
    with path.open("rb") as file:
        yield LogFile(file)
