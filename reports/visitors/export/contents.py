"""What a visitor's file holds: every row and column of every table, and the manifest of it.

Every time in it is written in ISO 8601 and UTC, with a Z. An amount of money is written as such,
and not in the thousandths that are stored. Each format is made from `Contents` and has all of it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from askfirst.clock import as_iso
from askfirst.columns import told_value
from askfirst.sites import Site
from askfirst.store.ledger.tables import TIME_COLUMNS
from askfirst.store.personal_data import Row
from reports.visitors.data_holders import HOLDERS

Rows = Mapping[str, Sequence[Row]]


@dataclass(frozen=True)
class HeldTable:
    """All rows that one table holds of the visitor; `what` says in words what they are.

    `sha256` is that of the rows as compact JSON in UTF-8: a list of objects, without blanks.
    """

    name: str
    what: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    sha256: str


@dataclass(frozen=True)
class Contents:
    """What a visitor's file holds; `sha256` is that of all tables as one compact JSON object."""

    site: Site
    visitor_id: str
    generated_at: str
    tables: tuple[HeldTable, ...]
    sha256: str


def contents_of(site: Site, visitor_id: str, rows: Rows, now: int) -> Contents:
    """Collect every table of `rows`, also those without a row, as they are written."""
    tables = tuple(_table(name, found) for name, found in rows.items())
    whole = _sha256({one.name: one.rows for one in tables})
    return Contents(site, visitor_id, as_iso(now), tables, whole)


def manifest_of(contents: Contents) -> dict[str, Any]:
    """Return what each file lists: how many rows each table has, and the SHA-256 of the contents.

    The sums are those of the JSON file: `sha256` of its `places`, each table's of its list there.
    """
    return {
        "generated_at": contents.generated_at,
        "site": {
            "key": contents.site.key,
            "name": contents.site.name,
            "hosts": contents.site.hosts,
        },
        "visitor_id": contents.visitor_id,
        "rows": sum(len(one.rows) for one in contents.tables),
        "sha256": contents.sha256,
        "tables": [
            {"table": one.name, "what": one.what, "rows": len(one.rows), "sha256": one.sha256}
            for one in contents.tables
        ],
    }


def file_name(visitor_id: str, now: int, ending: str) -> str:
    """Name the file: `visitor-ID-2026-01-31.json`. `visitor_id` is checked hexadecimal."""
    return f"visitor-{visitor_id}-{as_iso(now)[:10]}.{ending}"


def _table(name: str, found: Sequence[Row]) -> HeldTable:
    rows = tuple(
        {column: _written(column, value) for column, value in one.items()} for one in found
    )
    columns = tuple(dict.fromkeys(column for row in rows for column in row))
    return HeldTable(name, HOLDERS.get(name, name), columns, rows, _sha256(rows))


def _sha256(value: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(value)).hexdigest()


def _written(name: str, value: Any) -> Any:
    # The ledger stores times as milliseconds since the epoch; people read dates.
    if name in TIME_COLUMNS and isinstance(value, int):
        return as_iso(value)
    return told_value(name, _value(value))


_PLAIN = (str, int, float, bool, type(None))


def _value(value: Any) -> Any:
    if type(value) in _PLAIN:
        return value
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    if isinstance(value, bytes):
        return value.hex()
    return value.item() if hasattr(value, "item") else value
