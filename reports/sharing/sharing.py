"""The page about a site's share links: one is made, its address shown once, and revoked."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.clock import as_datetime
from askfirst.sites import Site
from askfirst.store.ledger.goals import Deed, Goal
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.filters.bar import sentences
from reports.formatting.dates import local
from reports.http.forms import BAD_INPUT, Form
from reports.http.outcome import outcome
from reports.http.row_numbers import number_in
from reports.saved.segments import SavedSegment, SavedSegments
from reports.saved.share_links import MOST_LINKS, Draft, ShareLink, ShareLinks
from reports.sharing.link_form import TypedLink, expiry_of, faults_of, typed_link
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.url.goal_conditions import goals_in, why_not
from reports.url.kept import kept_shell
from reports.url.report_query import ReportQuery

TOO_MANY = f"A site has at most {MOST_LINKS} share links. Revoke one first."
CHANGED = (
    "The segment was changed since; the link keeps the conditions that it was made with. Make a new"
    " one for the new conditions, and revoke this."
)
GONE = "The segment was deleted since; the link keeps the conditions that it was made with."
OTHER_GOAL = (
    "A goal of its conditions was changed or deleted since; the link asks for what the goal was"
    " when it was made."
)
UNCOVERED = "The site’s policy no longer covers these conditions, so the link shows nothing now."


@dataclass(frozen=True)
class LinkRow:
    """A share link in words."""

    link: ShareLink
    sentences: tuple[str, ...]
    """The conditions that it was made with."""
    warning: str
    """What became of its segment, or ''."""


@dataclass(frozen=True)
class SharingPage:
    """`sharing.html`: the share links of a site, and the form for a new one."""

    shell: Shell
    links: tuple[LinkRow, ...]
    """The links that still open, the newest first."""
    segments: tuple[SavedSegment, ...]
    """The segments that a link can be limited to."""
    typed: TypedLink
    """What the form holds."""
    errors: Mapping[str, str]
    """What is wrong, by the field's name; empty at first."""
    address: str
    """The address of the link that was made just now, which is shown this once, or ''."""
    embeds: bool
    """Whether that link can be shown by other sites."""
    revoked: bool
    """Whether a link was revoked just now."""
    zone: str
    """The site's time zone."""


class SharingHandler:
    """Serves `/sites/KEY/sharing` and its forms."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._links = ShareLinks(deps.ledger, deps.clock)
        self._segments = SavedSegments(deps.ledger, deps.clock)
        self._query = ReportQuery(deps)

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        path, action = "/sites/{key}/sharing", self._guard.action
        return [
            Route(path, self._guard.page(self._page), methods=["GET"]),
            Route(path, action(self._make), methods=["POST"]),
            Route(f"{path}/revoke", action(self._revoke), methods=["POST"]),
        ]

    async def _page(self, request: Request, session: Session) -> Response:
        return await self._shown(request, session, TypedLink())

    async def _make(self, request: Request, session: Session, form: Form) -> Response:
        site = self._deps.site(request)
        typed = typed_link(form, await self._choices(site))
        today = local(as_datetime(self._deps.clock()), site.time_zone).date()
        errors = await asyncio.to_thread(faults_of, typed, form.get("segment", ""), today)
        if errors:
            return await self._shown(request, session, typed, errors)
        draft = Draft(
            name=typed.name,
            segment=typed.segment,
            goals=await self._goals_in(site, typed.segment),
            password_hash=await self._hashed(typed.password),
            embedded_in=typed.embedded_in,
            expires_at=expiry_of(typed.until, today, site.time_zone),
            files=typed.files,
        )
        async with self._deps.ledger.write() as connection:
            secret = await self._links.make(connection, site.id, draft, session.email)
            if secret:
                done = Act.SHARE_LINK_MADE
                await self._guard.note(request, done, session.email, site.key, connection)
        if secret is None:
            return await self._shown(request, session, typed, {"name": TOO_MANY})
        return await self._shown(
            request, session, TypedLink(), secret=secret, embeds=bool(typed.embedded_in)
        )

    async def _hashed(self, password: str) -> str:
        return await self._guard.accounts.hash(password) if password else ""

    async def _revoke(self, request: Request, session: Session, form: Form) -> Response:
        site, number = self._deps.site(request), number_in(form)
        async with self._deps.ledger.write() as connection:
            if await self._links.revoke(connection, site.id, number):
                done = Act.SHARE_LINK_REVOKED
                await self._guard.note(request, done, session.email, site.key, connection)
        return RedirectResponse(f"/sites/{site.key}/sharing?revoked", 303)

    async def _choices(self, site: Site) -> tuple[SavedSegment, ...]:
        segments, goals = await self._segments.of(site.id), await self._query.goals(site)
        return tuple(one for one in segments if not why_not(one.segment, site, goals))

    async def _goals_in(self, site: Site, of: SavedSegment | None) -> tuple[Goal, ...]:
        return goals_in(of.segment, await self._query.goals(site)) if of else ()

    async def _shown(
        self,
        request: Request,
        session: Session,
        typed: TypedLink,
        errors: Mapping[str, str] | None = None,
        *,
        secret: str = "",
        embeds: bool = False,
    ) -> Response:
        site = self._deps.site(request)
        known = {one.id: one for one in await self._segments.of(site.id)}
        goals = await self._query.goals(site)
        context = SharingPage(
            shell=_shell(request, session, site),
            links=tuple(_row(one, known, goals, site) for one in await self._links.of(site.id)),
            segments=await self._choices(site),
            typed=typed,
            errors=errors or {},
            address=f"{self._base(request)}/share/{secret}" if secret else "",
            embeds=embeds,
            revoked=bool(outcome(request, "revoked")),
            zone=site.time_zone,
        )
        status = BAD_INPUT if errors else 200
        return self._deps.pages.page("reports/sharing/sharing.html", context, status)

    def _base(self, request: Request) -> str:
        return self._deps.settings.public_url or str(request.base_url).rstrip("/")


def _row(
    link: ShareLink, known: Mapping[int, SavedSegment], goals: tuple[Goal, ...], site: Site
) -> LinkRow:
    warning = ""
    if why_not(link.segment, site, link.goals):
        warning = UNCOVERED
    elif not {_asked_of(one) for one in link.goals} <= {_asked_of(one) for one in goals}:
        warning = OTHER_GOAL
    elif link.segment_id is not None:
        now = known.get(link.segment_id)
        warning = GONE if now is None else CHANGED if now.segment != link.segment else ""
    return LinkRow(link, sentences(link.segment, link.goals), warning)


def _asked_of(goal: Goal) -> tuple[int, Deed]:
    return goal.id, goal.deed


def _shell(request: Request, session: Session, site: Site) -> Shell:
    title = "Share links"
    return kept_shell(site, session, request.query_params, title, "overview", within=True)
