"""How far the making of a table is: rows are told as they are kept, and somebody may stop it."""

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass

import pyarrow as pa


class StoppedByReader(Exception):
    """Whoever asked for a table does not want it any more."""


@dataclass
class Progress:
    """Rows that are done, of how many (None while nobody knows), and whether to stop."""

    rows: int = 0
    of: int | None = None
    stop: bool = False
    told: Callable[[int, int | None], None] | None = None
    """What is called with the same two numbers each time, such as a bar."""

    def tell(self, rows: int) -> None:
        """Say how many rows are done; raises `StoppedByReader`."""
        self.rows = rows
        if self.told:
            self.told(rows, self.of)
        if self.stop:
            raise StoppedByReader

    def watched(self, batches: Iterator[pa.RecordBatch], of: int) -> Iterator[pa.RecordBatch]:
        """Yield batches of so many rows in all as they are written; raises `StoppedByReader`."""
        done, self.of = 0, of
        for batch in batches:
            self.tell(done)
            yield batch
            done += batch.num_rows
        self.tell(done)


WATCHED: ContextVar[Progress | None] = ContextVar("WATCHED", default=None)
"""Who watches the table that is made in this context, if anybody."""


def tell(rows: int) -> None:
    """Say how many rows are kept to whoever watches; raises `StoppedByReader`."""
    if (watching := WATCHED.get()) is not None:
        watching.tell(rows)
