"""What two versions of a policy say differently, as a page: `/policy/KEY/compare`."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from askfirst.errors import Malformed
from askfirst.store.ledger.site_book import SiteBook
from askfirst.store.ledger.sites.policies import Policy
from askfirst.web.pages import Pages
from consent.http.language import language_from_query
from consent.policy.differences import Part, differences
from consent.policy.page_links import (
    FRESH,
    VERSION_NUMBER,
    LanguageLink,
    VersionLink,
    language_links,
    version_link,
)
from consent.policy.wording import language_of, wording


@dataclass(frozen=True)
class ComparePage:
    """`compare_page.html`."""

    shown: dict[str, Any]
    """The newer wording; the page's own words come from it, too."""
    old: dict[str, Any]
    """The older wording, of which the page shows number and hash."""
    parts: tuple[Part, ...]
    """What differs, a section for each part; none where the two say the same."""
    versions: tuple[VersionLink, ...]
    """All versions, to choose the two from."""
    choices: tuple[LanguageLink, ...]
    """The languages of the newer version, for the menu."""


class ComparePageHandler:
    """Serves `/policy/KEY/compare`; the same bytes for everybody."""

    def __init__(self, book: SiteBook, pages: Pages) -> None:
        self._book = book
        self._pages = pages

    async def compare(self, request: Request) -> Response:
        """Answer `GET /policy/{site}/compare?from=N&to=N&lang=xx`.

        Without `to` it is the newest version, without `from` the one before. Raises `NotFound`,
        and `Malformed` where a number is none.
        """
        site = self._book.get(request.path_params["site"])
        to = _number(request, "to", self._book.policy(site).version)
        new = await self._book.version(site, to)
        old = await self._book.version(site, _number(request, "from", max(to - 1, 1)))
        wanted = _shared_language(old, new, language_from_query(request))
        before, after = [await wording(self._book, one, site, wanted) for one in (old, new)]
        tag = after["language"]
        path = f"/policy/{site.key}/compare?from={old.version}&to={new.version}&lang="
        context = ComparePage(
            shown=after,
            old=before,
            parts=tuple(differences(before, after)),
            versions=tuple(version_link(site, one, tag) for one in await self._book.versions(site)),
            choices=language_links(new, path, tag),
        )
        return self._pages.page("consent/policy/compare_page.html", context, headers=FRESH)


def _number(request: Request, name: str, otherwise: int) -> int:
    text = request.query_params.get(name, "")
    if text and not VERSION_NUMBER.fullmatch(text):
        raise Malformed("A version is a whole number from 1.", field=name)
    return int(text) if text else otherwise


def _shared_language(old: Policy, new: Policy, wanted: str) -> str:
    """Return a language that both versions have, the wanted one where they do."""
    tag = language_of(new, wanted)
    if tag in old.content["texts"]:
        return tag
    return next((tag for tag in new.content["texts"] if tag in old.content["texts"]), tag)
