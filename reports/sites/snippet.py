"""The lines that an owner pastes: the tag, and the link for browsers without JavaScript."""

from dataclasses import dataclass
from html import escape

from babel import Locale

from askfirst.sites import Site
from askfirst.store.ledger.site_book import SiteBook
from askfirst.web.urls import split_address

ENGLISH = "en"
ENGLISH_LABELS = ("Privacy choices", "Withdraw consent")
"""The words that the tag itself has for the two buttons, on English pages."""


@dataclass(frozen=True)
class Snippet:
    """The lines to paste, and the languages to choose from: names by tag.

    `language` is the one that the tag uses on all pages, '' where each page has its own.
    `origin` is what a Content-Security-Policy of the site has to allow.
    """

    tag: str
    noscript: str
    origin: str
    language: str
    languages: dict[str, str]


async def snippet(book: SiteBook, site: Site, base: str, wanted: str) -> Snippet:
    """Write the lines; `base` is this server's address.

    A `wanted` language is used on all pages, whatever language they declare; without one the banner
    and the button use each page's. The owner's own English labels are written into the tag, because
    English pages do not load the wording only to label the button.
    """
    policy = book.policy(site)
    offered = policy.content["texts"]
    chosen = wanted if wanted in offered else ""
    language = chosen or str(policy.content["default_language"])
    labels = (await book.texts(policy, language))["banner"]
    control, withdraw = escape(labels["control"]), escape(labels["withdraw"])
    attributes = f' data-lang="{chosen}"' if chosen else ""
    if language == ENGLISH and (labels["control"], labels["withdraw"]) != ENGLISH_LABELS:
        attributes += f' data-control-label="{control}" data-withdraw-label="{withdraw}"'
    return Snippet(
        tag=f'<script async src="{base}/tag.js" data-site="{site.key}"{attributes}></script>',
        noscript=f'<noscript><a href="{base}/choice/{site.key}">{control}</a></noscript>',
        origin="{0.scheme}://{0.netloc}".format(split_address(base)),
        language=chosen,
        languages={tag: _name(tag) for tag in offered},
    )


def _name(tag: str) -> str:
    locale = Locale.parse(tag, sep="-")
    return f"{locale.get_display_name('en')} ({locale.get_display_name()})"
