"""Enriching events: browser, system, device, language, page and referrer, as warehouse columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

import msgspec

from askfirst.events import JournalEntry
from askfirst.sites import IpMode, Site, allowed
from askfirst.text.text_cache import remembered
from askfirst.web.accept_language import language_of, languages_of
from askfirst.web.ip_addresses import shortened_address
from askfirst.web.urls import split_address
from collector.enrichment.agents.hints import hints_of
from collector.enrichment.correcting import apply_corrections
from collector.enrichment.ruling import apply_rules
from collector.enrichment.sources.campaigns import recorded_campaign
from collector.enrichment.visits import Detached

if TYPE_CHECKING:
    import pyarrow as pa

    from collector.enrichment.agents.client import Client
    from collector.enrichment.batches import Things

_LONGEST_AGENT = 512


@lru_cache(maxsize=32_768)
def client_of(user_agent: str, hints: str = "") -> Client:
    """Return what a user agent says, and the hints that came with it; the same is read once."""
    from collector.enrichment.agents.reading import read_agent  # noqa: PLC0415 - its lists take 0.4 s

    return read_agent(user_agent, hints)


def is_left_out(site: Site, headers: Mapping[str, str]) -> bool:
    """Return whether the reports of a site leave out what the browser that sent headers does.

    The verdict is that on its events: the hints beside the user agent are read, too.
    """
    client = client_of(headers.get("user-agent", "")[:_LONGEST_AGENT], hints_of(headers))
    return site.rules.leaves_out(client.sender_rule)


def about_rule(rule: str) -> str:
    """Return who runs the program that a rule names, and for what, or '', where it is known."""
    from collector.enrichment.agents.bots import known_rules  # noqa: PLC0415 - see client_of

    known = known_rules().get(rule)
    if known is None:
        return ""
    purpose = _PURPOSES.get(known.purpose, known.purpose.replace("-", " "))
    return ", ".join(one for one in (known.operator, purpose) if one)


_PURPOSES = {"training": "training of models", "index": "search index", "person": "for a person"}


def browser_of(user_agent: str) -> str:
    """Return the browser and system of a user agent in words, e.g. `Firefox on Linux`, or ''."""
    client = client_of(user_agent[:_LONGEST_AGENT])
    return " on ".join(name for name in (client.browser, client.os) if name)


@lru_cache(maxsize=32_768)
def shown_ip(ip: str, mode: IpMode) -> str:
    """Return an address whole, shortened (IPv4 to /24, IPv6 to /48) or as '', by the mode."""
    if mode == "whole" or not ip:
        return ip
    return "" if mode == "dropped" else shortened_address(ip)


_LONGEST_REST = 500


class PageAddress(msgspec.Struct, frozen=True):
    """The parts of a page's address that are recorded; `query` has the campaign's parameters."""

    host: str
    path: str
    query: dict[str, str]


@remembered(4096)
def address_of(url: str) -> PageAddress:
    """Split a page's address into the parts that are recorded."""
    parts = split_address(url)
    host = parts.netloc.rsplit("@", 1)[-1].lower()
    return PageAddress(host, parts.path or "/", recorded_campaign(url))


@remembered(4096)
def rest_of(url: str, names: tuple[str, ...]) -> str:
    """Return the parameters of a page's query that have these names, as they stand, or ''."""
    parts = split_address(url).query.split("&")
    named = [one for one in parts if unquote_plus(one.partition("=")[0]) in names]
    return "&".join(named)[:_LONGEST_REST]


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
        """Return a table with the columns of `EVENT_COLUMNS`, a row for each entry with its visit.

        Texts that many entries share, such as what a user agent says, are dictionaries.
        """
        from collector.enrichment.batches import emptied, enriched  # noqa: PLC0415 - Arrow, 0.2 s

        entries, visits = list(entries), list(visit_ids)
        if len(entries) != len(visits):
            raise ValueError("Expected one visit id for each entry.")
        groups = [(entry.site_id, entry.without) for entry in entries]
        lacking = {group: self._uncovered(*group) for group in dict.fromkeys(groups)}
        covered = emptied(enriched(self._things(entries, visits)), groups, lacking)
        return apply_rules(apply_corrections(covered, self._site_of), self._site_of)

    def _uncovered(self, site_id: int, without: tuple[str, ...]) -> set[str]:
        """Return the columns that a visitor's consent does not cover.

        An entry of an older release does not know the newest columns: what the site's policy does
        not tell of stays empty in any case.
        """
        return {*without, *self._untold(site_id)}

    def detached(self, entries: Iterable[JournalEntry]) -> Detached:
        """Return the visits that visitors of these sites have detached, by site and visitor."""
        sites = {entry.site_id for entry in entries}
        known = {number: site for number in sites if (site := self._site_of(number))}
        return {
            (number, visitor_id): visits
            for number, site in known.items()
            if site.corrections
            for visitor_id, visits in site.detached.items()
        }

    def sides(self, entries: Iterable[JournalEntry]) -> list[int]:
        """Return on which side of its site each entry stands, see `Site.side`.

        What an owner's rules leave out besides (`ruling`) is part of the same visits as what they
        do not, so it is not told here.
        """
        return [
            self._side(entry.site_id, entry.rule) if entry.rule else entry.site_id
            for entry in entries
        ]

    def _side(self, site_id: int, rule: str) -> int:
        if not rule:
            return site_id
        site = self._site_of(site_id)
        return site.side(rule) if site else -site_id

    def _things(self, entries: list[JournalEntry], visits: list[str]) -> Things:
        from collector.enrichment.batches import Shared, shared, shared_facts  # noqa: PLC0415 - Arrow

        urls = shared([(entry.site_id, entry.url) for entry in entries])
        pages = urls.each(lambda _, url: address_of(url))
        referrers = shared([(entry.site_id, entry.referrer) for entry in entries])
        languages = shared([(entry.accept_language,) for entry in entries])
        return {
            "entry": entries,
            "visit": visits,
            "site": shared([(entry.site_id, entry.rule) for entry in entries]).each(self._side),
            "time": [entry.happened_at * 1000 for entry in entries],  # microseconds
            "page": pages,
            "query": Shared([page.query for page in pages.values], pages.places),
            "parameters": urls.each(self._rest),
            "referrer_host": referrers.each(self._referrer_host),
            "agent": shared([(entry.user_agent, entry.hints) for entry in entries]).each(client_of),
            "language": languages.each(language_of),
            "languages": languages.each(languages_of),
            "facts": shared_facts([entry.facts for entry in entries]),
        }

    def _untold(self, site_id: int) -> tuple[str, ...]:
        site = self._site_of(site_id)
        return _without_purpose(tuple(site.column_purposes.items())) if site else ()

    def _rest(self, site_id: int, url: str) -> str:
        site = self._site_of(site_id) if "?" in url else None
        return rest_of(url, site.rules.parameters) if site else ""

    def _referrer_host(self, site_id: int, referrer: str) -> str:
        if not referrer:
            return ""
        site = self._site_of(site_id)
        return outside_host(referrer, site.hosts) if site else referrer_host(referrer)


@lru_cache(maxsize=1024)
def _without_purpose(purpose_of: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    return tuple(name for name, purpose in purpose_of if not purpose)


@remembered(4096)
def outside_host(referrer: str, hosts: tuple[str, ...]) -> str:
    """Return the host of a referrer outside the site with these hosts, or ''."""
    host = referrer_host(referrer)
    own = (host, f"www.{host}", split_address(referrer).netloc.lower()) if host else ()
    return "" if any(allowed(hosts, name) for name in own) else host
