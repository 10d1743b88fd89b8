"""The lines that an owner pastes: the tag, and the link for browsers without JavaScript."""

from dataclasses import dataclass
from html import escape

from babel import Locale

from askfirst.sites import Site
from askfirst.store.ledger.site_book import SiteBook

ENGLISH = "en"
SPOKEN = ("Privacy choices", "Withdraw consent")
"""What the tag itself says on the control of English pages."""


@dataclass(frozen=True)
class Snippet:
    """The lines to paste, and the languages there are: name by tag.

    `language` is the one that the line holds all pages to, '' where each page has its own.
    """

    tag: str
    noscript: str
    language: str
    languages: dict[str, str]


async def snippet(book: SiteBook, site: Site, base: str, wanted: str) -> Snippet:
    """Write the lines; `base` is this server's address.

    A `wanted` language holds for all pages, whatever they say of theirs; without one the question
    and the control speak each page's. Only an owner's own English labels are written into the tag:
    the control's words come with the wording, but English pages do not ask for them.
    """
    policy = book.policy(site)
    offered = policy.content["texts"]
    chosen = wanted if wanted in offered else ""
    language = chosen or str(policy.content["default_language"])
    labels = (await book.texts(policy, language))["banner"]
    control, withdraw = escape(labels["control"]), escape(labels["withdraw"])
    spoken = f' data-lang="{chosen}"' if chosen else ""
    if language == ENGLISH and (labels["control"], labels["withdraw"]) != SPOKEN:
        spoken += f' data-control-label="{control}" data-withdraw-label="{withdraw}"'
    return Snippet(
        tag=f'<script async src="{base}/tag.js" data-site="{site.key}"{spoken}></script>',
        noscript=f'<noscript><a href="{base}/choice/{site.key}">{control}</a></noscript>',
        language=chosen,
        languages={tag: _name(tag) for tag in offered},
    )


def _name(tag: str) -> str:
    locale = Locale.parse(tag, sep="-")
    return f"{locale.get_display_name('en')} ({locale.get_display_name()})"
