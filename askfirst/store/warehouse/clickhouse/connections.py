"""The connections to ClickHouse: how long a thread waits for an answer, and how all are ended."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

if TYPE_CHECKING:
    from askfirst.store.warehouse.time_limit import TimeLimit


class Connections:
    """Those of one client; the transport notes them here, and asks how long it may wait."""

    def __init__(self) -> None:
        self._waiting = threading.local()
        self._noting = threading.Lock()
        self._open: WeakSet[Any] = WeakSet()
        self.has_ended = False

    @contextmanager
    def within(self, limit: TimeLimit | None) -> Iterator[None]:
        """Give up what this thread asks within this block when the time is over."""
        before = getattr(self._waiting, "limit", None)
        self._waiting.limit = limit or before
        try:
            yield
        finally:
            self._waiting.limit = before

    def seconds_left(self) -> float | None:
        """Return how long this thread may still wait, or None for any time."""
        limit: TimeLimit | None = getattr(self._waiting, "limit", None)
        return None if limit is None else limit.left()

    def note(self, connection: Any) -> None:
        """Note a connection that was opened, to be ended with the others."""
        with self._noting:
            self._open.add(connection)
            ended = self.has_ended
        if ended:
            _end(connection)

    def end_within(self, seconds: float) -> None:
        """End all when so many seconds are over; this returns at once."""
        timer = threading.Timer(seconds, self.end)
        timer.daemon = True
        timer.start()

    def end(self) -> None:
        """End all for good, also those on which a thread waits for an answer."""
        with self._noting:
            self.has_ended = True
            opened = list(self._open)
        for connection in opened:
            _end(connection)


def _end(connection: Any) -> None:
    with suppress(OSError, AttributeError):  # it has ended by itself
        connection.sock.shutdown(socket.SHUT_RDWR)
