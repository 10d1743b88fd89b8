"""Where the answers of a page come from, and the relations that its questions start from."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from askfirst.store.warehouse.answering.at_once import at_once

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from askfirst.store.warehouse.answering.known_answers import KnownAnswers, Reading
    from askfirst.store.warehouse.engine import Reader
    from askfirst.store.warehouse.time_limit import TimeLimit

    Readers = Callable[[TimeLimit | None], AbstractContextManager[Reader]]


@dataclass(frozen=True)
class Answers:
    """Where a page's answers come from.

    It names no relation of the page: what finds one does not hold the others, so that their rows
    are free as soon as the page is, and not when Python looks for cycles.
    """

    reading: Readers
    limit: TimeLimit | None
    known: tuple[KnownAnswers, int] | None

    def reader(self) -> AbstractContextManager[Reader]:
        """Read until the page's time is over."""
        return self.reading(self.limit)

    def reading_until(self, until: int) -> Reading | None:
        """Return what says whether an answer that is read from now on may be kept."""
        return self.known[0].reading(self.known[1], until) if self.known else None

    def joined(self, parts: Sequence[Statement], until: int) -> Found:
        """Return the answers of several questions as the rows of one relation."""
        reading = self.reading_until(until)
        rows = at_once([partial(self.of, one) for one in parts])
        starts = [kept for one in parts for kept in one.beside.values()]
        joined = pa.concat_tables(rows, promote_options="permissive")
        return Found(joined, (reading, *(one for kept in starts for one in kept.readings())))

    def of(self, asked: Statement) -> pa.Table:
        """Return the answer of a question: the known one, or what is read now."""
        if self.known is None or asked.key is None:
            return self._read(asked)
        answers, site = self.known
        key = site, *asked.key
        found = answers.find(key)
        if found is None:
            reading = answers.reading(site, asked.until)
            found = self._read(asked)
            # What it starts from may have been found before a change that came before it.
            starts = [one for kept in asked.beside.values() for one in kept.readings()]
            answers.keep(key, reading, found, starts)
        return found

    def _read(self, asked: Statement) -> pa.Table:
        beside = asked.found()
        with self.reader() as reader:
            return whole_numbers(reader.arrow(asked.sql, asked.values, beside))


@dataclass(frozen=True)
class Statement:
    """A question as SQL, with its parameters and the kept relations that it starts from.

    `key` is the same where the question is, and what it starts from; None where that is unknown.
    The answer tells of visits that began and events that happened before `until` (ms).
    """

    sql: str
    values: Mapping[str, int | str]
    beside: Mapping[str, Kept]
    key: tuple[Any, ...] | None
    until: int

    def found(self) -> dict[str, pa.Table]:
        """Return the relations, found at once where that is still to be done."""
        rows = at_once([one.rows for one in self.beside.values()])
        return dict(zip(self.beside, rows, strict=True))


@dataclass(frozen=True)
class Found:
    """The rows of a relation, and the readings by which it and what it starts from were found."""

    rows: pa.Table
    readings: tuple[Reading | None, ...] = ()


class Kept:
    """A relation of a page: who asks first finds its rows, whoever asks meanwhile waits."""

    def __init__(self, key: tuple[Any, ...] | None, until: int, find: Callable[[], Found]) -> None:
        self.key = key
        self.until = until
        self._find: Callable[[], Found] | None = find
        self._found: Found | None = None
        self._finding = threading.Lock()

    def rows(self) -> pa.Table:
        """Return the rows."""
        with self._finding:
            if self._found is None:
                assert self._find  # noqa: S101 - it is there until the rows are
                self._found = self._find()
                self._find = None  # it may hold the page, and the page holds this
            return self._found.rows

    def readings(self) -> list[Reading]:
        """Return the readings by which it was found."""
        return [one for one in (self._found.readings if self._found else ()) if one]


def whole_numbers(rows: pa.Table) -> pa.Table:
    """Return rows with int64 in the place of decimals, which engines add whole numbers up to.

    A column with a sum beyond 64 bits keeps its decimals.
    """
    for place, field in enumerate(rows.schema):
        if pa.types.is_decimal(field.type):
            with suppress(pa.ArrowInvalid):
                rows = rows.set_column(place, field.name, rows.column(place).cast(pa.int64()))
    return rows
