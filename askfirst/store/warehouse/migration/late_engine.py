"""An engine that comes later: while the warehouse is converted, nothing can be read or written."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from askfirst.errors import Preparing
from askfirst.store.warehouse.engine import Engine, Operation, Reader
from askfirst.store.warehouse.time_limit import TimeLimit

RETRY_AFTER = 10
"""Seconds after which a page that needs the warehouse should be asked for again."""


class LateEngine:
    """Stands for an engine until it `arrives`; then every call is passed to it.

    Until then each call raises `Preparing` with a sentence for whoever opens a report.
    """

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
        self.sentence = "The reports are being prepared for this version; try again soon."
        self._engine: Engine | None = None
        self._there = threading.Event()

    def wait(self) -> None:
        """Wait until the engine has arrived."""
        self._there.wait()

    def arrive(self, engine: Engine) -> None:
        """Pass every call to this engine from now on."""
        self._engine = engine
        self._there.set()

    def _arrived(self) -> Engine:
        if self._engine is None:
            raise Preparing(self.sentence, retry_after=RETRY_AFTER)
        return self._engine

    @property
    def is_alone(self) -> bool:
        """Whether the engine is alone; not before it is there."""
        return self._engine is not None and self._engine.is_alone

    @property
    def is_away(self) -> bool:
        """Whether the engine, once it is there, was tried and not reached."""
        return self._engine is not None and self._engine.is_away

    @contextmanager
    def reading(self, limit: TimeLimit | None = None) -> Iterator[Reader]:
        """Yield a reader of the engine."""
        with self._arrived().reading(limit) as reader:
            yield reader

    def commit(self, operations: Sequence[Operation], token: str) -> None:
        """Carry out operations by the engine."""
        self._arrived().commit(operations, token)

    def watermark(self, journal: str) -> int:
        """Return the watermark by the engine."""
        return self._arrived().watermark(journal)

    def first_time(self, site: int) -> int | None:
        """Return the time of a site's first event by the engine."""
        return self._arrived().first_time(site)

    def settle(self) -> None:
        """Finish what an interrupted commit of the engine has left."""
        self._arrived().settle()

    def rewrite(self) -> None:
        """Rewrite the engine's tables."""
        self._arrived().rewrite()

    def is_loose(self) -> bool:
        """Return whether a rewrite would make the engine's files much smaller."""
        return self._arrived().is_loose()

    def release_memory(self) -> None:
        """Let the engine keep little in memory."""
        self._arrived().release_memory()

    def copy_to(self, path: Path) -> None:
        """Write a copy of what the engine holds."""
        self._arrived().copy_to(path)

    def end_soon(self) -> None:
        """Let the engine wait only for some seconds more, if it is there."""
        if self._engine is not None:
            self._engine.end_soon()

    def close(self) -> None:
        """Close the engine if it is there."""
        if self._engine is not None:
            self._engine.close()
