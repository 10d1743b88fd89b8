"""Enriching events: browser, system, device, language, page and referrer, as warehouse columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import msgspec

from askfirst.events import JournalEntry
from askfirst.sites import IpMode, Site, allowed
from askfirst.text.text_cache import remembered
from askfirst.web.accept_language import preferred_languages
from askfirst.web.ip_addresses import shortened_address
from askfirst.web.urls import split_address

if TYPE_CHECKING:
    import pyarrow as pa

    from collector.enrichment.user_agents import Client

_LONGEST_AGENT = 512
_LANGUAGE = re.compile(r"^([A-Za-z]{2,3})(?:-[A-Za-z]{4})?(?:-([A-Za-z]{2}|\d{3}))?$")


@lru_cache(maxsize=32_768)
def client_of(user_agent: str) -> Client:
    """Return what a user agent says; the same text is read once."""
    from collector.enrichment.user_agents import read_agent  # noqa: PLC0415 - its lists take half a second

    return read_agent(user_agent)


def is_bot(user_agent: str) -> bool:
    """Return whether a user agent is that of a known bot."""
    return client_of(user_agent[:_LONGEST_AGENT]).bot


def browser_of(user_agent: str) -> str:
    """Return the browser and system of a user agent in words, e.g. `Firefox on Linux`, or ''."""
    client = client_of(user_agent[:_LONGEST_AGENT])
    return " on ".join(name for name in (client.browser, client.os) if name)


@lru_cache(maxsize=4096)
def language_of(accept_language: str) -> str:
    """Return the language an `Accept-Language` header wants most, e.g. `en-GB` or `de`, or ''."""
    found = _LANGUAGE.match(next(iter(preferred_languages(accept_language)), ""))
    if not found:
        return ""
    return found[1].lower() + (f"-{found[2].upper()}" if found[2] else "")


@lru_cache(maxsize=32_768)
def shown_ip(ip: str, mode: IpMode) -> str:
    """Return an address whole, shortened (IPv4 to /24, IPv6 to /48) or as '', by the mode."""
    if mode == "whole" or not ip:
        return ip
    return "" if mode == "dropped" else shortened_address(ip)


class PageAddress(msgspec.Struct, frozen=True):
    """The parts of a page's address that are recorded; of its query only the campaign."""

    host: str
    path: str
    utm_source: str
    utm_medium: str
    utm_campaign: str


@remembered(4096)
def address_of(url: str) -> PageAddress:
    """Split a page's address into the parts that are recorded."""
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
"""Returns the site of a number, or None where it was deleted."""


class Enricher:
    """Turns journal entries into a batch of warehouse rows."""

    def __init__(self, site_of: SiteOf) -> None:
        self._site_of = site_of

    def batch(self, entries: Iterable[JournalEntry], visit_ids: Iterable[str]) -> pa.Table:
        """Return a table of `ARROW_SCHEMA`, one row for each entry with its visit id."""
        from askfirst.store.warehouse.batches import batch_of  # noqa: PLC0415 - Arrow takes 0.2 s

        entries, visits = list(entries), list(visit_ids)
        if len(entries) != len(visits):
            raise ValueError("Expected one visit id for each entry.")
        columns = self._columns(entries, visits)
        _leave_out_uncovered(columns, entries)
        return batch_of(columns)

    def _columns(self, entries: list[JournalEntry], visits: list[str]) -> dict[str, list[Any]]:
        pages = [address_of(entry.url) for entry in entries]
        clients = [client_of(entry.user_agent) for entry in entries]
        return {
            "site_id": [entry.site_id for entry in entries],
            "event_id": [entry.event_id for entry in entries],
            "kind": [entry.kind for entry in entries],
            "time": [entry.happened_at * 1000 for entry in entries],  # microseconds
            "visitor_id": [entry.visitor_id for entry in entries],
            "visit_id": visits,
            "consent_id": [entry.consent_id for entry in entries],
            "policy_version": [entry.policy_version for entry in entries],
            "host": [page.host for page in pages],
            "path": [page.path for page in pages],
            "referrer": [entry.referrer for entry in entries],
            "referrer_host": [self._referrer_host(entry) for entry in entries],
            "utm_source": [page.utm_source for page in pages],
            "utm_medium": [page.utm_medium for page in pages],
            "utm_campaign": [page.utm_campaign for page in pages],
            "link_url": [entry.link_url for entry in entries],
            "link_kind": [entry.link_kind for entry in entries],
            "ip": [entry.ip for entry in entries],
            "country": [entry.country for entry in entries],
            "browser": [client.browser for client in clients],
            "browser_version": [client.browser_version for client in clients],
            "os": [client.os for client in clients],
            "os_version": [client.os_version for client in clients],
            "device": [client.device for client in clients],
            "language": [language_of(entry.accept_language) for entry in entries],
        }

    def _referrer_host(self, entry: JournalEntry) -> str:
        site = self._site_of(entry.site_id)
        return outside_host(entry.referrer, site.hosts) if site else referrer_host(entry.referrer)


def _leave_out_uncovered(columns: dict[str, list[Any]], entries: list[JournalEntry]) -> None:
    """Empty, in each entry's row, the columns that the visitor's consent does not cover."""
    for index, entry in enumerate(entries):
        for name in entry.without:
            if name in columns:  # an entry of an older release may name others
                columns[name][index] = ""


@remembered(4096)
def outside_host(referrer: str, hosts: tuple[str, ...]) -> str:
    """Return the host of a referrer outside the site with these hosts, or ''."""
    host = referrer_host(referrer)
    own = (host, f"www.{host}", split_address(referrer).netloc.lower()) if host else ()
    return "" if any(allowed(hosts, name) for name in own) else host
