"""What the pages of a visitor's own data say: the site's wording, the page's words, languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from askfirst.sites import Site
from askfirst.web.ip_addresses import is_this_machine
from consent.dependencies import Dependencies
from consent.http.language import requested_language
from consent.policy.my_data_words import filled, words_in
from consent.policy.page_links import LanguageLink, language_links
from consent.policy.wording import wording


@dataclass(frozen=True)
class PageWords:
    """The words of a page in one language; see `MyDataPage` for what each field is."""

    shown: dict[str, Any]
    words: Mapping[str, str]
    choices: tuple[LanguageLink, ...]
    action: str

    @property
    def tag(self) -> str:
        """The language's BCP 47 tag."""
        return str(self.shown["language"])


async def page_words(deps: Dependencies, request: Request, site: Site) -> PageWords:
    """Return the words in the language that a request asks for."""
    policy = deps.book.policy(site)
    shown = await wording(deps.book, policy, site, requested_language(request))
    path = f"{request.scope['path']}?lang="
    return PageWords(
        shown=shown,
        words=_words(shown, policy.content["times"][shown["language"]]),
        choices=language_links(policy, path, shown["language"]),
        action=path + shown["language"],
    )


def website_of(site: Site) -> str:
    """Return the address of a site, or "" where it has none beside this machine."""
    hosts = [host.removeprefix("*.") for host in site.hosts]
    found = next((host for host in hosts if not is_this_machine(host)), "")
    return f"https://{found}/" if found else ""


def _words(shown: Mapping[str, Any], times: Mapping[str, str]) -> dict[str, str]:
    controller = shown["controller"]
    return filled(
        words_in(shown["language"]),
        name=shown["name"],
        control=shown["texts"]["control"],
        receipt_link=shown["preferences"]["receipt_link"],
        contact=controller["contact"],
        retention=shown["retention"],
        erased_after=times.get("erased_after", shown["retention"]),
    )
