"""The OpenAPI document of the endpoints that take events, made of the types that decode them.

https://spec.openapis.org/oas/v3.1.1. What a type cannot say (patterns, fields that go together) is
added here by the names of the fields; a name that is gone is an error when the document is made.
"""

import inspect
from functools import lru_cache
from typing import Any

import msgspec

from collector.api.payload import ApiPayload, ErrorAnswer, Recorded
from collector.intake.payload import WirePayload

PATH, API_EVENTS, EVENT = "/api/v1/openapi.json", "/api/v1/events", "/event"

_PAGE = r"^https?://[A-Za-z0-9.-]{1,200}(:[1-9][0-9]{0,3})?([/?#][!-~]*)?$"
_OPTIONAL_ADDRESS = {
    "pattern": r"^([a-z][a-z0-9+.-]*:[!-~]*|([a-z0-9-]{1,63}\.){1,4}[a-z]{2,63}(/[!-~]*)?)?$"
}
_SCREEN = {"pattern": r"^([1-9][0-9]{0,4}x[1-9][0-9]{0,4})?$"}
_ADDED: dict[str, dict[str, dict[str, Any]]] = {
    "*": {"id": {"pattern": "^[A-Za-z0-9_-]{22}$"}, "url": {"pattern": _PAGE}},
    "PageView": {"referrer": _OPTIONAL_ADDRESS, "canonical": {"pattern": rf"^$|{_PAGE}"}},
    "LinkClick": {"referrer": _OPTIONAL_ADDRESS},
    "CustomEvent": {
        "amount": {"minimum": -(10**12), "maximum": 10**12},
        "currency": {"pattern": "^[A-Z]{3}$"},
        "props": {"description": "At most 4,096 bytes as JSON."},
    },
    "Engagement": {"scroll": {"description": "At least scroll_from."}},
    "ApiPayload": {
        "screen": _SCREEN,
        "ip": {"anyOf": [{"const": ""}, {"format": "ipv4"}, {"format": "ipv6"}]},
    },
    "WirePayload": {"screen": _SCREEN},
}
"""What is added to fields, by type and name; `*` is every event.

Patterns are a little narrower than what is taken: a host may also be an address in brackets.
"""
_TOGETHER: dict[str, dict[str, Any]] = {
    "WebVitals": {
        "anyOf": [{"required": [one]} for one in ("lcp_ms", "inp_ms", "cls", "ttfb_ms")],
    },
    "CustomEvent": {"dependentRequired": {"amount": ["currency"], "currency": ["amount"]}},
    "LinkClick": {
        "anyOf": [
            {
                "properties": {
                    "link_kind": {"enum": ["internal", "outbound", "download"]},
                    "link_url": {"pattern": _PAGE},
                }
            },
            {
                "properties": {
                    "link_kind": {"enum": ["mail", "telephone"]},
                    "link_url": {"pattern": r"^(mailto|tel):[!-\"$->@-~]*$"},
                }
            },
        ]
    },
}
_STATUSES = {
    "400": "The body is not what the contract says; `field` names the place.",
    "401": "There is no such key, or it was revoked.",
    "403": "The consent, the page's host or a key that is off do not allow it: see the code.",
    "405": "Events are sent by POST.",
    "413": "The body is longer than the limit.",
    "429": "There were more events than the limits allow; wait for `Retry-After`.",
    "500": "A fault of the server.",
    "503": "It could not be made durable and nothing was stored; send it again.",
}


@lru_cache(maxsize=1)
def document(server: str, version: str) -> dict[str, Any]:
    """Return the document; `server` is the address of this server, `version` its version."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Askfirst: events",
            "version": version,
            "description": "Events of visitors who said yes, from a backend or from a browser.",
        },
        "servers": [{"url": server}],
        "paths": {
            API_EVENTS: {"post": _operation("Record events from a backend", "ApiPayload")},
            EVENT: {"post": _operation("Record events from a browser", "WirePayload")},
        },
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(summary: str, body: str) -> dict[str, Any]:
    of_backend = body == "ApiPayload"
    statuses = {code: text for code, text in _STATUSES.items() if of_backend or code != "401"}
    operation = {
        "summary": summary,
        "operationId": "recordEvents" if of_backend else "sendEvents",
        "requestBody": {"required": True, "content": _json(body)},
        "responses": {
            "202": {"description": "The events are on disk.", "content": _json("Recorded")},
            **{
                code: {"description": text, "content": _json("ErrorAnswer"), **_headers(code)}
                for code, text in statuses.items()
            },
        },
    }
    return {**operation, "security": [{"key": []}] if of_backend else []}


def _headers(status: str) -> dict[str, Any]:
    if status not in ("429", "503"):
        return {}
    whole = {"type": "integer", "minimum": 1}
    return {"headers": {"Retry-After": {"description": "Seconds.", "schema": whole}}}


def _json(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _schemas() -> dict[str, Any]:
    types = (ApiPayload, WirePayload, Recorded, ErrorAnswer)
    template = "#/components/schemas/{name}"
    _, schemas = msgspec.json.schema_components(types, ref_template=template)
    for name, schema in schemas.items():
        schema["description"] = inspect.cleandoc(schema.get("description", "")).replace("\n", " ")
        found = schema["properties"]
        for field, more in {
            **_ADDED.get(name, {}),
            **(_ADDED["*"] if "kind" in found else {}),
        }.items():
            found[field] = _without_null(found[field]) | more
        schema["properties"] = {field: _without_null(one) for field, one in found.items()}
        schema.update(_TOGETHER.get(name, {}))
    return schemas


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a field that is left out where there is nothing: null is taken, but not needed."""
    kinds = schema.get("anyOf", [])
    if {"type": "null"} not in kinds:
        return schema
    return next(one for one in kinds if one != {"type": "null"})
