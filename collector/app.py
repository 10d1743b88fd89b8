"""The collector's door: its routes, made from the memories that the front door hands in."""

from starlette.routing import BaseRoute, Route

from collector.intake import Intake, Parts
from collector.tag import BANNER_PARTS, TAG_PARTS, Script


def routes(parts: Parts) -> list[BaseRoute]:
    """Give the routes of the tag and of the events."""
    return [
        Route("/event", Intake(parts), methods=["POST"]),
        Route("/tag.js", Script(TAG_PARTS).__call__),
        Route("/banner.js", Script(BANNER_PARTS).__call__),
    ]
