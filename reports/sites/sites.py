"""The list of sites, which a server with one site skips."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.clock import DAY_MS, utc_day
from askfirst.consents import Reason
from askfirst.sites import Site
from askfirst.store.ledger.tallies import NO_SITE
from reports.authentication.sessions import Session
from reports.choices.tally import TallyRow, tally_rows
from reports.dependencies import Dependencies
from reports.shell import Shell
from reports.sites.disk_space import DiskSpace, disk_space_of
from reports.staff.guard import Guard

if TYPE_CHECKING:
    from reports.figures.today import SiteLine

TALLY_DAYS = 30


@dataclass(frozen=True)
class SitesPage:
    """`sites.html`: every site, and how the server's disk is doing."""

    shell: Shell
    sites: tuple[SiteLine, ...]
    """Every site, as a link to its overview, with its visitors of today."""
    tally: tuple[TallyRow, ...]
    """What was turned away within 30 days before it was known for which site it was meant."""
    disk_space: DiskSpace | None
    """What is free, what the stores take and which sites are at a ceiling; None if unknown."""


class SitesHandler:
    """Serves `/`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard

    def routes(self) -> list[Route]:
        """Return the route of the list."""
        return [Route("/", self._guard.page(self._page), methods=["GET"])]

    async def _page(self, request: Request, session: Session) -> Response:
        sites = self._deps.book.all()
        if len(sites) == 1 and "all" not in request.query_params:
            return RedirectResponse(f"/sites/{sites[0].key}", 303)
        context = SitesPage(
            shell=Shell("Sites", session.email, session.csrf),
            sites=await self._lines(sites),
            tally=tally_rows(await self._tally(NO_SITE, TALLY_DAYS)),
            disk_space=await self._disk_space(sites),
        )
        return self._deps.pages.page("reports/sites/sites.html", context)

    async def _lines(self, sites: Sequence[Site]) -> tuple[SiteLine, ...]:
        today = await asyncio.to_thread(import_module, "reports.figures.today")  # it imports Ibis
        lines: tuple[SiteLine, ...] = await today.site_lines(self._deps, sites)
        return lines

    async def _disk_space(self, sites: Sequence[Site]) -> DiskSpace | None:
        too_fast = 0
        for site_id in (NO_SITE, *(site.id for site in sites)):
            too_fast += (await self._tally(site_id, 1)).get(Reason.TOO_FAST, 0)
        return disk_space_of(self._deps.storage, sites, self._deps.clock(), too_fast)

    async def _tally(self, site_id: int, days: int) -> dict[str, int]:
        """Return what was turned away in the last `days` UTC days, today included, by reason."""
        now = self._deps.clock()
        first = utc_day(now - (days - 1) * DAY_MS)
        return await self._deps.tallies.read(site_id, first, utc_day(now))
