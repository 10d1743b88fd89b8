"""The page that changes a site's name, hosts and time zone; its policy stays as published."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.http.forms import BAD_INPUT, Form
from reports.http.outcome import outcome
from reports.shell import Shell
from reports.sites.form import (
    SiteForm,
    as_context,
    ask_about_shared,
    form_of,
    read_change,
    site_form,
)
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.url.kept import kept_shell

SAVED = "saved"


@dataclass(frozen=True)
class SettingsPage:
    """`settings.html`: what may change of a site."""

    shell: Shell
    typed: SiteForm
    """What the fields hold."""
    errors: Mapping[str, str]
    """What is wrong, by the field's name; empty at first."""
    time_zones: tuple[str, ...]
    """The names of the time zones to choose from."""
    saved: bool
    """Whether the settings were saved just now, which the page confirms."""


class SettingsHandler:
    """Serves `/sites/KEY/settings`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard

    def routes(self) -> list[Route]:
        """Return the routes of the settings."""
        path = "/sites/{key}/settings"
        return [
            Route(path, self._guard.page(self._form), methods=["GET"]),
            Route(path, self._guard.action(self._save), methods=["POST"]),
        ]

    async def _form(self, request: Request, session: Session) -> Response:
        site = self._deps.site(request)
        saved = bool(outcome(request, SAVED))
        return self._shown(request, session, form_of(site), {}, saved)

    async def _save(self, request: Request, session: Session, form: Form) -> Response:
        site, typed = self._deps.site(request), site_form(form)
        wanted, errors = await asyncio.to_thread(read_change, typed)
        added = [host for host in wanted.hosts if host not in site.hosts]
        others = [one for one in self._deps.book.all() if one.key != site.key]
        typed, shared = ask_about_shared(typed, added, others)
        errors |= shared
        if errors:
            return self._shown(request, session, typed, errors, saved=False)
        await self._deps.book.change(site, wanted.name, wanted.hosts, wanted.time_zone)
        await self._guard.note_done(request, Act.SITE_CHANGED, session.email, site.key)
        return RedirectResponse(f"/sites/{site.key}/settings?{SAVED}", 303)

    def _shown(
        self,
        request: Request,
        session: Session,
        typed: SiteForm,
        errors: dict[str, str],
        saved: bool,
    ) -> Response:
        site = self._deps.site(request)
        context = SettingsPage(
            shell=kept_shell(site, session, request.query_params, "Settings", "settings"),
            saved=saved,
            **as_context(typed, errors),
        )
        status = BAD_INPUT if errors else 200
        return self._deps.pages.page("reports/sites/settings.html", context, status)
