"""CSV files for spreadsheets: every cell in quotes, and none that a program takes for a formula."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

_FORMULA = "[=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b]"
"""The characters = + - @, also in their full-width and small forms."""
_SEPARATORS = ";,|\\t\\r\\n\\x0b\\x0c\\x1c-\\x1e\\x85\u2028\u2029"
_PASSED_OVER = (
    "\"' \\x00-\\x08\\x0e-\\x1b\\x1f\\x7f-\\x84\\x86-\\x9f\\xa0\u1680\u2000-\u200a\u202f\u205f"
    "\u3000\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U000e0000-\U000e0fff\u2800"
)
"""Quotes, blanks, control and format characters: what a program may skip at a cell's start.

The invisible characters are Unicode's Default_Ignorable_Code_Point, of DerivedCoreProperties.txt
(16.0); the other format characters (general category Cf) are here too, and the empty Braille cell.
"""

_BEGINS = re.compile(f"[{_PASSED_OVER}{_SEPARATORS}]*{_FORMULA}")
_BEHIND = re.compile(f"([{_SEPARATORS}])(?=[{_PASSED_OVER}]*{_FORMULA})")
_MARKED = re.compile(f"([{_SEPARATORS}])'(?=[{_PASSED_OVER}]*{_FORMULA})")

BYTE_ORDER_MARK = "\ufeff"
"""Begins the file: without it Excel does not read UTF-8."""


def as_table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the lines of a CSV file: its head, and a line for each row."""
    known = lru_cache(maxsize=4096)(_quoted)  # most texts are in many rows; it ends with the file
    yield head(columns)
    for row in rows:
        values = [row.get(name) for name in columns]
        yield ",".join([known(v) if type(v) is str else _quoted(v) for v in values]) + "\r\n"


def head(columns: Sequence[str]) -> str:
    """Return the first line of a CSV file (RFC 4180): the byte order mark and the column names."""
    return BYTE_ORDER_MARK + _line(columns)


def line(columns: Sequence[str], row: Mapping[str, Any]) -> str:
    """Return a row's line, every cell in quotes; a column that it lacks is an empty cell."""
    return _line([row.get(name) for name in columns])


def cell(value: Any) -> str:
    """Return a value as a cell's text: lists and objects become JSON, None is empty.

    An apostrophe is put before each part that a spreadsheet could take for a formula: `= + - @` at
    the start, or after a separator or a line break, where a program may split the text; blanks,
    quotes and control characters before it make no difference. `original` removes it again. After
    OWASP's page on CSV injection, which names the characters and the separators.
    """
    text = plain_cell(value)
    if text.isalnum():
        return text  # most cells are a number, a word or a hash
    text = _BEHIND.sub(r"\1'", text)
    return f"'{text}" if _BEGINS.match(text) else text


def plain_cell(value: Any) -> str:
    """Return a value as text for where there are no formulas, as in a page."""
    if value is None:
        return ""
    return msgspec.json.encode(value).decode() if isinstance(value, (list, dict)) else str(value)


def original(text: str) -> str:
    """Return the text that `cell` was called with."""
    plain = text[1:] if text.startswith("'") and _BEGINS.match(text) else text
    return _MARKED.sub(r"\1", plain)


def _line(values: Sequence[Any]) -> str:
    return ",".join(map(_quoted, values)) + "\r\n"


def _quoted(value: Any) -> str:
    doubled = cell(value).replace('"', '""')
    return f'"{doubled}"'
