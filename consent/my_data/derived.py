"""What was worked out about a person, from what, and every stored row as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from babel import Locale

from askfirst.clock import as_iso
from askfirst.columns import COLUMNS, told_value
from askfirst.store.ledger.tables import TIME_COLUMNS
from askfirst.store.personal_data import Row
from askfirst.text.spreadsheets import plain_cell

LOCAL = "local"
"""What stands for the country of an address that is of no public network."""
DERIVED = ("country", "region", "city", "device", "os", "browser", "language", "source", "channel")
"""Columns that are worked out by the server, in the order of the page."""


@dataclass(frozen=True)
class DerivedFact:
    """One thing that was worked out: the column's title, the values, and from what they come.

    `is_whole`: no value is left out.
    """

    column: str
    title: str
    values: tuple[str, ...]
    explained: str
    is_whole: bool = True


@dataclass(frozen=True)
class RawTable:
    """The rows of one table: its name in the store, and its columns that say anything."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    count: int
    """How many rows the table has of the person; fewer may be shown."""


def derived_facts(
    rows: Sequence[Row],
    fields: Mapping[str, Mapping[str, str]],
    words: Mapping[str, str],
    tag: str,
    most: int | None = None,
) -> tuple[DerivedFact, ...]:
    """Return what was worked out, each value once; `fields` are the policy's words by column.

    `most` is how many values of one column, the newest of them, None for all.
    """
    locale = Locale.parse(tag, sep="-")
    facts = []
    for name in DERIVED:
        found = list(dict.fromkeys(str(row[name]) for row in rows if row[name]))
        if found:
            shown = found if most is None else found[-most:]
            values = tuple(written(name, value, words, locale) for value in shown)
            title, text = fields[name]["title"], fields[name]["text"]
            facts.append(DerivedFact(name, title, values, text, len(shown) == len(found)))
    return tuple(facts)


def written(name: str, value: str, words: Mapping[str, str], locale: Locale) -> str:
    """Return a value in the page's language where there is a word for it, else as it is stored."""
    if name == "country":
        named = words["local_network"] if value == LOCAL else locale.territories.get(value)
        return str(named or value)
    if name == "language":
        return _language(value, locale)
    return words.get(f"{name}_{value}", value)


def _language(tag: str, locale: Locale) -> str:
    whole = locale.languages.get(tag.replace("-", "_"))
    return str(whole or locale.languages.get(tag.partition("-")[0], tag))


def raw_tables(
    rows: Mapping[str, Sequence[Row]], fields: Mapping[str, Mapping[str, str]], most: int | None
) -> tuple[RawTable, ...]:
    """Return the newest rows of every table that has any, without columns that are empty then.

    `most` is how many of one table, None for all.
    """
    return tuple(
        _raw_table(name, _newest(found, most), fields, len(found))
        for name, found in rows.items()
        if found
    )


def _newest(rows: Sequence[Row], most: int | None) -> Sequence[Row]:
    """Return the last of rows; those of each visitor id are stored oldest first."""
    if most is None or len(rows) <= most:
        return rows
    when = _when(rows[0])
    return sorted(rows, key=lambda row: row[when])[-most:] if when else rows[-most:]


def _when(row: Row) -> str:
    """Return the column that says when a row came about, '' where none does.

    Tables have it before other times, such as until when a consent holds, and never leave it out.
    """
    return next((name for name in row if name in _WHEN or name in TIME_COLUMNS), "")


def _raw_table(
    name: str, rows: Sequence[Row], fields: Mapping[str, Mapping[str, str]], count: int
) -> RawTable:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    told = [one for one in columns if any(row.get(one) not in ("", 0, None) for row in rows)]
    titles = _TITLES | {column: words["title"] for column, words in fields.items()}
    return RawTable(
        name=name,
        columns=tuple(titles.get(column, column) for column in told),
        rows=tuple(tuple(_cell(column, row.get(column)) for column in told) for row in rows),
        count=count,
    )


_WHEN = ("time", "came_on")
"""The times that are no milliseconds: that of an event, and the day of a request."""
_TITLES = {one.name: one.title for one in COLUMNS if one.title}


def _cell(column: str, value: Any) -> str:
    if isinstance(value, datetime):
        return as_iso(round(value.replace(tzinfo=UTC).timestamp() * 1000))
    if column in TIME_COLUMNS and isinstance(value, int):
        return as_iso(value)
    return plain_cell(told_value(column, value))
