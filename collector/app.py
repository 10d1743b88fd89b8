"""What the server uses of the collector: the events' endpoint and the visitor's scripts."""

import base64
import hashlib

from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from collector.intake.endpoint import Dependencies, Intake
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
    "encoded",
    "routes",
    "script_hashes",
]


def routes(loads: Loads) -> list[BaseRoute]:
    """Return the routes of the visitor's scripts; each response with the tag is counted."""
    return script_routes(loads.counting)


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
