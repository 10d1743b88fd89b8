"""Turns: work on a file side by side, and again alone where memory did not suffice for that."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TypeVar

import duckdb

from askfirst.errors import Unavailable

T = TypeVar("T")


class Turns:
    """Lets threads work at once, or one of them alone.

    While one waits to be alone nobody else begins, so no work may take a turn within its own.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._working = 0
        self._waiting = 0
        self._is_alone = False

    def take(self, work: Callable[[], T], sparing: Callable[[], T], *, asks: bool = False) -> T:
        """Return what `work` returns, or `sparing` alone where memory has run out for that.

        Raises `Unavailable` where memory does not suffice for `sparing` either. Where it `asks`,
        the sentence says that it may ask about less.
        """
        try:
            with self._beside():
                return work()
        except duckdb.OutOfMemoryException:
            pass
        with self._alone():
            try:
                return sparing()
            except duckdb.OutOfMemoryException as error:
                raise _no_memory(asks=asks) from error

    def alone_now(self, work: Callable[[], object]) -> bool:
        """Do this alone where nobody works or waits; return whether it was done."""
        with self._changed:
            if self._working or self._waiting or self._is_alone:
                return False
            self._is_alone = True
        try:
            work()
        finally:
            self._let_others()
        return True

    @contextmanager
    def _beside(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._is_alone and not self._waiting)
            self._working += 1
        try:
            yield
        finally:
            with self._changed:
                self._working -= 1
                self._changed.notify_all()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._changed:
            self._waiting += 1
            try:
                self._changed.wait_for(lambda: not self._is_alone and not self._working)
            finally:
                self._waiting -= 1
            self._is_alone = True
        try:
            yield
        finally:
            self._let_others()

    def _let_others(self) -> None:
        with self._changed:
            self._is_alone = False
            self._changed.notify_all()


class Places:
    """So many places, which are given in the order in which they are asked for.

    `threading.Semaphore` lets a thread that leaves its place and asks again overtake who waits.
    """

    def __init__(self, number: int) -> None:
        self._free = number
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()

    def acquire(self, timeout: float | None = None) -> bool:
        """Wait for a place, at most so many seconds; return whether there is one."""
        mine = object()
        with self._changed:
            self._waiting.append(mine)
            try:
                has_one = self._changed.wait_for(
                    lambda: self._free > 0 and self._waiting[0] is mine, timeout
                )
                self._free -= has_one
            finally:
                self._waiting.remove(mine)
                self._changed.notify_all()  # the next one is the first now
            return has_one

    def release(self) -> None:
        """Leave a place."""
        with self._changed:
            self._free += 1
            self._changed.notify_all()


@contextmanager
def one_thread(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let DuckDB use one thread within: each takes memory of its own."""
    with closing(cursor.cursor()) as other:  # a failed transaction of the cursor refuses all
        threads = other.execute("SELECT current_setting('threads')").fetchone()
        other.execute("SET threads = 1")
        try:
            yield
        finally:
            other.execute(f"SET threads = {threads[0] if threads else 1}")


def _no_memory(*, asks: bool) -> Unavailable:
    do = "choose fewer days, or let it take more" if asks else "let it take more"
    sentence = "The warehouse has too little memory for this"
    return Unavailable(f"{sentence}: {do} (the setting warehouse_memory_mb).")
