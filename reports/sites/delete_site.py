"""The page that deletes a site, once its name is typed."""

import asyncio
from dataclasses import dataclass
from typing import Any

from sqlalchemy import distinct, func, select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.sites import Site
from askfirst.store.ledger.tables import (
    api_keys,
    choice_counts,
    consent_records,
    disclosure_register,
    disclosures,
    drafts,
    erasures,
    funnels,
    goals,
    notes,
    policies,
    segments,
    share_links,
    tallies,
    visitor_requests,
    withdrawals,
)
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.http.forms import BAD_INPUT, Form
from reports.notice import NoticePage
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.url.kept import kept_shell

NOT_THE_NAME = "This is not the site’s name. Write it exactly as it stands above."


@dataclass(frozen=True)
class Amount:
    """How many rows of one kind a site has; `what` is in words for people."""

    what: str
    number: int


@dataclass(frozen=True)
class DeleteSitePage:
    """`delete_site.html`: what deleting a site removes, and the field that confirms it."""

    shell: Shell
    goes: tuple[Amount, ...]
    """What is deleted, and how much of it there is."""
    stays: tuple[Amount, ...]
    """What stays as proof and names nobody."""
    error: str
    """Why nothing was deleted: the typed name is not the site's; '' at first."""


class DeleteSiteHandler:
    """Serves `/sites/KEY/delete`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        path = "/sites/{key}/delete"
        return [
            Route(path, self._guard.page(self._form), methods=["GET"]),
            Route(path, self._guard.action(self._delete), methods=["POST"]),
        ]

    async def _form(self, request: Request, session: Session) -> Response:
        return await self._shown(request, session, self._deps.site(request))

    async def _delete(self, request: Request, session: Session, form: Form) -> Response:
        site = self._deps.site(request)
        if form.get("name", "") != site.name:
            return await self._shown(request, session, site, NOT_THE_NAME)
        await self._guard.note(request, Act.SITE_DELETED, session.email, site.key)
        await self._deps.delete_site(site.id)
        context = NoticePage(
            shell=Shell("The site is deleted", session.email, session.csrf),
            text=(
                f"{site.name} is no longer known here: its pages get no question and nothing of"
                " them is recorded. What lies in the files is removed within the next minutes."
                " Take the line with its tag out of its pages."
            ),
            link="/?all",
            link_text="To the list of sites",
        )
        return self._deps.pages.page("reports/notice.html", context)

    async def _shown(
        self, request: Request, session: Session, site: Site, error: str = ""
    ) -> Response:
        title = "Delete the site"
        context = DeleteSitePage(
            shell=kept_shell(site, session, request.query_params, title, "settings", within=True),
            goes=await self._goes(site.id),
            stays=await self._stays(site.id),
            error=error,
        )
        status = BAD_INPUT if error else 200
        return self._deps.pages.page("reports/sites/delete_site.html", context, status)

    async def _goes(self, site_id: int) -> tuple[Amount, ...]:
        events, visitors = await asyncio.to_thread(self._deps.warehouse.counts_of, site_id)
        named = func.count(distinct(consent_records.c.visitor_id))
        counted = await self._number(tallies, site_id) + await self._number(choice_counts, site_id)
        return (
            Amount("Events: page views and clicks", events),
            Amount("Visitors whose events are recorded", visitors),
            Amount(
                "Pseudonyms in consent records", await self._number(consent_records, site_id, named)
            ),
            Amount("Entries of who saw a visitor", await self._number(disclosures, site_id)),
            Amount("Requests of visitors", await self._number(visitor_requests, site_id)),
            Amount("Counts of choices and refusals", counted),
            Amount("Keys of the API", await self._number(api_keys, site_id)),
            Amount("Goals", await self._number(goals, site_id)),
            Amount("Funnels", await self._number(funnels, site_id)),
            Amount("Segments, notes and share links", await self._saved(site_id)),
            Amount("Draft of the wording", await self._number(drafts, site_id)),
        )

    async def _stays(self, site_id: int) -> tuple[Amount, ...]:
        return (
            Amount("Consent records, naming nobody", await self._number(consent_records, site_id)),
            Amount(
                "Withdrawals, by the consent’s number", await self._number(withdrawals, site_id)
            ),
            Amount("Published versions of the policy", await self._number(policies, site_id)),
            Amount(
                "Entries of the disclosure register, naming nobody",
                await self._number(disclosure_register, site_id),
            ),
            Amount("Receipts of erasures, numbers only", await self._number(erasures, site_id)),
        )

    async def _saved(self, site_id: int) -> int:
        return sum([await self._number(one, site_id) for one in (segments, notes, share_links)])

    async def _number(self, table: Any, site_id: int, what: Any = None) -> int:
        counted = func.count() if what is None else what
        asked = select(counted).select_from(table).where(table.c.site_id == site_id)
        async with self._deps.ledger.read() as connection:
            return int((await connection.execute(asked)).scalar_one())
