"""The page that adds a site, with its first policy."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.sites import Site
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.http.forms import BAD_INPUT, Form
from reports.shell import Shell
from reports.sites.form import (
    NewSite,
    SiteForm,
    as_context,
    ask_about_shared,
    first_form,
    policy_values,
    read_site,
    site_form,
)
from reports.staff.audit_log import Act
from reports.staff.guard import Guard


@dataclass(frozen=True)
class NewSitePage:
    """`new_site.html`: the form for one more site."""

    shell: Shell
    typed: SiteForm
    """What the fields hold."""
    errors: Mapping[str, str]
    """What is wrong, by the field's name; empty at first."""
    time_zones: tuple[str, ...]
    """The names of the time zones to choose from."""
    languages: Mapping[str, str]
    """The languages of the banner to choose from: their own names by their tags."""


class NewSiteHandler:
    """Serves `/sites/new`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        return [
            Route("/sites/new", self._guard.page(self._form), methods=["GET"]),
            Route("/sites/new", self._guard.action(self._add), methods=["POST"]),
        ]

    async def _form(self, request: Request, session: Session) -> Response:
        languages = self._deps.wording_editor.options().languages
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
        languages = self._deps.wording_editor.options().languages
        context = NewSitePage(shell=shell, languages=languages, **as_context(typed, errors))
        status = BAD_INPUT if errors else 200
        return self._deps.pages.page("reports/sites/new_site.html", context, status)


async def policy_errors(deps: Dependencies, site: NewSite) -> dict[str, str]:
    """Return, by field, why the first policy of a site could not be published as it was typed."""
    content = deps.default_policy(*policy_values(replace(site, privacy_url="")))
    problems = await deps.wording_editor.check(content)
    typed = {one.name for one in fields(NewSite)}
    found = {one.field: one.sentence for one in problems if one.field in typed}
    if any(one.field == "default_language" for one in problems):
        found["language"] = "Choose a language from the list."
    return found


async def add_site(deps: Dependencies, site: NewSite) -> Site:
    """Store a site with its first policy."""
    content = deps.default_policy(*policy_values(site))
    return await deps.book.add(site.name, site.hosts, site.time_zone, content, site.ip_mode)
