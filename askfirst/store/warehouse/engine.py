"""What the warehouse asks of an engine: read by SQL, commit rows and deletions at once, rewrite."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    import pyarrow as pa

    from askfirst.store.warehouse.time_limit import TimeLimit

T = TypeVar("T")
Value = int | float | str | Sequence[int] | Sequence[str]
"""What a parameter of SQL can be."""


@dataclass(frozen=True)
class Insert:
    """Rows to be added to a table; a row with the key of another replaces it (see `Table.key`).

    The columns are those of the table, by name; a column of type `uuid` is a string of 32
    hexadecimal digits.
    """

    table: str
    rows: pa.Table


@dataclass(frozen=True)
class Delete:
    """Rows to be removed from a table: those that fulfil every condition, each by column.

    A column of type `uuid` is compared with strings of 32 hexadecimal digits.
    """

    table: str
    equal: Mapping[str, int | str] = field(default_factory=dict)
    among: Mapping[str, pa.Array] = field(default_factory=dict)
    below: Mapping[str, int] = field(default_factory=dict)
    since: Mapping[str, int] = field(default_factory=dict)
    """Columns that are this or more."""


Operation = Insert | Delete


class Reader(Protocol):
    """Reads one state of the warehouse, or a later one with each statement (ClickHouse).

    SQL is in the engine's dialect, compiled by Ibis, and contains a value as `$name`.
    """

    def arrow(
        self,
        sql: str,
        values: Mapping[str, Value] | None = None,
        beside: Mapping[str, pa.Table] | None = None,
    ) -> pa.Table:
        """Return the rows of a statement, which may name the tables in `beside`."""
        ...

    def stream(
        self,
        sql: str,
        values: Mapping[str, Value] | None,
        beside: Mapping[str, pa.Table] | None,
        sink: Callable[[Iterator[pa.RecordBatch]], T],
    ) -> T:
        """Return what `sink` makes of the rows of a statement, of which few are in memory.

        It is called again, from the first row on, where memory did not suffice.
        """
        ...

    def keep(self, name: str, rows: pa.Table) -> None:
        """Let later statements of this reader name these rows as a table."""
        ...


class Engine(Protocol):
    """One warehouse: one writer, many readers, safe to call from several threads."""

    dialect: str
    """The name by which Ibis knows the engine: `duckdb` or `clickhouse`."""

    @property
    def is_alone(self) -> bool:
        """Whether nothing but commits of this object changes what its readers find."""
        ...

    @property
    def is_away(self) -> bool:
        """Whether the last try to reach it has failed, and none has succeeded."""
        ...

    def reading(self, limit: TimeLimit | None = None) -> AbstractContextManager[Reader]:
        """Yield a reader, whose statements raise `TookTooLong` at the end of the limit."""
        ...

    def commit(self, operations: Sequence[Operation], token: str) -> None:
        """Carry out all operations or none, also through a crash, and each once for a token.

        Where it raises, they may still be carried out later: `settle` before reading what the next
        operations depend on.
        """
        ...

    def watermark(self, journal: str) -> int:
        """Return the number of the last row of this journal that is stored, or 0.

        A start asks this, so it needs neither Ibis nor Arrow.
        """
        ...

    def first_time(self, site: int) -> int | None:
        """Return the time of a site's first event in milliseconds, or None; as quickly."""
        ...

    def settle(self) -> None:
        """Finish what an interrupted commit has left; raises what the engine raises."""
        ...

    def rewrite(self) -> None:
        """Remove the bytes of rows that were deleted, and add up summaries (see `Table.sums`)."""
        ...

    def is_loose(self) -> bool:
        """Return whether a rewrite would make the files much smaller."""
        ...

    def release_memory(self) -> None:
        """Keep little in memory, where no page has asked since this was called before."""
        ...

    def copy_to(self, path: Path) -> None:
        """Write a complete copy, without bytes of deleted rows, to a path that does not exist."""
        ...

    def end_soon(self) -> None:
        """Wait only for some seconds more for a server that does not answer, as the process ends.

        What is not stored by then waits for the next start.
        """
        ...

    def close(self) -> None:
        """Close the connection."""
        ...
