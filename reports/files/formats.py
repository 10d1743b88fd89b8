"""The formats of files: each writes rows batch by batch, so that memory holds few of them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from datetime import date, datetime
from typing import Any, Protocol

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from askfirst.errors import Malformed
from askfirst.text.spreadsheets import cell, head, line
from reports.tables.table import told_rows

IN_MEMORY = 1 << 20
PIECE = 1 << 16
SHEET_ROWS = 1_048_575
"""Rows of a sheet below its head: https://support.microsoft.com/office/1672b34d."""
_LONGEST_CELL = 32_767
_WIDEST = 60
_WIDTH_OF_NUMBERS = 8
_MARGIN = 2
_DATES: dict[type, str] = {date: "yyyy-mm-dd", datetime: "yyyy-mm-dd hh:mm"}
"""How a sheet shows days and moments."""


class Writer(Protocol):
    """Writes a file from its beginning to its end."""

    def begin(self) -> bytes:
        """Return what comes before the first row."""
        ...

    def write(self, batch: pa.RecordBatch) -> bytes:
        """Return what some rows add, which may be nothing yet."""
        ...

    def end(self) -> Iterator[bytes]:
        """Yield what comes after the last row."""
        ...

    def close(self) -> None:
        """Free what it uses, also where the file did not come to its end."""
        ...


class CsvWriter:
    """Writes CSV for spreadsheets, as `askfirst.text.spreadsheets` does."""

    def __init__(self, schema: pa.Schema, _facts: Mapping[str, Any]) -> None:
        self._names = schema.names

    def begin(self) -> bytes:
        """Return the byte order mark and the names of the columns."""
        return head(self._names).encode()

    def write(self, batch: pa.RecordBatch) -> bytes:
        """Return a line for each row."""
        return "".join(line(self._names, row) for row in told_rows(batch)).encode()

    def end(self) -> Iterator[bytes]:
        """Yield nothing."""
        yield from ()

    def close(self) -> None:
        """Do nothing."""


class JsonLinesWriter:
    """Writes one JSON object a line."""

    def __init__(self, _schema: pa.Schema, _facts: Mapping[str, Any]) -> None:
        self._encoder = msgspec.json.Encoder()

    def begin(self) -> bytes:
        """Return nothing."""
        return b""

    def write(self, batch: pa.RecordBatch) -> bytes:
        """Return a line for each row."""
        return self._encoder.encode_lines(told_rows(batch))

    def end(self) -> Iterator[bytes]:
        """Yield nothing."""
        yield from ()

    def close(self) -> None:
        """Do nothing."""


class JsonWriter:
    """Writes one JSON object: the facts, and then `rows`."""

    def __init__(self, _schema: pa.Schema, facts: Mapping[str, Any]) -> None:
        self._facts = facts
        self._is_first = True

    def begin(self) -> bytes:
        """Return the facts, and the beginning of the rows."""
        facts = msgspec.json.encode(dict(self._facts))[1:-1]
        return b"{" + (facts + b"," if facts else b"") + b'"rows":['

    def write(self, batch: pa.RecordBatch) -> bytes:
        """Return an object for each row."""
        rows = b",\n".join(msgspec.json.encode(row) for row in told_rows(batch))
        if not rows:
            return b""
        before = b"\n" if self._is_first else b",\n"
        self._is_first = False
        return before + rows

    def end(self) -> Iterator[bytes]:
        """Yield the end of the rows."""
        yield b"\n]}\n"

    def close(self) -> None:
        """Do nothing."""


class XlsxWriter:
    """Writes a workbook of one sheet, in a file without a name: its end says what is in it.

    Texts are cells of text, which no program runs, and are written as in CSV, so that they stay
    harmless where somebody saves the sheet as such. Days and moments are dates of the sheet, which
    knows no zones: they are those of the clocks of the column's zone. A column is as wide as what
    is in it, within limits. Raises `Malformed` beyond `SHEET_ROWS`.
    """

    def __init__(self, schema: pa.Schema, _facts: Mapping[str, Any]) -> None:
        self._schema = schema
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
        self._book = xlsxwriter.Workbook(self._file, {"constant_memory": True})
        self._sheet = self._book.add_worksheet("Report")
        self._rows = 0
        self._dates = {
            kind: self._book.add_format({"num_format": form}) for kind, form in _DATES.items()
        }
        self._widths = [len(name) for name in schema.names]

    def begin(self) -> bytes:
        """Write the names of the columns."""
        bold = self._book.add_format({"bold": True})
        for place, name in enumerate(self._schema.names):
            self._sheet.write_string(0, place, name, bold)
        self._sheet.freeze_panes(1, 0)
        return b""

    def write(self, batch: pa.RecordBatch) -> bytes:
        """Write some rows into the sheet."""
        if self._rows + batch.num_rows > SHEET_ROWS:
            raise too_many_for_a_sheet()
        for row in batch.to_pylist():
            self._rows += 1
            for place, value in enumerate(row.values()):
                self._cell(self._rows, place, value)
        return b""

    def _cell(self, row: int, place: int, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, (int, float)):
            self._sheet.write_number(row, place, value)
            width = _WIDTH_OF_NUMBERS
        elif isinstance(value, date):
            bare = value.replace(tzinfo=None) if isinstance(value, datetime) else value
            self._sheet.write_datetime(row, place, bare, self._dates[type(value)])
            width = len(_DATES[type(value)])
        else:
            text = cell(value)[:_LONGEST_CELL]
            self._sheet.write_string(row, place, text)
            width = len(text)
        self._widths[place] = max(self._widths[place], width)

    def end(self) -> Iterator[bytes]:
        """Yield the workbook."""
        for place, width in enumerate(self._widths):
            self._sheet.set_column(place, place, min(width, _WIDEST) + _MARGIN)
        self._book.close()
        self._file.seek(0)
        while piece := self._file.read(PIECE):
            yield piece

    def close(self) -> None:
        """Remove the files of the sheet and the workbook."""
        if not self._book.fileclosed:
            self._book.close()
        self._file.close()


class _Sink:
    """Takes what Parquet writes, until it is taken away."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.closed = False

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        return len(self._pieces[-1])

    def flush(self) -> None:
        """Do nothing: nothing waits here."""

    def close(self) -> None:
        """Do nothing: what was written is still to be taken."""

    def taken(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken


class ParquetWriter:
    """Writes Parquet, a row group for each batch."""

    def __init__(self, schema: pa.Schema, _facts: Mapping[str, Any]) -> None:
        self._sink = _Sink()
        self._writer = pq.ParquetWriter(pa.PythonFile(self._sink, mode="w"), schema)

    def begin(self) -> bytes:
        """Return the mark of the format."""
        return self._sink.taken()

    def write(self, batch: pa.RecordBatch) -> bytes:
        """Return a row group."""
        if batch.num_rows:
            self._writer.write_batch(batch)
        return self._sink.taken()

    def end(self) -> Iterator[bytes]:
        """Yield the list of row groups."""
        self._writer.close()
        yield self._sink.taken()

    def close(self) -> None:
        """Free the writer."""
        self._writer.close()


Make = Callable[[pa.Schema, Mapping[str, Any]], Writer]
FORMATS: dict[str, tuple[str, str, Make]] = {
    "csv": ("CSV", "text/csv; charset=utf-8", CsvWriter),
    "json": ("JSON", "application/json", JsonWriter),
    "jsonl": ("JSON lines", "application/x-ndjson", JsonLinesWriter),
    "xlsx": (
        "Excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        XlsxWriter,
    ),
    "parquet": ("Parquet", "application/vnd.apache.parquet", ParquetWriter),
}
"""The formats by the endings of their files: words, media type, and what writes them."""


def written(
    form: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch], facts: Mapping[str, Any]
) -> Iterator[bytes]:
    """Yield a file of rows in a format; `facts` begin a JSON file."""
    with closing(FORMATS[form][2](schema, facts)) as writer:
        yield from (piece for piece in _pieces(writer, batches) if piece)


def _pieces(writer: Writer, batches: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    yield writer.begin()
    for batch in batches:
        yield writer.write(batch)
    yield from writer.end()


def too_many_for_a_sheet() -> Malformed:
    """Return the error of a table that is longer than a sheet."""
    most = f"{SHEET_ROWS:,}"
    return Malformed(f"A sheet has at most {most} rows: take CSV or Parquet.", field="format")
