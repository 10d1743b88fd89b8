"""What all changes of the warehouse share: one at a time, each prepared, then committed whole."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from askfirst.store.warehouse.answering.known_answers import KnownAnswers

if TYPE_CHECKING:
    from askfirst.store.warehouse.appending.appender import Appender
    from askfirst.store.warehouse.engine import Engine, Operation, Reader
    from askfirst.store.warehouse.summaries.closed_days import Closed
    from askfirst.store.warehouse.summaries.deleting import Deletion
    from askfirst.store.warehouse.summaries.source import Source
    from askfirst.store.warehouse.time_limit import TimeLimit


def sides_of(site_id: int) -> tuple[int, int]:
    """Return the numbers under which a site is stored: what its reports count, and leave out."""
    return site_id, -site_id


def token_of(what: str) -> str:
    """Return a token that no other commit has, for an engine that may be sent one twice."""
    return f"{what}:{secrets.token_hex(16)}"


class Changes:
    """The part of `Warehouse` that changes it: the lock, and what is known between changes."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.known = KnownAnswers()
        self._writing = threading.Lock()
        self._kept_appender: Appender | None = None
        self._closed: dict[int, Closed] | None = None
        """How far each site's days are closed, unless a change since may have closed or opened."""

    @property
    def dialect(self) -> str:
        """The name by which Ibis knows the engine."""
        return self.engine.dialect

    @contextmanager
    def reading(self, limit: TimeLimit | None = None) -> Iterator[Reader]:
        """Yield a reader of the stored tables, see `Engine.reading`."""
        with self.engine.reading(limit) as reader:
            yield reader

    def _appender(self) -> Appender:
        if self._kept_appender is None:
            from askfirst.store.warehouse.appending.appender import Appender  # noqa: PLC0415

            self._kept_appender = Appender(self.dialect)
        return self._kept_appender

    @contextmanager
    def _source(self) -> Iterator[Source]:
        from askfirst.store.warehouse.summaries.source import Source  # noqa: PLC0415

        with self.reading() as reader:
            yield Source(reader, self.dialect)

    def _change(self, prepare: Callable[[Source], Deletion]) -> int:
        with self._writing:
            self.engine.settle()
            with self._source() as source:
                deletion = prepare(source)
            if deletion.operations:
                self._commit(deletion.operations, token_of("delete"))
                self._appender().forget()
            return deletion.events

    def _commit(
        self,
        operations: Sequence[Operation],
        token: str,
        since: Mapping[int, int] | None = None,
    ) -> None:
        """Commit operations; where that fails, forget which keys there are.

        `since` has the times by site before which they change nothing that is told, if that is
        known (see `known_answers`).

        These may be carried out later, or others may have been before them: rows whose keys are
        remembered may go, and keys that would be the next ones may be taken.
        """
        self._closed = None
        try:
            with self.known.changing(operations, since):
                self.engine.commit(operations, token)
        except BaseException:
            self._kept_appender = None
            raise
