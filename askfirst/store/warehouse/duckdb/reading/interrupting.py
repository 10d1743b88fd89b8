"""Interrupts statements of DuckDB whose time is over, from one thread for all of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from askfirst.store.warehouse.time_limit import TimeLimit

_AGAIN = 0.05
"""Seconds after which a statement is interrupted again: it ignores what came before it began."""
_IDLE = 10.0
"""Seconds after which the thread ends where no statement runs."""


@dataclass(eq=False)
class _Running:
    """A statement that runs, and what interrupts it."""

    limit: TimeLimit
    interrupt: Callable[[], None]
    was_interrupted: bool = False


class Interrupter:
    """Watches statements while they run."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running: set[_Running] = set()
        self._sleeps = 0.0
        """How long the thread sleeps at most; 0 where there is none."""

    @contextmanager
    def watching(self, limit: TimeLimit | None, interrupt: Callable[[], None]) -> Iterator[None]:
        """Let a statement run within, and raise `TookTooLong` where it was interrupted."""
        if limit is None:
            yield
            return
        limit.check()
        one = _Running(limit, interrupt)
        self._add(one)
        try:
            yield
        except Exception as error:
            if one.was_interrupted:  # what reads the rows may raise another error than DuckDB
                raise limit.error() from error
            raise
        finally:
            with self._changed:
                self._running.discard(one)

    def _add(self, one: _Running) -> None:
        with self._changed:
            self._running.add(one)
            if not self._sleeps:
                self._sleeps = _AGAIN
                threading.Thread(target=self._watch, name="interrupter", daemon=True).start()
            elif one.limit.left() < self._sleeps:
                self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while True:
                self._interrupt_late()
                left = [max(one.limit.left(), _AGAIN) for one in self._running]
                self._sleeps = min(left, default=_IDLE)
                woken = self._changed.wait(self._sleeps)
                if not woken and not self._running and self._sleeps == _IDLE:
                    self._sleeps = 0.0
                    return

    def _interrupt_late(self) -> None:
        for one in self._running:
            if not one.limit.left():
                one.was_interrupted = True
                one.interrupt()
