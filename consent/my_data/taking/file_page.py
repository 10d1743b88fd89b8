"""The page of a person's file, in the person's language: it opens without network and script."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from markupsafe import Markup

from askfirst.clock import as_datetime
from askfirst.system.assets import asset_path
from askfirst.web.pages import Pages
from consent.my_data.contents import MyData, Read, arranged
from consent.my_data.page_words import PageWords, website_of
from consent.policy.languages.times import LocalTimes

_STYLES = ("static/css/public.css", "static/css/my_data.css")


@dataclass(frozen=True)
class MyFilePage:
    """`my_file.html`."""

    style: Markup
    """The styles, which stand in the page."""
    policy: str
    """The page's Content-Security-Policy: it loads nothing but its own styles."""
    shown: dict[str, Any]
    """The site's wording in force in the page's language."""
    words: Mapping[str, str]
    """The page's own words in that language."""
    made: str
    """When the file was made, of the site's zone and in that language."""
    data: MyData
    """Everything that is stored of the person."""
    website: str
    """The address of the website."""


def file_page(pages: Pages, words: PageWords, read: Read) -> bytes:
    """Write the page in the language of the words, with every visit and every row."""
    style, policy = _style()
    context = MyFilePage(
        style=style,
        policy=policy,
        shown=words.shown,
        words=words.words,
        made=LocalTimes(words.tag, read.site.time_zone).moment(
            as_datetime(read.now).replace(tzinfo=None)
        ),
        data=arranged(read, words.tag, words.words, whole=True),
        website=website_of(read.site),
    )
    return pages.text("consent/my_data/taking/my_file.html", context).encode()


@cache
def _style() -> tuple[Markup, str]:
    """Return the styles, and the policy that allows them and nothing else."""
    style = "\n".join(asset_path(name).read_text("utf-8") for name in _STYLES)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'"
    return Markup(style), policy  # noqa: S704 - files of ours, without a visitor's text
