"""Rows of a report, kept in a file without a name while they are sent: memory holds few of them.

The warehouse is read to the end first, so that no slow reader keeps it from being rewritten.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from askfirst.errors import Unavailable
from reports.tables.progress import StoppedByReader, tell
from reports.tables.table import Cut, Field, schema_of, told_rows

IN_MEMORY = 1 << 20
"""Bytes beyond which rows go to a file, which the system removes when it is closed."""


class Rows:
    """Rows of one schema, written once and read once; close it at the end."""

    def __init__(self, fields: tuple[Field, ...], folder: Path) -> None:
        self.schema = schema_of(fields)
        self.count = 0
        self._fields = fields
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(folder))  # noqa: SIM115

    def take(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Keep these rows alone; their columns are those that the fields name as sources.

        Raises `Unavailable` where the disk has no room for them.
        """
        try:
            self._take(batches)
        except StoppedByReader:
            self.close()
            raise
        except OSError as error:
            why = os.strerror(error.errno or 0)
            raise Unavailable(f"The rows cannot be kept on the disk: {why}.") from error

    def _take(self, batches: Iterable[pa.RecordBatch]) -> None:
        self.count = 0
        self._file.seek(0)
        self._file.truncate()
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        sink = pa.PythonFile(self._file, mode="w")
        with pa.ipc.new_stream(sink, self.schema, options=options) as writer:
            for batch in batches:
                writer.write_batch(self._named(batch))
                self.count += batch.num_rows
                tell(self.count)

    def _named(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        columns = [_told(batch.column(one.column), one) for one in self._fields]
        cast = [one.cast(field.type) for one, field in zip(columns, self.schema, strict=True)]
        return pa.RecordBatch.from_arrays(cast, schema=self.schema)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows, batch by batch."""
        self._file.seek(0)
        with pa.ipc.open_stream(pa.PythonFile(self._file, mode="r")) as reader:
            yield from reader

    def listed(self) -> list[dict[str, Any]]:
        """Return every row as JSON has it, for few."""
        return [row for batch in self.batches() for row in told_rows(batch)]

    def close(self) -> None:
        """Remove the file."""
        with suppress(ValueError):
            self._file.close()


def held(
    fields: tuple[Field, ...], folder: Path, rows: Sequence[Mapping[str, Any]], cut: Cut
) -> Rows:
    """Return rows that are in memory, by the names of their fields, as `cut` wants them."""
    ordered = list(rows)
    if cut.by:
        known = [row for row in ordered if row[cut.by] is not None]
        unknown = [row for row in ordered if row[cut.by] is None]
        known.sort(key=lambda row: row[cut.by], reverse=cut.descending)
        ordered = known + unknown
    end = None if cut.limit is None else cut.offset + cut.limit
    found = Rows(tuple(_own(one) for one in fields), folder)
    found.take([pa.RecordBatch.from_pylist(ordered[cut.offset : end], schema=found.schema)])
    return found


def _own(one: Field) -> Field:
    """Return a field whose values are called as it is."""
    return replace(one, source="")


def _told(values: pa.Array, of: Field) -> pa.Array:
    """Return the values of a field, of which '' is null where the field says so."""
    return pc.if_else(pc.equal(values, ""), None, values) if of.empty_is_null else values
