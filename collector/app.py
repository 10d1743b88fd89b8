"""What the server uses of the collector: the endpoints of events and the visitor's scripts."""

import base64
import hashlib

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from askfirst.store.ledger.api_keys import ApiKeys
from collector.api.endpoint import EventsApi
from collector.api.openapi import API_EVENTS, PATH, document
from collector.intake.endpoint import Dependencies, Intake, Sender
from collector.intake.replies import Answered, Reply
from collector.journal.journal import OnStored, encoded
from collector.tag.page_loads import Loads
from collector.tag.scripts import LOADED_PARTS, TAG_PARTS, build, script_routes

__all__ = [
    "Answered",
    "Dependencies",
    "EventsFirst",
    "Intake",
    "Loads",
    "OnStored",
    "Reply",
    "Sender",
    "api_routes",
    "encoded",
    "routes",
    "script_hashes",
]


def routes(loads: Loads) -> list[BaseRoute]:
    """Return the routes of the visitor's scripts; each response with the tag is counted."""
    return script_routes(loads.counting)


def api_routes(deps: Dependencies, keys: ApiKeys, version: str) -> list[BaseRoute]:
    """Return the routes of the server-side API, of this version of the server, and its document."""
    api = EventsApi(deps, keys)
    base = deps.settings.public_url or deps.settings.base_path or "/"

    async def openapi(_request: Request) -> Response:
        return JSONResponse(document(base, version), headers={"Access-Control-Allow-Origin": "*"})

    every = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    return [
        Route(API_EVENTS, api.answer, methods=every),
        Route(PATH, openapi, methods=["GET"]),
    ]


def script_hashes() -> dict[str, str]:
    """Return each script's SHA-256 by its path, in the form of the `integrity` attribute."""
    served = {"tag": TAG_PARTS, **LOADED_PARTS}
    return {f"/{name}.js": _integrity(build(tuple(parts)).plain) for name, parts in served.items()}


def _integrity(content: bytes) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content).digest()).decode()}"


class EventsFirst:
    """Answers `/event` without routing, whose cost every visitor would pay; passes on the rest."""

    def __init__(self, intake: Intake, others: ASGIApp) -> None:
        self._intake = intake
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to the intake or to the other application."""
        is_event = scope["type"] == "http" and scope["path"] == "/event"
        await (self._intake if is_event else self._others)(scope, receive, send)
