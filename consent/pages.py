"""What anyone may read before choosing: the banner's wording as JSON, the policy as a page."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from askfirst.clock import as_datetime, as_iso
from askfirst.consents import REASON_SENTENCES, Reason
from askfirst.errors import AskfirstError, Refused
from askfirst.pages import Pages
from askfirst.sites import Site, host_of, is_web_address
from askfirst.store.site_book import Policy, SiteBook
from askfirst.store.tallies import Tallies
from consent.changes import material_changes, said
from consent.wording import first_layer, wording

_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
_BY_EVERY_PAGE = {"Access-Control-Allow-Origin": "*", "Vary": "Origin"}


@dataclass(frozen=True)
class PolicyPage:
    """The context of `consent/policy.html`; `shown` is the wording of the page's language."""

    site_name: str
    shown: dict[str, Any]
    contact_url: str
    published: str
    published_iso: str
    choice_days: int


class PublicPages:
    """Serves the wording and the policy in force; the same bytes for everybody."""

    def __init__(self, book: SiteBook, pages: Pages, tallies: Tallies) -> None:
        self._book = book
        self._pages = pages
        self._tallies = tallies

    async def wording(self, request: Request) -> Response:
        """Answer `GET /wording/{site}.json?lang=xx`.

        Errors are answered here and not at the front door, for the page's script must read them.
        """
        try:
            site = self._book.get(request.path_params["site"])
            self._admit(site, request.headers.get("origin"))
        except AskfirstError as error:
            headers = {**_BY_EVERY_PAGE, "Cache-Control": "no-store"}
            return JSONResponse(error.body(), error.status, headers)
        headers = {**_BY_EVERY_PAGE, "Cache-Control": "public, max-age=60"}
        shown = await self._shown(site, request)
        if request.query_params.get("layer") == "first":
            shown = first_layer(shown)
        changes = await self._changes(site, shown["language"], request)
        return JSONResponse({**shown, "changes": changes}, headers=headers)

    async def _changes(self, site: Site, language: str, request: Request) -> list[str]:
        """Say what is new since the version that a visitor accepted, `?since=N`."""
        since = request.query_params.get("since", "")
        newest = self._book.policy(site)
        if not re.fullmatch(r"[1-9][0-9]{0,8}", since) or int(since) >= newest.version:
            return []
        older = await self._book.version(site, int(since))
        changes = material_changes(older.content, newest.content)
        return said(changes, await self._book.texts(newest, language), language)

    def _admit(self, site: Site, origin: str | None) -> None:
        """Nobody is asked on a page from which no answer is taken; same-origin pages say none."""
        if origin is None or site.allows(host_of(origin)):
            return
        self._tallies.add(site.id, Reason.BAD_ORIGIN)
        raise Refused(Reason.BAD_ORIGIN, REASON_SENTENCES[Reason.BAD_ORIGIN])

    async def policy(self, request: Request) -> Response:
        """Answer `GET /policy/{site}?lang=xx`; raises `NotFound`."""
        site = self._book.get(request.path_params["site"])
        context = _context(site, self._book.policy(site), await self._shown(site, request))
        headers = {"Cache-Control": "public, max-age=60"}
        return self._pages.page("consent/policy.html", context, headers=headers)

    async def _shown(self, site: Site, request: Request) -> dict[str, Any]:
        wanted = request.query_params.get("lang", "")[:35]
        return await wording(self._book, self._book.policy(site), site, wanted)


def _context(site: Site, policy: Policy, shown: dict[str, Any]) -> PolicyPage:
    day = as_datetime(policy.published_at)
    return PolicyPage(
        site_name=site.name,
        shown=shown,
        contact_url=contact_url(shown["controller"]["contact"]),
        published=f"{day.day} {day:%B %Y}",
        published_iso=as_iso(policy.published_at),
        choice_days=policy.content["choice_days"],
    )


def contact_url(contact: str) -> str:
    """Give the link of an e-mail or web address, and '' for any other contact."""
    if _EMAIL.fullmatch(contact):
        return f"mailto:{quote(contact, safe='@')}"
    return contact if is_web_address(contact) else ""
