"""The page of definitions: what the figures mean, and an example counted by hand."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reports.authentication.sessions import Session
from reports.definitions.example import EVENTS, LOADS, ExampleEvent
from reports.definitions.terms import TERMS, Term
from reports.dependencies import Dependencies
from reports.shell import Shell
from reports.staff.guard import Guard


@dataclass(frozen=True)
class DefinitionsPage:
    """`definitions.html`: the meaning of each figure, and the events of the example."""

    shell: Shell
    terms: tuple[Term, ...]
    events: tuple[ExampleEvent, ...]
    loads: int
    """How often the tag was loaded in the example."""


class DefinitionsHandler:
    """Serves `/definitions`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard

    def routes(self) -> list[Route]:
        """Return the route of the page."""
        return [Route("/definitions", self._guard.page(self._page), methods=["GET"])]

    async def _page(self, _request: Request, session: Session) -> Response:
        shell = Shell("Definitions", session.email, session.csrf, tab="definitions")
        context = DefinitionsPage(shell, TERMS, EVENTS, LOADS)
        return self._deps.pages.page("reports/definitions/definitions.html", context)
