"""Names: the source that `utm_source` means, in whichever of its spellings."""

import re

from askfirst.text.text_cache import remembered
from askfirst.web.masking import EMAIL
from collector.enrichment.sources.addresses import host_of
from collector.enrichment.sources.hosts import listed_source
from collector.enrichment.sources.lists import Source, lists, squeezed

_SCHEME = re.compile(r"(?:https?|android-app)://")
_SEPARATOR = re.compile(r"[\s_/|:+-]+")
_PAID_WORDS = frozenset({"ads", "ad", "paid", "cpc", "ppc", "cpm", "advertising", "sponsored"})
_IDLE = (
    "app bio business campaign com desktop dm feed group groups lite marketing mobile network news"
    " newsfeed organic page pages post posts profile reel reels search shopping shorts social"
    " stories story video web"
)
_IDLE_WORDS = _PAID_WORDS | frozenset(_IDLE.split())
"""Words that people add to a source: facebook_ads, ig-story, linkedin page."""


def comparable(value: str) -> str:
    """Return a text in the form in which it is compared: small letters, single blanks."""
    return " ".join(value.lower().split()) if value else ""


@remembered(4096)
def source_of_name(value: str) -> Source:
    """Return the source that a name means: `fb`, `Facebook`, `l.facebook.com`, `facebook_ads`.

    What no list has is a `campaign` under its own name in small letters, a host without `www.`.
    """
    name = comparable(value)
    names = lists().names
    found = names.get(name) or _of_host(name)
    if not found and "." not in name and EMAIL not in name:
        found = names.get(squeezed(name)) or _of_words(name)
    return found or Source(_site(name), "campaign")


def _site(name: str) -> str:
    """Return the host of an address without `www.`, and any other name as it is."""
    plain = _SCHEME.sub("", name, count=1)
    host = plain if plain == name else plain.partition("/")[0]
    return host.removeprefix("www.")


def _of_host(name: str) -> Source | None:
    """Return the source of a listed host or app, or of the address of one."""
    host, slash, path = _SCHEME.sub("", name, count=1).partition("/")
    if host in lists().apps:
        return lists().apps[host]
    return listed_source(host, slash + path) if "." in host and host_of(host) == host else None


def _of_words(name: str) -> Source | None:
    """Return the source of a name with idle words around it: facebook_ads, paid-ig, google/cpc."""
    if not name.endswith("ads") and not _SEPARATOR.search(name):
        return None
    words = [word for word in _SEPARATOR.split(name) if word]
    telling = [word for word in words if word not in _IDLE_WORDS]
    paid = not _PAID_WORDS.isdisjoint(words)
    if len(telling) == 1 and telling[0].endswith("ads"):
        telling, paid = [telling[0].removesuffix("ads")], True
    elif len(telling) == len(words):
        return None
    found = lists().names.get(" ".join(telling)) or lists().names.get("".join(telling))
    return found and found._replace(paid=paid)
