"""What both pages of an account share: words, languages, who is signed in, and the way there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from askfirst.sites import Site
from consent.dependencies import Dependencies
from consent.http.language import requested_language
from consent.policy.my_data_words import filled, words_in
from consent.policy.page_links import LanguageLink, language_links
from consent.policy.wording import wording

PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
BAD_INPUT = 422


@dataclass(frozen=True)
class Frame:
    """What the pages show around their forms."""

    shown: dict[str, Any]
    """The site's wording in force in the page's language."""
    words: Mapping[str, str]
    """The pages' own words in that language."""
    choices: tuple[LanguageLink, ...]
    """The languages of the policy, for the menu."""
    action: str
    """Where the forms are posted to: this page in its language."""
    account: str
    """The page of the account in that language."""


async def frame_of(deps: Dependencies, request: Request, site: Site, page: str) -> Frame:
    """Return the frame of a page, named by its part of the address, in a request's language."""
    policy = deps.book.policy(site)
    shown = await wording(deps.book, policy, site, requested_language(request))
    tag, account = shown["language"], f"/account/{site.key}"
    path = f"{account}/{page}?lang="
    facts = {"name": shown["name"], "contact": shown["controller"]["contact"]}
    words, choices = filled(words_in(tag), **facts), language_links(policy, path, tag)
    return Frame(shown, words, choices, path + tag, f"{account}?lang={tag}")


def to(address: str) -> Response:
    """Send a browser to another page."""
    return RedirectResponse(address, 303, PRIVATE)
