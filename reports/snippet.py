"""The lines that an owner pastes: the tag, and the link for browsers without JavaScript."""

from dataclasses import dataclass
from html import escape

from babel import Locale

from askfirst.sites import Site
from askfirst.store.site_book import SiteBook

ENGLISH = "en"
SPOKEN = ("Privacy choices", "Withdraw consent")
"""What the tag itself says on the control of English pages."""


@dataclass(frozen=True)
class Snippet:
    """The lines for pages of one language, and the languages there are: name by tag."""

    tag: str
    noscript: str
    language: str
    languages: dict[str, str]


async def snippet(book: SiteBook, site: Site, base: str, wanted: str) -> Snippet:
    """Write the lines for pages in the `wanted` language; `base` is this server's address.

    Only an owner's own English labels are written into the tag: the control's words come with the
    wording, but English pages do not ask for them.
    """
    policy = book.policy(site)
    offered = policy.content["texts"]
    language = wanted if wanted in offered else str(policy.content["default_language"])
    labels = (await book.texts(policy, language))["banner"]
    control, withdraw = escape(labels["control"]), escape(labels["withdraw"])
    spoken = f' data-lang="{language}"' if language != ENGLISH else ""
    if language == ENGLISH and (labels["control"], labels["withdraw"]) != SPOKEN:
        spoken = f' data-control-label="{control}" data-withdraw-label="{withdraw}"'
    return Snippet(
        tag=f'<script async src="{base}/tag.js" data-site="{site.key}"{spoken}></script>',
        noscript=f'<noscript><a href="{base}/choice/{site.key}">{control}</a></noscript>',
        language=language,
        languages={tag: _name(tag) for tag in offered},
    )


def _name(tag: str) -> str:
    locale = Locale.parse(tag, sep="-")
    return f"{locale.get_display_name('en')} ({locale.get_display_name()})"
