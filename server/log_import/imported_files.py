"""Which files were imported, so that nothing of a file is tallied twice, also once it has grown.

A file is known by its fingerprint: a keyed hash over its first lines, and their number. While a
file is read, the hash so far is compared wherever a known one ends. Where they are equal, whatever
was counted up to there was counted before. Files that share lines otherwise: see `overlaps.py`.
"""

import hashlib
from collections import Counter, defaultdict
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.load_counts import SOURCES, log_rows
from askfirst.store.ledger.tables import imported_logs, load_counts, tallies
from askfirst.store.ledger.upsert import adding_to
from server.log_import.overlaps import End

Counts = Counter[tuple[str, str]]
"""Lines by UTC day and reason why they were not recorded, or by `LOG` and `LOG_RECORDED`."""


Ends = dict[int, tuple[str, End]]
"""Where a file ended: by its number of lines their hash, and what other files are told it by."""


class Found(NamedTuple):
    """What a file is told by: where it ended, and its pieces."""

    ends: Ends
    pieces: set[End]


class Fingerprint:
    """The keyed hash of the lines of a file so far, and their number; line ends do not count."""

    def __init__(self, key: bytes) -> None:
        self._hash = hashlib.blake2b(key=key, digest_size=32)
        self.lines = 0

    def add(self, content: bytes | None) -> None:
        """Add a line, None where it is too long to be read."""
        self.lines += 1
        self._hash.update(b"\0" if content is None else content)
        self._hash.update(b"\n")

    def digest(self) -> str:
        """Return the hash of the lines so far: 64 hexadecimal digits."""
        return self._hash.hexdigest()


class ImportedFiles:
    """The fingerprints of a site's files, in the ledger's table `imported_logs`."""

    def __init__(self, ledger: Ledger, site_id: int) -> None:
        self._ledger = ledger
        self._site_id = site_id
        self._known: dict[int, set[str]] = defaultdict(set)
        self.ends: set[End] = set()

    async def read(self) -> None:
        """Read what is known."""
        table = imported_logs.c
        columns = (table.lines, table.digest, table.rows, table.head, table.tail)
        asked = select(*columns).where(table.site_id == self._site_id)
        async with self._ledger.read() as connection:
            for lines, digest, rows, head, tail in await connection.execute(asked):
                self._learn(lines, digest, End(rows, head, tail))

    def _learn(self, lines: int, digest: str, end: End) -> None:
        self._known[lines].add(digest)
        if end.head:
            self.ends.add(end)

    def ends_here(self, fingerprint: Fingerprint) -> bool:
        """Return whether a file that was imported before ends with the line just added."""
        known = self._known.get(fingerprint.lines)
        return known is not None and fingerprint.digest() in known

    async def note(self, found: Found, counts: Counts, now: int) -> None:
        """Write down what a file is told by, and add what was counted in it.

        Both are one transaction: a file that is read again after a crash is counted once.
        """
        async with self._ledger.write() as connection:
            await self._add(connection, found, now)
            refused = [
                {"site_id": self._site_id, "day": day, "reason": reason, "count": count}
                for (day, reason), count in counts.items()
                if reason not in SOURCES
            ]
            loads = {key: count for key, count in counts.items() if key[1] in SOURCES}
            for table, rows in ((tallies, refused), (load_counts, log_rows(self._site_id, loads))):
                if rows:
                    await connection.execute(adding_to(table, connection.dialect.name), rows)
        for lines, (digest, end) in found.ends.items():
            self._learn(lines, digest, end)
        for piece in found.pieces:
            self._learn(0, piece.head + piece.tail, piece)

    async def _add(self, connection: AsyncConnection, found: Found, now: int) -> None:
        """Add the rows that are new; a piece has no number of lines, as it is no file."""
        told = [(lines, *end) for lines, end in found.ends.items() if lines]
        told += [(0, one.head + one.tail, one) for one in found.pieces if one.head]
        fresh = {
            digest: {"digest": digest, "lines": lines, **end._asdict()}
            for lines, digest, end in told
            if digest not in self._known.get(lines, ())
        }
        mine = {"site_id": self._site_id, "imported_at": now}
        if fresh:
            rows = [{**mine, **row} for row in fresh.values()]
            await connection.execute(imported_logs.insert(), rows)
