"""The pages about sites: the list, a new one, the snippet and the wait for the first visit."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from askfirst.clock import DAY_MS, utc_day
from askfirst.consents import Reason
from askfirst.proxy_diagnosis import Wrong, wrong_with
from askfirst.sites import Site
from askfirst.store.ledger.tallies import NO_SITE
from reports.authentication.sessions import Session
from reports.choices.tally import ACCEPTED, TallyRow, tally_rows
from reports.dependencies import Dependencies
from reports.http.forms import BAD_INPUT, Form
from reports.questions.span import span
from reports.shell import Shell
from reports.sites.disk_space import Room, room
from reports.sites.form import (
    SiteForm,
    as_context,
    ask_about_shared,
    first_form,
    read_site,
    site_form,
)
from reports.sites.setup import add_site, policy_errors
from reports.sites.snippet import Snippet, snippet
from reports.staff.audit_log import Act
from reports.staff.guard import Guard

TALLY_DAYS = 30
INSTALL_DAYS = 7
_FIRST_DAY = utc_day(0)


@dataclass(frozen=True)
class NewSitePage:
    """`new_site.html`: one more site."""

    shell: Shell
    typed: SiteForm
    errors: Mapping[str, str]
    time_zones: tuple[str, ...]
    languages: Mapping[str, str]


@dataclass(frozen=True)
class SitesPage:
    """`sites.html`: every site, what was turned away before a site could be told, and the room."""

    shell: Shell
    sites: tuple[Site, ...]
    tally: tuple[TallyRow, ...]
    room: Room | None


@dataclass(frozen=True)
class InstallPage:
    """`install.html`: the lines to paste, and whether the first visit has come.

    `turned_away` is how many requests of the last `days` came from a host that is not listed;
    `wrong` is what the way of this very request shows to be set up wrongly.
    """

    shell: Shell
    site: Site
    snippet: Snippet
    recording: bool
    turned_away: int
    days: int
    wrong: tuple[Wrong, ...]


class SitesPages:
    """Serves `/`, `/sites/new` and `/sites/KEY/install`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard

    def routes(self) -> list[Route]:
        """Return the routes of these pages."""
        page, action = self._guard.page, self._guard.action
        return [
            Route("/", page(self._list), methods=["GET"]),
            Route("/sites/new", page(self._new), methods=["GET"]),
            Route("/sites/new", action(self._add), methods=["POST"]),
            Route("/sites/{key}/install", page(self._install), methods=["GET"]),
            Route("/sites/{key}/install/state", page(self._state), methods=["GET"]),
        ]

    async def _list(self, request: Request, session: Session) -> Response:
        sites = self._deps.book.all()
        if len(sites) == 1 and "all" not in request.query_params:
            return RedirectResponse(f"/sites/{sites[0].key}", 303)
        context = SitesPage(
            shell=Shell("Sites", session.email, session.csrf),
            sites=tuple(sites),
            tally=tally_rows(await self._tally(NO_SITE, self._days_ago(TALLY_DAYS))),
            room=await self._room(sites),
        )
        return self._deps.pages.page("reports/sites/sites.html", context)

    async def _room(self, sites: Sequence[Site]) -> Room | None:
        today = self._days_ago(0)
        too_fast = 0
        for site_id in (NO_SITE, *(site.id for site in sites)):
            too_fast += (await self._tally(site_id, today)).get(Reason.TOO_FAST, 0)
        return room(self._deps.storage, sites, self._deps.clock(), too_fast)

    async def _new(self, request: Request, session: Session) -> Response:
        languages = self._deps.editing.shelf().languages
        return self._shown(session, first_form(request, languages), {})

    async def _add(self, request: Request, session: Session, form: Form) -> Response:
        typed = site_form(form)
        site, errors = await asyncio.to_thread(read_site, typed)
        typed, shared = ask_about_shared(typed, site.hosts, self._deps.book.all())
        errors = await policy_errors(self._deps, site) | errors | shared
        if errors:
            return self._shown(session, typed, errors)
        added = await add_site(self._deps, site)
        await self._guard.note_done(request, Act.SITE_ADDED, session.email, added.key)
        return RedirectResponse(f"/sites/{added.key}/install", 303)

    def _shown(self, session: Session, typed: SiteForm, errors: dict[str, str]) -> Response:
        shell = Shell("Add a site", session.email, session.csrf)
        languages = self._deps.editing.shelf().languages
        context = NewSitePage(shell=shell, languages=languages, **as_context(typed, errors))
        status = BAD_INPUT if errors else 200
        return self._deps.pages.page("reports/sites/new_site.html", context, status)

    async def _install(self, request: Request, session: Session) -> Response:
        site = self._deps.book.get(request.path_params["key"])
        language = request.query_params.get("language", "")
        context = InstallPage(
            shell=Shell("Install", session.email, session.csrf, site.key, site.name, "install"),
            site=site,
            snippet=await snippet(self._deps.book, site, self._base(request), language),
            recording=await self._is_recording(site),
            turned_away=await self._turned_away(site),
            days=INSTALL_DAYS,
            wrong=wrong_with(request.scope, self._deps.settings),
        )
        return self._deps.pages.page("reports/sites/install.html", context)

    async def _state(self, request: Request, _session: Session) -> Response:
        site = self._deps.book.get(request.path_params["key"])
        recording, turned_away = await self._is_recording(site), await self._turned_away(site)
        return JSONResponse({"recording": recording, "turned_away": turned_away})

    async def _is_recording(self, site: Site) -> bool:
        # An erasure may empty the warehouse again; that the tag works is still so.
        if (await self._tally(site.id, _FIRST_DAY)).get(ACCEPTED):
            return True
        frame = await asyncio.to_thread(self._deps.warehouse.ask, span, site.id)
        return int(frame["events"].iloc[0]) > 0

    async def _turned_away(self, site: Site) -> int:
        tally = await self._tally(site.id, self._days_ago(INSTALL_DAYS))
        return tally.get(Reason.BAD_ORIGIN, 0)

    def _days_ago(self, days: int) -> str:
        return utc_day(self._deps.clock() - days * DAY_MS)

    async def _tally(self, site_id: int, first_day: str) -> dict[str, int]:
        return await self._deps.tallies.read(site_id, first_day, utc_day(self._deps.clock()))

    def _base(self, request: Request) -> str:
        return self._deps.settings.public_url or str(request.base_url).rstrip("/")
