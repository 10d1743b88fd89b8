"""Answers that are known already: in memory, each until a commit changes what it tells of."""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakSet

from askfirst.store.warehouse.answering.changed import (
    ALL_SITES,
    AT_ANY_TIME,
    Changed,
    changed_by,
    concerns,
)
from askfirst.system.memory import is_scarce

if TYPE_CHECKING:
    import pyarrow as pa

    from askfirst.store.warehouse.engine import Operation

MOST_BYTES = 24 << 20
"""How much memory all answers may take; the one that was used longest ago goes first."""
MOST_BYTES_WHERE_SCARCE = 4 << 20
LONGEST_BYTES = 2 << 20
"""An answer that takes more is not kept."""
_AROUND = 4 << 10
"""Bytes that an answer takes beside its key and its rows, of which there may be none."""

_EVERYTHING = {ALL_SITES: AT_ANY_TIME}


@dataclass(eq=False)
class Reading:
    """An answer about a site, of visits and events before a time (ms), that is being read."""

    site: int
    until: int
    is_overtaken: bool = False
    """Whether a change that may concern it was under way since the reading began."""


@dataclass(frozen=True)
class Remembered:
    """What is known by a key (None: nothing), and what keeps more, of at most so many bytes."""

    rows: pa.Table | None
    keep: Callable[[pa.Table, int], None]


@dataclass(frozen=True)
class _Known:
    site: int
    until: int
    rows: pa.Table
    size: int


class KnownAnswers:
    """Remembers answers by a key, for one process that alone changes the warehouse.

    An answer tells of visits that began and of events that happened on one site before a time. It
    is forgotten by whatever may change something of that (`changed_by`). One that was read while
    such a change was under way may be of before it or after, and is not kept. Safe to call from
    several threads.
    """

    def __init__(self, most_bytes: int | None = None) -> None:
        usual = MOST_BYTES_WHERE_SCARCE if is_scarce() else MOST_BYTES
        self._most_bytes = usual if most_bytes is None else most_bytes
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, _Known] = OrderedDict()
        self._bytes = 0
        self._readings: WeakSet[Reading] = WeakSet()
        self._under_way: list[Changed] = []
        self._is_certain = True

    def __len__(self) -> int:
        """Return how many answers are known."""
        return len(self._known)

    def find(self, key: Hashable) -> pa.Table | None:
        """Return the answer that is known by a key; None while that may change."""
        with self._lock:
            found = self._known.get(key)
            if found is None or self._may_change(found.site, found.until):
                return None
            self._known.move_to_end(key)
            return found.rows

    def reading(self, site: int, until: int) -> Reading:
        """Return what says of an answer that is read from now on whether it may be kept."""
        with self._lock:
            begun = Reading(site, until, self._may_change(site, until))
            self._readings.add(begun)
            return begun

    def _may_change(self, site: int, until: int) -> bool:
        if not self._is_certain:
            return True
        return any(concerns(changed, site, until) for changed in self._under_way)

    def remembered(self, key: Hashable, site: int, until: int) -> Remembered:
        """Return the rows that are known by a key, and what keeps others in their place.

        They tell of a site before a time (ms). What is added has to be read from now on.
        """
        reading = self.reading(site, until)
        return Remembered(
            self.find(key), lambda rows, longest: self.keep(key, reading, rows, longest=longest)
        )

    def keep(
        self,
        key: Hashable,
        reading: Reading,
        rows: pa.Table,
        starts: Iterable[Reading] = (),
        *,
        longest: int = LONGEST_BYTES,
    ) -> None:
        """Remember an answer, unless a change has overtaken its reading, or one it starts from.

        One of more than `longest` bytes, or of more than all may take, is not kept.
        """
        size = rows.nbytes + _size_of(key) + _AROUND
        with self._lock:
            self._readings.discard(reading)
            if size > min(longest, self._most_bytes) or any(
                one.is_overtaken for one in (reading, *starts)
            ):
                return
            self._forget(key)
            self._known[key] = _Known(reading.site, reading.until, rows, size)
            self._bytes += size
            while self._bytes > self._most_bytes:
                self._forget(next(iter(self._known)))

    @contextmanager
    def changing(
        self, operations: Sequence[Operation], since: Mapping[int, int] | None = None
    ) -> Iterator[None]:
        """Forget what operations change, which are carried out within (see `changed_by`).

        Where they fail they may be carried out later, so nothing is known until others succeed.
        """
        changed = changed_by(operations, since)
        with self._lock:
            self._under_way.append(changed)
            self._overtake(changed)
        done = False
        try:
            yield
            done = True
        finally:
            self._end(changed, done)

    def _overtake(self, changed: Changed) -> None:
        for one in self._readings:
            if concerns(changed, one.site, one.until):
                one.is_overtaken = True

    def _end(self, changed: Changed, done: bool) -> None:
        with self._lock:
            self._under_way.remove(changed)
            self._is_certain = done
            forgotten = changed if done else _EVERYTHING
            self._overtake(forgotten)
            for key, known in list(self._known.items()):
                if concerns(forgotten, known.site, known.until):
                    self._forget(key)

    def _forget(self, key: Hashable) -> None:
        known = self._known.pop(key, None)
        self._bytes -= known.size if known else 0


def _size_of(key: Hashable) -> int:
    """Return the bytes of a key's parts; its SQL may be in memory for this answer alone."""
    return sum(map(_size_of, key)) if isinstance(key, tuple) else sys.getsizeof(key)
