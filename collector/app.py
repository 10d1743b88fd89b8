"""The collector's door: the endpoint of the events, and the routes of the visitor's scripts."""

from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from collector.intake import Intake, Parts
from collector.loads import Loads
from collector.tag import BANNER_PARTS, TAG_PARTS, Script

__all__ = ["EventsFirst", "Loads", "Parts", "routes"]


def routes(loads: Loads) -> list[BaseRoute]:
    """Give the routes of the visitor's scripts; each time the tag is served it is counted."""
    return [
        Route("/tag.js", loads.counting(Script(TAG_PARTS))),
        Route("/banner.js", Script(BANNER_PARTS).__call__),
    ]


class EventsFirst:
    """Takes `/event` before any routing, whose cost every visitor would pay; passes on the rest."""

    def __init__(self, parts: Parts, others: ASGIApp) -> None:
        self._intake = Intake(parts)
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to the intake or to the others."""
        ours = scope["type"] == "http" and scope["path"] == "/event"
        await (self._intake if ours else self._others)(scope, receive, send)
