"""Campaigns: the five UTM parameters of a page's address, and the kinds of its click ids."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import quote, unquote_plus

from askfirst.columns import COLUMNS
from askfirst.text.shown_text import INVISIBLE, shown_text
from askfirst.text.text_cache import remembered
from askfirst.web.masking import without_emails
from collector.enrichment.sources.click_ids import CLICK_IDS

LONGEST_VALUE = 200
"""Characters of a parameter that are kept."""

_LONGEST_TAIL = 16_384
_MOST_PARAMETERS = 200
_UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
_IDS = tuple(one.name for one in CLICK_IDS)
_RECORDED = tuple(dict.fromkeys(one.attribute for one in COLUMNS if one.thing == "query"))
"""The parameters of a page's query that have columns of their own."""
_TEXTS = frozenset({*_UTM, *_RECORDED, "ref", "source"})
_KNOWN = {name.lower(): name for name in (*_TEXTS, *_IDS)}
_PLACEHOLDER = re.compile(
    r"\{.*\}|\[.*\]|%%.*%%|\((?:none|direct|not set)\)|null|undefined|none", re.I
)
_UNFILLED = frozenset("{[%(nNuU")  # how a placeholder begins


class Campaign(NamedTuple):
    """What the address of a page says of where the visit comes from; '' where it says nothing.

    `clicks` are the kinds of click ids, `ref` is what the parameter `ref` or `source` says.
    """

    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_term: str = ""
    utm_content: str = ""
    clicks: tuple[str, ...] = ()
    ref: str = ""


NO_CAMPAIGN = Campaign()
_NOTHING: Mapping[str, str] = MappingProxyType({})
_NOT_RECORDED = dict.fromkeys(_RECORDED, "")


def campaign_of(url: str) -> Campaign:
    """Return the campaign of a page's address, from its query or else its fragment.

    Names may be in any case. Of a parameter that is there several times the first counts that has
    a value; a value that a tool has left unfilled, such as `{{campaign.name}}`, is none.
    """
    tail = _tail(url)
    return _campaign(tail) if tail else NO_CAMPAIGN


def recorded_campaign(url: str) -> dict[str, str]:
    """Return the values for the columns of a campaign, read as `campaign_of` does, '' for none."""
    found = _told(_tail(url))
    return {name: found.get(name, "") for name in _RECORDED} if found else _NOT_RECORDED


def campaign_query(url: str) -> str:
    """Return what is recorded of a campaign as a query, which is read as the address itself is."""
    told = recorded_campaign(url).items()
    return "&".join(f"{name}={quote(value, safe=':')}" for name, value in told if value)


def plain_name(written: str) -> str:
    """Return the name of a parameter as those of a campaign are compared: in any case."""
    return written.lower().removeprefix("amp;")


def _tail(url: str) -> str:
    """Return the query and the fragment of an address, as far as they are read."""
    start = url.find("?")
    if start < 0:
        start = url.find("#")
    return url[start : start + _LONGEST_TAIL] if start >= 0 else ""


@remembered(4096)
def _campaign(tail: str) -> Campaign:
    found = _told(tail)
    if not found:
        return NO_CAMPAIGN
    get = found.get
    clicks = () if found.keys() <= _TEXTS else tuple(name for name in _IDS if name in found)
    return Campaign(
        get("utm_source", ""),
        get("utm_medium", ""),
        get("utm_campaign", ""),
        get("utm_term", ""),
        get("utm_content", ""),
        clicks,
        get("ref") or get("source", ""),
    )


@remembered(4096)
def _told(tail: str) -> Mapping[str, str]:
    query, _, fragment = tail.partition("#")
    found = _parameters(query[1:])
    if not found and "=" in fragment:
        found = _parameters(fragment.rpartition("?")[2])
    return found or _NOTHING


def _parameters(query: str) -> dict[str, str]:
    """Return the parameters that tell of a campaign; an id is only ever its name."""
    found: dict[str, str] = {}
    for pair in query.split("&", _MOST_PARAMETERS)[:_MOST_PARAMETERS]:
        written, _, value = pair.partition("=")
        name = _KNOWN.get(plain_name(written))
        if name and value and name not in found:
            clean = clean_value(value) if name in _TEXTS else name
            if clean:
                found[name] = clean
    return found


def clean_value(value: str) -> str:
    """Return a parameter's value as it is recorded, or '' for none.

    It is decoded, on one line, without what cannot be seen, and cut. Addresses are masked before
    it is decoded, too: in `me+news@example.org` the plus is not a blank.
    """
    text = without_emails(value)
    if "%" in text or "+" in text:
        text = without_emails(unquote_plus(text))
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()
    if not text.isprintable():
        text = without_emails(INVISIBLE.sub("", text))
    text = shown_text(text, LONGEST_VALUE)
    return "" if text[:1] in _UNFILLED and _PLACEHOLDER.fullmatch(text) else text
