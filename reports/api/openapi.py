"""The OpenAPI document of the API of reports, made of the registry.

https://spec.openapis.org/oas/v3.1.1.
"""

from functools import lru_cache
from importlib.metadata import version
from typing import Any

from askfirst.store.warehouse.filters.conditions import ON
from reports.files.formats import FORMATS
from reports.tables.registry import REPORTS
from reports.tables.table import Field, Kind, Option, Report
from reports.url.periods import GRAINS, PERIODS

DOCUMENT = "/api/v1/reports/openapi.json"
LIST = "/api/v1/sites/{key}/reports"

_TYPES: dict[Kind, dict[str, Any]] = {
    "text": {"type": ["string", "null"]},
    "whole": {"type": ["integer", "null"]},
    "number": {"type": ["number", "null"]},
    "day": {"type": ["string", "null"], "format": "date"},
    "moment": {"type": ["string", "null"], "format": "date-time"},
}
_STATUSES = {
    "400": "The request is not what the contract says; `field` names the place.",
    "401": "There is no such key for reading reports, or it was revoked.",
    "403": "The key is switched off.",
    "404": "The key is of another site, or there is no such report.",
    "405": "Reports are read by GET.",
    "429": "There were more requests than the limits allow; wait for `Retry-After`.",
    "500": "A fault of the server.",
    "503": "The warehouse is not there just now; ask again after `Retry-After`.",
}
_DAY = {"type": "string", "format": "date"}
_KEY = {"name": "key", "in": "path", "required": True, "schema": {"type": "string"}}


@lru_cache(maxsize=1)
def document(server: str) -> dict[str, Any]:
    """Return the document; `server` is the address of this server."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Askfirst: reports",
            "version": version("askfirst"),
            "description": "The reports of a site as JSON or as files. None names a visitor.",
        },
        "servers": [{"url": server}],
        "paths": {
            LIST: {"get": _operation("listReports", "List the reports", "Reports", [])},
            **{f"{LIST}/{name}": {"get": _of(one)} for name, one in REPORTS.items()},
        },
        "components": {
            "schemas": {
                "Error": _error(),
                "Reports": _reports(),
                **{_schema_name(one): _answer(one) for one in REPORTS.values()},
            },
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"key": []}],
    }


def _of(report: Report) -> dict[str, Any]:
    name = "read" + _schema_name(report)
    return _operation(name, report.title, _schema_name(report), _parameters(report), files=True)


def _operation(
    name: str, summary: str, schema: str, parameters: list[dict[str, Any]], files: bool = False
) -> dict[str, Any]:
    others: dict[str, Any] = {
        one: {} for _, one, _ in FORMATS.values() if one != "application/json"
    }
    content = {**_content(schema), **(others if files else {})}
    rows = {"schema": {"type": "integer", "minimum": 0}, "description": "Rows of a file."}
    headers = {"headers": {"Askfirst-Rows": rows}} if files else {}
    refusals = {
        status: {"description": text, "content": _content("Error"), **_headers(status)}
        for status, text in _STATUSES.items()
    }
    return {
        "operationId": name,
        "summary": summary,
        "parameters": [_KEY, *parameters],
        "responses": {
            "200": {"description": "The answer.", "content": content, **headers},
            **refusals,
        },
    }


def _parameters(report: Report) -> list[dict[str, Any]]:
    names = [one.name for one in report.fields]
    conditions = {
        "where": ({"type": "string", "maxLength": 16_000}, "Conditions, `country,is,DE`."),
        "on": ({"enum": list(ON)}, "What conditions are on."),
    }
    told = {
        "period": ({"enum": list(PERIODS)}, "Which days; `custom` takes `from` and `to`."),
        "from": (_DAY, "The first day, of `custom`."),
        "to": (_DAY, "The last day, of `custom`."),
        "by": ({"enum": list(GRAINS)}, "The steps of time."),
        **(conditions if report.takes_conditions else {}),
        **{one.name: (_schema_of(one), one.about) for one in report.options},
        "sort": (
            {"enum": [*names, *(f"-{one}" for one in names)]},
            "A field; - the largest first.",
        ),
        "limit": ({"type": "integer", "minimum": 1, "maximum": 10_000}, "How many rows."),
        "offset": ({"type": "integer", "minimum": 0, "maximum": 10**9}, "How many to pass over."),
        "format": ({"enum": list(FORMATS)}, "JSON, or a file of every row."),
    }
    return [
        {"name": name, "in": "query", "schema": schema, "description": about}
        for name, (schema, about) in told.items()
    ]


def _schema_of(one: Option) -> dict[str, Any]:
    return (
        {"enum": list(one.values)} if one.values else {"type": "string", "maxLength": one.longest}
    )


def _answer(report: Report) -> dict[str, Any]:
    row = {one.name: _schema_of_field(one) for one in report.fields}
    rows = _object(row)
    rows["properties"] |= {one.name: _schema_of_field(one) for one in report.compared}
    whole = {"type": "integer", "minimum": 0}
    told: dict[str, dict[str, Any]] = {
        "report": {"const": report.name},
        "site": {"type": "string"},
        "from": _DAY,
        "to": _DAY,
        "time_zone": {"type": "string"},
        "generated_at": {"type": "string", "format": "date-time"},
        "limit": whole,
        "offset": whole,
        "more": {"type": "boolean", "description": "Whether there are rows after these."},
        "rows": {"type": "array", "items": rows},
    }
    found = _object(told)
    options = {one.name: {"type": "string"} for one in report.options}
    where = {"where": {"type": "string"}, "on": {"const": "events"}}
    found["properties"] = {**options, **where, **told}
    return {**found, "description": report.about}


def _schema_of_field(one: Field) -> dict[str, Any]:
    return {**_TYPES[one.kind], "description": one.about}


def _reports() -> dict[str, Any]:
    text = {"type": "string"}
    field = _object({"name": text, "kind": {"enum": list(_TYPES)}, "about": text})
    report = {
        "name": text,
        "title": text,
        "about": text,
        "takes_conditions": {"type": "boolean"},
        "options": {"type": "array", "items": text},
        "fields": {"type": "array", "items": field},
        "compared": {"type": "array", "items": text},
    }
    return _object({"site": text, "reports": {"type": "array", "items": _object(report)}})


def _error() -> dict[str, Any]:
    text = {"type": "string"}
    error = _object({"code": text, "message": text})
    error["properties"]["field"] = text
    return _object({"error": error})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _headers(status: str) -> dict[str, Any]:
    if status not in ("429", "503"):
        return {}
    whole = {"type": "integer", "minimum": 1}
    return {"headers": {"Retry-After": {"description": "Seconds.", "schema": whole}}}


def _content(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _schema_name(report: Report) -> str:
    return "".join(one.capitalize() for one in report.name.split("-"))
