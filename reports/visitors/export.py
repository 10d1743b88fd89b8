"""A visitor's file: every row and column of every table that holds data of them, JSON or CSV.

Every time in it is written in ISO 8601 and UTC, with a Z. An amount of money is written as such,
and not in the thousandths that are stored.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from askfirst.clock import as_iso
from askfirst.sites import Site
from askfirst.store.personal_data import Row
from askfirst.text.spreadsheets import as_table
from reports.formatting.measures import THOUSANDTHS

PLACE = "place"
TIMES = frozenset(
    {
        "event_time",
        "valid_until",
        "withdrawn_at",
        "linked_at",
        "disclosed_at",
        "requested_at",
        "completed_at",
        "bytes_gone_at",
    }
)
Rows = Mapping[str, Sequence[Row]]


def as_json(site: Site, visitor_id: str, rows: Rows, now: int) -> bytes:
    """Write everything as one JSON object: generated_at, site, visitor_id and places."""
    file = {
        "generated_at": as_iso(now),
        "site": {"key": site.key, "name": site.name, "hosts": site.hosts},
        "visitor_id": visitor_id,
        "places": {place: [_plain(row) for row in found] for place, found in rows.items()},
    }
    return msgspec.json.format(msgspec.json.encode(file), indent=2) + b"\n"


def as_csv(rows: Rows) -> bytes:
    """Write everything as one table: the column `place`, then every column of any table.

    Cells are written as `askfirst.text.spreadsheets` does.
    """
    found = [{PLACE: place, **_plain(row)} for place, some in rows.items() for row in some]
    columns = list(dict.fromkeys(name for row in found for name in row)) or [PLACE]
    return "".join(as_table(columns, found)).encode()


def file_name(visitor_id: str, now: int, ending: str) -> str:
    """Name the file: `visitor-ID-2026-01-31.json`. `visitor_id` is checked hexadecimal."""
    return f"visitor-{visitor_id}-{as_iso(now)[:10]}.{ending}"


def _plain(row: Row) -> dict[str, Any]:
    return {name: _written(name, value) for name, value in row.items()}


def _written(name: str, value: Any) -> Any:
    # The ledger stores times as milliseconds since the epoch; people read dates.
    if name in TIMES and isinstance(value, int):
        return as_iso(value)
    plain = _value(value)
    return plain / 1000 if name in THOUSANDTHS and plain else plain


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    if isinstance(value, bytes):
        return value.hex()
    return value.item() if hasattr(value, "item") else value
