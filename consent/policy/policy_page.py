"""The policy as a page that anyone may read: `/policy/KEY`, the newest and every older version."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from askfirst.errors import NotFound
from askfirst.sites import Site, is_web_address
from askfirst.store.ledger.site_book import SiteBook
from askfirst.store.ledger.sites.policies import Policy
from askfirst.web.pages import Pages
from consent.http.cookie import cookie_name
from consent.http.language import language_from_query
from consent.policy.page_links import (
    FRESH,
    VERSION_NUMBER,
    LanguageLink,
    VersionLink,
    language_links,
    version_link,
)
from consent.policy.wording import wording

_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
_UNCHANGING = {"Cache-Control": "public, max-age=86400, immutable"}


@dataclass(frozen=True)
class PolicyPage:
    """`policy_page.html`."""

    shown: dict[str, Any]
    """The wording of this version in the page's language: all words and facts of the page."""
    contact_url: str
    """Where the controller's contact links to, '' for a contact that is no address."""
    version: VersionLink
    """The version of the page: its number and day stand at the top and at the foot."""
    is_newest: bool
    """Whether no notice links to the newest version and to what changed since this one."""
    versions: tuple[VersionLink, ...]
    """All versions, newest first, for the list on the newest page; none on older pages."""
    choices: tuple[LanguageLink, ...]
    """The languages of this version, for the menu."""
    cookie: str
    """The name of the cookie that keeps a visitor's choice for this site."""


class PolicyPageHandler:
    """Serves `/policy/KEY` and `/policy/KEY/N`; the same bytes for everybody."""

    def __init__(self, book: SiteBook, pages: Pages) -> None:
        self._book = book
        self._pages = pages

    async def newest(self, request: Request) -> Response:
        """Answer `GET /policy/{site}?lang=xx`; raises `NotFound`."""
        site = self._book.get(request.path_params["site"])
        return await self._page(request, site, self._book.policy(site))

    async def version(self, request: Request) -> Response:
        """Answer `GET /policy/{site}/{version}?lang=xx`; raises `NotFound`."""
        site = self._book.get(request.path_params["site"])
        number = request.path_params["version"]
        if not VERSION_NUMBER.fullmatch(number):
            raise NotFound("There is no such version.")
        return await self._page(request, site, await self._book.version(site, int(number)))

    async def _page(self, request: Request, site: Site, policy: Policy) -> Response:
        shown = await wording(self._book, policy, site, language_from_query(request))
        tag = shown["language"]
        is_newest = policy.version == self._book.policy(site).version
        listed = await self._book.versions(site) if is_newest else []
        context = PolicyPage(
            shown=shown,
            contact_url=contact_url(shown["controller"]["contact"]),
            version=version_link(site, policy, tag),
            is_newest=is_newest,
            versions=tuple(version_link(site, one, tag) for one in listed),
            choices=language_links(policy, f"{request.scope['path']}?lang=", tag),
            cookie=cookie_name(site.key),
        )
        headers = FRESH if is_newest else _UNCHANGING
        return self._pages.page("consent/policy/policy_page.html", context, headers=headers)


def contact_url(contact: str) -> str:
    """Return the link of an e-mail or web address, and '' for any other contact."""
    if _EMAIL.fullmatch(contact):
        return f"mailto:{quote(contact, safe='@')}"
    return contact if is_web_address(contact) else ""
