"""The page with the lines to paste into a site, which waits for the first visit."""

import asyncio
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from askfirst.clock import DAY_MS, utc_day
from askfirst.consents import Reason
from askfirst.proxy_diagnosis import Wrong, wrong_with
from askfirst.sites import Site
from reports.authentication.sessions import Session
from reports.choices.tally import ACCEPTED
from reports.dependencies import Dependencies
from reports.questions.span import span
from reports.shell import Shell
from reports.sites.snippet import Snippet, snippet
from reports.staff.guard import Guard
from reports.url.kept import kept_shell

TURNED_AWAY_DAYS = 7
_FIRST_DAY = utc_day(0)


@dataclass(frozen=True)
class InstallPage:
    """`install.html`: the lines to paste, and whether the first visit has come."""

    shell: Shell
    site: Site
    """The site, whose name and hosts the page says."""
    snippet: Snippet
    """The lines to paste, and the languages to choose from."""
    recording: bool
    """Whether a visit was ever recorded; until then the page reloads itself."""
    turned_away: int
    """How many requests of the last `days` came from a host that is not listed."""
    days: int
    """The number of days that `turned_away` covers."""
    wrong: tuple[Wrong, ...]
    """What the path of this very request shows to be set up wrongly, such as a proxy's headers."""


class InstallHandler:
    """Serves `/sites/KEY/install` and the state that its script asks for."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        page, path = self._guard.page, "/sites/{key}/install"
        return [
            Route(path, page(self._page), methods=["GET"]),
            Route(f"{path}/state", page(self._state), methods=["GET"]),
        ]

    async def _page(self, request: Request, session: Session) -> Response:
        site = self._deps.site(request)
        language = request.query_params.get("language", "")
        context = InstallPage(
            shell=kept_shell(site, session, request.query_params, "Install", "install"),
            site=site,
            snippet=await snippet(self._deps.book, site, self._base(request), language),
            recording=await self._is_recording(site),
            turned_away=await self._turned_away(site),
            days=TURNED_AWAY_DAYS,
            wrong=wrong_with(request.scope, self._deps.settings),
        )
        return self._deps.pages.page("reports/sites/install.html", context)

    async def _state(self, request: Request, _session: Session) -> Response:
        site = self._deps.site(request)
        recording, turned_away = await self._is_recording(site), await self._turned_away(site)
        return JSONResponse({"recording": recording, "turned_away": turned_away})

    async def _is_recording(self, site: Site) -> bool:
        # An erasure may empty the warehouse again, and yet the tag works.
        if (await self._tally(site, _FIRST_DAY)).get(ACCEPTED):
            return True
        frame = await asyncio.to_thread(self._deps.warehouse.ask, span, site.id)
        return int(frame["events"].iloc[0]) > 0

    async def _turned_away(self, site: Site) -> int:
        first_day = utc_day(self._deps.clock() - (TURNED_AWAY_DAYS - 1) * DAY_MS)
        return (await self._tally(site, first_day)).get(Reason.BAD_ORIGIN, 0)

    async def _tally(self, site: Site, first_day: str) -> dict[str, int]:
        return await self._deps.tallies.read(site.id, first_day, utc_day(self._deps.clock()))

    def _base(self, request: Request) -> str:
        return self._deps.settings.public_url or str(request.base_url).rstrip("/")
