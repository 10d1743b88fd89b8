"""The policy as pages that anyone may read: the newest, every older one, and their differences."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from askfirst.clock import as_iso
from askfirst.errors import Malformed, NotFound
from askfirst.sites import Site, is_web_address
from askfirst.store.ledger.site_book import Policy, SiteBook
from askfirst.web.pages import Pages
from consent.policy.differences import Part, differences
from consent.policy.languages import languages, long_date
from consent.policy.wording import language_of, wording
from consent.requests.cookie import cookie_name
from consent.requests.language import language_from_query

_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
_VERSION = re.compile(r"[1-9][0-9]{0,8}")
FRESH = {"Cache-Control": "public, max-age=60"}
FOR_EVER = {"Cache-Control": "public, max-age=86400, immutable"}


@dataclass(frozen=True)
class VersionLink:
    """One version in the list: its number, its day in the page's language and its address."""

    number: int
    day: str
    iso: str
    asks_again: bool
    href: str


@dataclass(frozen=True)
class LanguageLink:
    """One language of the policy: its tag, its own name and the page's address in it."""

    tag: str
    name: str
    href: str
    current: bool


@dataclass(frozen=True)
class PolicyPage:
    """`policy.html`; `shown` is the wording of the page's language.

    `cookie` is the name of the cookie that keeps a visitor's choice for this site.
    """

    shown: dict[str, Any]
    contact_url: str
    version: VersionLink
    is_newest: bool
    versions: tuple[VersionLink, ...]
    choices: tuple[LanguageLink, ...]
    cookie: str


@dataclass(frozen=True)
class ComparePage:
    """`compare.html`: two versions in one language, `shown` the newer."""

    shown: dict[str, Any]
    old: dict[str, Any]
    parts: tuple[Part, ...]
    versions: tuple[VersionLink, ...]
    choices: tuple[LanguageLink, ...]


class PolicyPages:
    """Serves `/policy/KEY` and what lies under it; the same bytes for everybody."""

    def __init__(self, book: SiteBook, pages: Pages) -> None:
        self._book = book
        self._pages = pages

    async def newest(self, request: Request) -> Response:
        """Answer `GET /policy/{site}?lang=xx`; raises `NotFound`."""
        site = self._site(request)
        return await self._policy(request, site, self._book.policy(site))

    async def version(self, request: Request) -> Response:
        """Answer `GET /policy/{site}/{version}?lang=xx`; raises `NotFound`."""
        site = self._site(request)
        return await self._policy(
            request, site, await self._version(site, request.path_params["version"])
        )

    async def compare(self, request: Request) -> Response:
        """Answer `GET /policy/{site}/compare?from=N&to=N&lang=xx`.

        Without `to` it is the newest version, without `from` the one before. Raises `NotFound`,
        and `Malformed` where a number is none.
        """
        site = self._site(request)
        newest = self._book.policy(site).version
        to = _number(request, "to", newest)
        new = await self._book.version(site, to)
        old = await self._book.version(site, _number(request, "from", max(to - 1, 1)))
        tag = _both(old, new, language_from_query(request))
        before, after = [await wording(self._book, one, site, tag) for one in (old, new)]
        versions = await self._versions(site, after["language"])
        path = f"/policy/{site.key}/compare?from={old.version}&to={new.version}&lang="
        context = ComparePage(
            shown=after,
            old=before,
            parts=tuple(differences(before, after)),
            versions=versions,
            choices=language_links(new, path, after["language"]),
        )
        return self._pages.page("consent/policy/compare.html", context, headers=FRESH)

    def _site(self, request: Request) -> Site:
        return self._book.get(request.path_params["site"])

    async def _version(self, site: Site, number: str) -> Policy:
        if not _VERSION.fullmatch(number):
            raise NotFound("There is no such version.")
        return await self._book.version(site, int(number))

    async def _versions(self, site: Site, tag: str) -> tuple[VersionLink, ...]:
        return tuple(_link(site, one, tag) for one in await self._book.versions(site))

    async def _policy(self, request: Request, site: Site, policy: Policy) -> Response:
        shown = await wording(self._book, policy, site, language_from_query(request))
        tag = shown["language"]
        is_newest = policy.version == self._book.policy(site).version
        context = PolicyPage(
            shown=shown,
            contact_url=contact_url(shown["controller"]["contact"]),
            version=_link(site, policy, tag),
            is_newest=is_newest,
            versions=await self._versions(site, tag) if is_newest else (),
            choices=language_links(policy, f"{request.scope['path']}?lang=", tag),
            cookie=cookie_name(site.key),
        )
        headers = FRESH if is_newest else FOR_EVER
        return self._pages.page("consent/policy/policy.html", context, headers=headers)


def _number(request: Request, name: str, otherwise: int) -> int:
    text = request.query_params.get(name, "")
    if text and not _VERSION.fullmatch(text):
        raise Malformed("A version is a whole number from 1.", field=name)
    return int(text) if text else otherwise


def _both(old: Policy, new: Policy, wanted: str) -> str:
    """Return a language that both versions have, the wanted one where they do."""
    tag = language_of(new, wanted)
    if tag in old.content["texts"]:
        return tag
    return next((tag for tag in new.content["texts"] if tag in old.content["texts"]), tag)


def _link(site: Site, policy: Policy, tag: str) -> VersionLink:
    return VersionLink(
        number=policy.version,
        day=long_date(policy.published_at, tag),
        iso=as_iso(policy.published_at),
        asks_again=bool(policy.asks_again) and policy.version > 1,
        href=f"/policy/{site.key}/{policy.version}?lang={tag}",
    )


def language_links(policy: Policy, path: str, current: str) -> tuple[LanguageLink, ...]:
    """Return the languages of a policy as links: `path` is their address but for the tag."""
    names: Mapping[str, str] = languages()
    tags = [tag for tag in names if tag in policy.content["texts"]]
    return tuple(LanguageLink(tag, names[tag], path + tag, tag == current) for tag in tags)


def contact_url(contact: str) -> str:
    """Return the link of an e-mail or web address, and '' for any other contact."""
    if _EMAIL.fullmatch(contact):
        return f"mailto:{quote(contact, safe='@')}"
    return contact if is_web_address(contact) else ""
