"""Where a file goes over lines that another one brought: told by hashes of eight lines in a row.

No hash is kept of fewer, so that none stands for one request. Two files of one log go on alike from
a place at which eight lines are the same, for a log is only ever added to.
"""

import hashlib
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from server.log_import.files import DamagedFile, RawLine

ROWS = 8
"""Lines of a hash; blank ones and remarks are no lines here."""
PIECE = 1000
"""Rows of a piece: of a longer file each is known like a file, as one may lie within another."""


class Place(NamedTuple):
    """Where a line stands: its number among rows, and the hashes of the rows around it.

    `starts` is that of the eight which begin with it, `ends` of those which end with it; '' where
    there are fewer, or where it is no row.
    """

    row: int
    starts: str
    ends: str


class End(NamedTuple):
    """A file's rows, and the hashes of its first and of its last eight; '' if there are fewer."""

    rows: int = 0
    head: str = ""
    tail: str = ""

    def at(self, place: Place, first: int = 0) -> "End":
        """Return the end with one more line, of a part that begins behind the row `first`."""
        return End(place.row - first, self.head or place.starts, place.ends or self.tail)


def placed(lines: Iterable[RawLine], key: bytes) -> Iterator[tuple[RawLine, Place]]:
    """Yield each line with its place; raises `DamagedFile` behind the last one that can be read."""
    reading = _Reading(key)
    fault: DamagedFile | None = None
    try:
        for line in lines:
            yield from reading.add(line)
    except DamagedFile as error:
        fault = error
    yield from reading.rest()
    if fault:
        raise fault


class _Reading:
    """Holds lines back until the eight rows are known that begin with them."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._waiting: deque[tuple[RawLine, bool]] = deque()
        self._coming: deque[bytes] = deque()
        self._behind: deque[str] = deque([""] * (ROWS - 1), ROWS)
        self._row = 0

    def add(self, line: RawLine) -> Iterator[tuple[RawLine, Place]]:
        is_row = line.content is None or line.content.strip()[:1] not in (b"", b"#")
        self._waiting.append((line, is_row))
        if is_row:
            self._coming.append(self._hash(b"\0" if line.content is None else line.content))
        while len(self._coming) >= ROWS:
            yield self._next()

    def rest(self) -> Iterator[tuple[RawLine, Place]]:
        while self._waiting:
            yield self._next()

    def _next(self) -> tuple[RawLine, Place]:
        line, is_row = self._waiting.popleft()
        if not is_row:
            return line, Place(self._row, "", "")
        tells = len(self._coming) >= ROWS and len(set(self._coming)) > 1  # all alike tell nothing
        starts = self._hash(b"".join(self._coming)).hex() if tells else ""
        self._coming.popleft()
        self._row += 1
        self._behind.append(starts)
        return line, Place(self._row, starts, self._behind[0])

    def _hash(self, content: bytes) -> bytes:
        return hashlib.blake2b(content, key=self._key, digest_size=16).digest()


class Overlaps:
    """Follows a file through what other files brought, whose `ends` are known.

    A stretch begins where the first rows of a known file stand, and is as long as that; it is
    known once it ends as the file did, or the file that is read ends within it.
    """

    def __init__(self, ends: Iterable[End]) -> None:
        self._heads: dict[str, set[End]] = defaultdict(set)
        self._tails: dict[str, int] = {}
        for one in ends:
            if one.head:
                self._heads[one.head].add(one)
                self._tails[one.tail] = max(one.rows, self._tails.get(one.tail, 0))
        self._open: set[tuple[int, str]] = set()

    @property
    def is_within(self) -> bool:
        """Whether the place lies in a stretch that a known file seems to have brought."""
        return bool(self._open)

    def begin(self, place: Place) -> None:
        """Begin a stretch where a known file begins with this line."""
        found = self._heads.get(place.starts, ())
        self._open |= {(place.row - 1 + one.rows, one.tail) for one in found}

    def ends(self, place: Place) -> bool:
        """Return whether a stretch ends with this line as the known file did."""
        closed = {one for one in self._open if one[0] == place.row}
        self._open -= closed
        return (place.row, place.ends) in closed

    def is_all_known(self, place: Place) -> bool:
        """Return whether a known file ends with this line that has as many rows, or more."""
        return bool(place.ends) and place.row <= self._tails.get(place.ends, 0)
