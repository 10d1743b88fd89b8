"""What a request tells beyond its words: browser, system, device, language, source, bot."""

import ipaddress
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import crawleruseragents
import msgspec
import pyarrow as pa
import ua_parser
from user_agents.parsers import UserAgent, parse_browser, parse_device, parse_operating_system

from askfirst.events import EVENT_COLUMNS, JournalEntry
from askfirst.sites import IpMode, Site, allowed
from askfirst.store.warehouse import ARROW_SCHEMA

_LONGEST_AGENT = 512
_LANGUAGE = re.compile(r"^([A-Za-z]{2,3})(?:-[A-Za-z]{4})?(?:-([A-Za-z]{2}|\d{3}))?$")
_TELEVISION = re.compile(r"\b(smart-?tv|tv|hbbtv|aft[a-z]+|crkey|roku|bravia|googletv)\b", re.I)
_DESKTOP_SYSTEMS = frozenset({"Windows", "Mac OS X", "Linux", "Ubuntu", "Fedora", "Chrome OS"})


class Client(msgspec.Struct, frozen=True):
    """What a user agent says of itself; unknown is ''. `device` is one word of our own."""

    browser: str
    browser_version: str
    os: str
    os_version: str
    device: str
    bot: bool


class _Agent(UserAgent):  # type: ignore[misc]
    """The library's rules over the native matcher, which the library itself never asks."""

    def __init__(self, text: str) -> None:
        found = ua_parser.parse(text).with_defaults()
        self.ua_string = text
        browser, system, device = found.user_agent, found.os, found.device
        self.browser = parse_browser(
            browser.family, browser.major, browser.minor, browser.patch, browser.patch_minor
        )
        self.os = parse_operating_system(
            system.family, system.major, system.minor, system.patch, system.patch_minor
        )
        self.device = parse_device(device.family, device.brand, device.model)


@lru_cache(maxsize=32_768)
def client_of(user_agent: str) -> Client:
    """Read a user agent; the same text is read once."""
    agent = _Agent(user_agent)
    return Client(
        browser=_known(agent.browser.family),
        browser_version=str(agent.browser.version_string or ""),
        os=_known(agent.os.family),
        os_version=str(agent.os.version_string or ""),
        device=_device(agent, user_agent),
        bot=bool(agent.is_bot) or bool(crawleruseragents.is_crawler(user_agent)),
    )


def is_bot(user_agent: str) -> bool:
    """Tell whether a user agent is that of a known bot."""
    return client_of(user_agent[:_LONGEST_AGENT]).bot


def _known(family: str | None) -> str:
    return "" if family in (None, "Other") else str(family)


def _device(agent: Any, text: str) -> str:
    """Give `phone`, `tablet`, `desktop`, `television`, or '' when the text does not tell.

    For Android the word "Mobile" decides, as Android's own guidance has it: the library calls
    every Android without "Mobile Safari" a tablet, web views and televisions too.
    """
    if _TELEVISION.search(text):
        return "television"
    if agent.os.family == "Android":
        return "phone" if "Mobile" in text else "tablet"
    if agent.is_tablet:
        return "tablet"
    if agent.is_mobile:
        return "phone"
    return "desktop" if agent.is_pc or agent.os.family in _DESKTOP_SYSTEMS else ""


@lru_cache(maxsize=4096)
def language_of(accept_language: str) -> str:
    """Give the first language a browser asks for, e.g. `en-GB` or `de`, or ''."""
    first = accept_language.split(",", 1)[0].split(";", 1)[0].strip()
    found = _LANGUAGE.match(first)
    if not found:
        return ""
    return found[1].lower() + (f"-{found[2].upper()}" if found[2] else "")


@lru_cache(maxsize=32_768)
def shown_ip(ip: str, mode: IpMode) -> str:
    """Keep an address whole, shorten it (to /24 for IPv4, /48 for IPv6) or drop it."""
    if mode == "whole" or not ip:
        return ip
    if mode == "dropped":
        return ""
    bits = 24 if ipaddress.ip_address(ip).version == 4 else 48
    return str(ipaddress.ip_network(f"{ip}/{bits}", strict=False).network_address)


class PageAddress(msgspec.Struct, frozen=True):
    """A page's address taken apart; of its query only the campaign is kept."""

    host: str
    path: str
    utm_source: str
    utm_medium: str
    utm_campaign: str


@lru_cache(maxsize=32_768)
def address_of(url: str) -> PageAddress:
    """Take a page's address apart; its other query parameters are not recorded."""
    parts = urlsplit(url)
    query = parse_qs(parts.query, max_num_fields=None) if "utm_" in parts.query else {}

    def first(name: str) -> str:
        return query.get(name, [""])[0][:200]

    host = parts.netloc.rsplit("@", 1)[-1].lower()
    return PageAddress(
        host, parts.path or "/", first("utm_source"), first("utm_medium"), first("utm_campaign")
    )


@lru_cache(maxsize=32_768)
def referrer_host(referrer: str) -> str:
    """Give a referrer's host in lower case and without `www.`, or ''."""
    try:
        host = urlsplit(referrer).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


SiteOf = Callable[[int], Site | None]


class Enricher:
    """Turns journal entries into a batch of warehouse rows."""

    def __init__(self, site_of: SiteOf) -> None:
        self._site_of = site_of

    def batch(self, entries: Iterable[JournalEntry], visit_ids: Iterable[str]) -> pa.Table:
        """Give a table of `ARROW_SCHEMA`, one row an entry; `visit_ids` go with the entries."""
        pairs = zip(entries, visit_ids, strict=True)
        rows = [_covered(self._row(entry, visit), entry.without) for entry, visit in pairs]
        columns = zip(*rows, strict=True) if rows else [()] * len(ARROW_SCHEMA)
        arrays = [
            pa.array(values, type=field.type)
            for values, field in zip(columns, ARROW_SCHEMA, strict=True)
        ]
        return pa.Table.from_arrays(arrays, schema=ARROW_SCHEMA)

    def _row(self, entry: JournalEntry, visit_id: str) -> tuple[Any, ...]:
        client = client_of(entry.user_agent)
        page = address_of(entry.url)
        site = self._site_of(entry.site_id)
        return (
            entry.site_id,
            entry.event_id,
            entry.kind,
            entry.happened_at * 1000,  # microseconds, as the column has it
            entry.visitor_id,
            visit_id,
            entry.consent_id,
            entry.policy_version,
            page.host,
            page.path,
            entry.referrer,
            outside_host(entry.referrer, site.hosts) if site else referrer_host(entry.referrer),
            page.utm_source,
            page.utm_medium,
            page.utm_campaign,
            entry.link_url,
            entry.link_kind,
            entry.ip,
            entry.country,
            client.browser,
            client.browser_version,
            client.os,
            client.os_version,
            client.device,
            language_of(entry.accept_language),
        )


def _covered(row: tuple[Any, ...], without: tuple[str, ...]) -> tuple[Any, ...]:
    """Empty the columns that the visitor's yes does not cover."""
    if not without:
        return row
    named = zip(EVENT_COLUMNS, row, strict=True)
    return tuple("" if column in without else value for column, value in named)


@lru_cache(maxsize=32_768)
def outside_host(referrer: str, hosts: tuple[str, ...]) -> str:
    """Give the host of a referrer outside the site with these hosts, or ''."""
    host = referrer_host(referrer)
    own = (host, f"www.{host}", urlsplit(referrer).netloc.lower()) if host else ()
    return "" if any(allowed(hosts, name) for name in own) else host
