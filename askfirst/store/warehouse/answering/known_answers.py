"""Answers that are known already: in memory, each until a commit changes what it tells of."""

from __future__ import annotations

import sys
import threading
from collections import Counter, OrderedDict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from askfirst.store.warehouse.engine import Insert, Operation
from askfirst.system.memory import is_scarce

if TYPE_CHECKING:
    import pyarrow as pa

MOST_BYTES = 24 << 20
"""How much memory all answers may take; the one that was used longest ago goes first."""
MOST_BYTES_WHERE_SCARCE = 4 << 20
LONGEST_BYTES = 2 << 20
"""An answer that takes more is not kept."""
_AROUND = 4 << 10
"""Bytes that an answer takes beside its key and its rows, of which there may be none."""

ALL_SITES = 0
State = tuple[int, int]


@dataclass(frozen=True)
class _Known:
    site: int
    rows: pa.Table
    size: int


class KnownAnswers:
    """Remembers answers by a key, for one process that alone changes the warehouse.

    An answer tells of one site. It is forgotten by whatever changes something of this site, and
    by everything that deletes. One that was read while such a change was under way may be of
    before it or after, and is not kept. Safe to call from several threads.
    """

    def __init__(self, most_bytes: int | None = None) -> None:
        usual = MOST_BYTES_WHERE_SCARCE if is_scarce() else MOST_BYTES
        self._most_bytes = usual if most_bytes is None else most_bytes
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, _Known] = OrderedDict()
        self._bytes = 0
        self._changes: Counter[int] = Counter()
        self._under_way: Counter[int] = Counter()
        self._is_certain = True

    def __len__(self) -> int:
        """Return how many answers are known."""
        return len(self._known)

    def find(self, key: Hashable, site: int) -> pa.Table | None:
        """Return the answer about a site that is known by a key; None while that may change."""
        with self._lock:
            found = self._known.get(key)
            if found is None or self._state(site) is None:
                return None
            self._known.move_to_end(key)
            return found.rows

    def state(self, site: int) -> State | None:
        """Return what has to be the same after reading; None where a change is under way."""
        with self._lock:
            return self._state(site)

    def _state(self, site: int) -> State | None:
        if not self._is_certain or self._under_way[site] or self._under_way[ALL_SITES]:
            return None
        return self._changes[site], self._changes[ALL_SITES]

    def keep(self, key: Hashable, site: int, rows: pa.Table, read_in: State | None) -> None:
        """Remember an answer about a site that was read from this state on, if it is still that."""
        size = rows.nbytes + _size_of(key) + _AROUND
        with self._lock:
            if read_in is None or read_in != self._state(site) or size > LONGEST_BYTES:
                return
            self._forget(key)
            self._known[key] = _Known(site, rows, size)
            self._bytes += size
            while self._bytes > self._most_bytes:
                self._forget(next(iter(self._known)))

    @contextmanager
    def changing(self, operations: Sequence[Operation]) -> Iterator[None]:
        """Forget what operations change, which are carried out within.

        Where they fail they may be carried out later, so nothing is known until others succeed.
        """
        sites = _sites_of(operations)
        self._begin(sites)
        done = False
        try:
            yield
            done = True
        finally:
            self._end(sites, done)

    def _begin(self, sites: set[int]) -> None:
        with self._lock:
            self._under_way.update(sites)

    def _end(self, sites: set[int], done: bool) -> None:
        with self._lock:
            self._under_way.subtract(sites)
            self._changes.update(sites)
            self._is_certain = done
            forgotten = sites if done else {ALL_SITES}
            for key, known in list(self._known.items()):
                if ALL_SITES in forgotten or known.site in forgotten:
                    self._forget(key)

    def _forget(self, key: Hashable) -> None:
        known = self._known.pop(key, None)
        self._bytes -= known.size if known else 0


def _size_of(key: Hashable) -> int:
    """Return the bytes of a key's parts; its SQL may be in memory for this answer alone."""
    return sum(map(_size_of, key)) if isinstance(key, tuple) else sys.getsizeof(key)


def _sites_of(operations: Sequence[Operation]) -> set[int]:
    """Return the sites of which operations change something, or `ALL_SITES` where one deletes.

    What is left out of a site is stored under its negative number. Rows that are of no site, such
    as texts, are new: no answer tells of them before a row of a site does.
    """
    if not all(isinstance(one, Insert) for one in operations):
        return {ALL_SITES}
    return set(_numbers(one for one in operations if isinstance(one, Insert)))


def _numbers(inserted: Iterable[Insert]) -> Iterator[int]:
    for one in inserted:
        if "site" in one.rows.column_names:
            yield from (abs(site) for site in one.rows["site"].unique().to_pylist())
