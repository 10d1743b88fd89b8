"""The consent room's door: its routes, made from the memories that the front door hands in."""

from starlette.routing import BaseRoute, Route

from consent.endpoint import ConsentEndpoint
from consent.pages import PublicPages
from consent.parts import Parts

__all__ = ["Parts", "routes"]


def routes(parts: Parts) -> list[BaseRoute]:
    """Give the routes of the question, of the choice and of the policy."""
    endpoint = ConsentEndpoint(parts)
    public = PublicPages(parts.book, parts.pages, parts.tallies)
    return [
        Route("/consent", endpoint.choose, methods=["POST"]),
        Route("/consent/erase", endpoint.erase, methods=["POST"]),
        Route("/wording/{site}.json", public.wording),
        Route("/policy/{site}", public.policy),
    ]
