"""What a request tells beyond its words: browser, system, device, language, source, bot."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import msgspec

from askfirst.events import EVENT_COLUMNS, JournalEntry
from askfirst.sites import IpMode, Site, allowed
from askfirst.text.text_cache import remembered
from askfirst.web.ip_addresses import shortened_address
from askfirst.web.urls import split_address

if TYPE_CHECKING:
    import pyarrow as pa

    from collector.enrichment.user_agents import Client

_LONGEST_AGENT = 512
_LANGUAGE = re.compile(r"^([A-Za-z]{2,3})(?:-[A-Za-z]{4})?(?:-([A-Za-z]{2}|\d{3}))?$")


@lru_cache(maxsize=32_768)
def client_of(user_agent: str) -> Client:
    """Read a user agent; the same text is read once."""
    from collector.enrichment.user_agents import read_agent  # noqa: PLC0415 - its lists take half a second

    return read_agent(user_agent)


def is_bot(user_agent: str) -> bool:
    """Return whether a user agent is that of a known bot."""
    return client_of(user_agent[:_LONGEST_AGENT]).bot


def browser_of(user_agent: str) -> str:
    """Return browser and system of a user agent in words, e.g. `Firefox on Linux`, or ''."""
    client = client_of(user_agent[:_LONGEST_AGENT])
    return " on ".join(name for name in (client.browser, client.os) if name)


@lru_cache(maxsize=4096)
def language_of(accept_language: str) -> str:
    """Return the first language a browser asks for, e.g. `en-GB` or `de`, or ''."""
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
    return "" if mode == "dropped" else shortened_address(ip)


class PageAddress(msgspec.Struct, frozen=True):
    """A page's address taken apart; of its query only the campaign is kept."""

    host: str
    path: str
    utm_source: str
    utm_medium: str
    utm_campaign: str


@remembered(4096)
def address_of(url: str) -> PageAddress:
    """Take a page's address apart; its other query parameters are not recorded."""
    parts = split_address(url)
    query = parse_qs(parts.query, max_num_fields=None) if "utm_" in parts.query else {}

    def first(name: str) -> str:
        return query.get(name, [""])[0][:200]

    host = parts.netloc.rsplit("@", 1)[-1].lower()
    return PageAddress(
        host, parts.path or "/", first("utm_source"), first("utm_medium"), first("utm_campaign")
    )


@remembered(4096)
def referrer_host(referrer: str) -> str:
    """Return a referrer's host in lower case and without `www.`, or ''."""
    host = split_address(referrer).hostname or ""
    return host.removeprefix("www.")


SiteOf = Callable[[int], Site | None]


class Enricher:
    """Turns journal entries into a batch of warehouse rows."""

    def __init__(self, site_of: SiteOf) -> None:
        self._site_of = site_of

    def batch(self, entries: Iterable[JournalEntry], visit_ids: Iterable[str]) -> pa.Table:
        """Return a table of `ARROW_SCHEMA`, one row an entry; `visit_ids` go with the entries."""
        from askfirst.store.warehouse.batches import batch_of  # noqa: PLC0415 - Arrow takes 0.2 s

        pairs = zip(entries, visit_ids, strict=True)
        return batch_of(_covered(self._row(entry, visit), entry.without) for entry, visit in pairs)

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


@remembered(4096)
def outside_host(referrer: str, hosts: tuple[str, ...]) -> str:
    """Return the host of a referrer outside the site with these hosts, or ''."""
    host = referrer_host(referrer)
    own = (host, f"www.{host}", split_address(referrer).netloc.lower()) if host else ()
    return "" if any(allowed(hosts, name) for name in own) else host
