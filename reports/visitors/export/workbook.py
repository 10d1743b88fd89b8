"""A visitor's file as a workbook (XLSX): a sheet for the manifest, and one for each table."""

import io
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from askfirst.text.spreadsheets import cell
from reports.visitors.export.contents import Contents, manifest_of

MOST_ROWS = 1_048_575
"""Rows of a sheet below its heading, which is what Excel opens; more go on in another sheet."""
LONGEST_CELL = 32_767
"""Characters of a cell that Excel opens; a longer text goes on in the cells behind the columns."""
_WIDEST = 420
"""The widest column that is made, in pixels."""
_NUMBERS = (int, float)  # no bool
_WHOLE_NUMBERS = 2**53
_OPTIONS = {
    "in_memory": True,  # nothing of a visitor in a temporary file
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def as_xlsx(contents: Contents, most_rows: int = MOST_ROWS) -> bytes:
    """Write the workbook; `most_rows` is how many rows of a table a sheet takes.

    A text is a cell of text, never a formula, and written as `askfirst.text.spreadsheets` does,
    because a workbook may be saved as CSV.
    """
    written = io.BytesIO()
    # Most texts of a visitor are in many rows. Nothing of them stays in memory afterwards (law 6).
    known = lru_cache(maxsize=4096)(cell)
    with xlsxwriter.Workbook(written, _OPTIONS) as book:
        bold = book.add_format({"bold": True})
        _manifest(book.add_worksheet("manifest"), contents, bold)
        for table in contents.tables:
            rows = iter(table.rows)
            for number, some in enumerate(_parts(rows, most_rows), start=1):
                name = table.name if number == 1 else f"{table.name} {number}"
                sheet = book.add_worksheet(name)
                _line(sheet, 0, table.columns or ("no rows",), bold)
                sheet.freeze_panes(1, 0)
                for place, row in enumerate(some, start=1):
                    _line(sheet, place, [row.get(one) for one in table.columns], None, known)
                sheet.autofit(_WIDEST)
    return written.getvalue()


def _parts(rows: Iterator[Any], most: int) -> Iterator[list[Any]]:
    """Return rows in parts; the first is there without any row."""
    yield list(islice(rows, most))
    while some := list(islice(rows, most)):
        yield some


def _manifest(sheet: Worksheet, contents: Contents, bold: Any) -> None:
    told = manifest_of(contents)
    site = told["site"]
    lines = [
        ("Visitor", told["visitor_id"]),
        ("Site", site["name"], ", ".join(site["hosts"]), site["key"]),
        ("Written", told["generated_at"]),
        ("Rows", told["rows"]),
        ("SHA-256", told["sha256"]),
        (),
    ]
    for place, line in enumerate(lines):
        _line(sheet, place, line)
    _line(sheet, len(lines), ("Table", "What it holds", "Rows", "SHA-256"), bold)
    for place, one in enumerate(told["tables"], start=len(lines) + 1):
        _line(sheet, place, (one["table"], one["what"], one["rows"], one["sha256"]))
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 60)
    sheet.set_column(3, 3, 70)


def _line(
    sheet: Worksheet,
    place: int,
    values: Sequence[Any],
    style: Any = None,
    written: Callable[[str], str] = cell,
) -> None:
    behind = len(values)
    for column, value in enumerate(values):
        if value is None or value == "":
            continue
        if type(value) in _NUMBERS and abs(value) <= _WHOLE_NUMBERS:
            sheet.write_number(place, column, value, style)
            continue
        text = written(value) if isinstance(value, str) else cell(value)
        sheet.write_string(place, column, text[:LONGEST_CELL], style)
        for start in range(LONGEST_CELL, len(text), LONGEST_CELL):
            sheet.write_string(place, behind, cell(text[start : start + LONGEST_CELL]), style)
            behind += 1
