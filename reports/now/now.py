"""The page "Now": who is on the site this minute, on which pages, and from where."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.now.watch import MINUTES, Now, Watch
from reports.shell import Shell
from reports.staff.guard import Guard
from reports.url.kept import kept_shell


@dataclass(frozen=True)
class NowPage:
    """`now.html`: who is on the site, kept fresh by a stream where scripts run."""

    shell: Shell
    now: Now
    """Who is here."""
    minutes: int
    """The minutes that count as now."""
    events: str
    """The address of the stream."""


class NowHandler:
    """Serves `/sites/KEY/now`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._watch = Watch(deps)

    def routes(self) -> list[Route]:
        """Return the route of the page."""
        return [Route("/sites/{key}/now", self._guard.page(self._page), methods=["GET"])]

    async def _page(self, request: Request, session: Session) -> Response:
        site = self._deps.site(request)
        context = NowPage(
            shell=kept_shell(site, session, request.query_params, "Now", "now"),
            now=await self._watch.look(site),
            minutes=MINUTES,
            events=f"/sites/{site.key}/now/events",
        )
        return self._deps.pages.page("reports/now/now.html", context)
