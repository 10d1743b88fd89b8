"""The JSON Schema of a visitor's data: every table with its columns, their types and meanings.

After JSON Schema 2020-12: https://json-schema.org/draft/2020-12
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from askfirst.columns import COLUMNS
from askfirst.store.personal_data import Row
from reports.visitors.export.contents import Contents, HeldTable

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MEANINGS = {one.name: (one.title, one.text) for one in COLUMNS if one.title}
_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (tuple, "array"),
    (dict, "object"),
    (type(None), "null"),
)


def schema_file(contents: Contents) -> bytes:
    """Write the schema that `data.json` of these contents is valid by."""
    return msgspec.json.format(msgspec.json.encode(_schema(contents)), indent=2) + b"\n"


def _schema(contents: Contents) -> dict[str, Any]:
    text = {"type": "string"}
    places = {one.name: _table(one) for one in contents.tables}
    return {
        "$schema": _DIALECT,
        "title": "Everything that is stored of one visitor",
        "type": "object",
        "required": ["generated_at", "site", "visitor_id", "manifest", "places"],
        "properties": {
            "generated_at": {**text, "format": "date-time"},
            "site": {"type": "object"},
            "visitor_id": text,
            "manifest": {"type": "object", "description": "Numbers of rows, and SHA-256 sums."},
            "places": {"type": "object", "required": [*places], "properties": places},
        },
    }


def _table(table: HeldTable) -> dict[str, Any]:
    columns = {name: _column(name, table.rows) for name in table.columns}
    rows = {"type": "object", "properties": columns, "additionalProperties": False}
    return {"type": "array", "description": table.what, "items": rows}


def _column(name: str, rows: Sequence[Row]) -> dict[str, Any]:
    kinds = {type(row[name]) for row in rows if name in row}
    found = {_type(kind) for kind in kinds}
    told: dict[str, Any] = {"type": sorted(found)}
    if meaning := _MEANINGS.get(name):
        told |= {"title": meaning[0], "description": meaning[1]}
    return told


def _type(found: type) -> str:
    return next(name for kind, name in _TYPES if issubclass(found, kind))
