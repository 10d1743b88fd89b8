"""The column filter: removes from an event what the visitor's consent does not cover."""

from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_plus

import msgspec

from askfirst.columns import COLUMNS, KINDS, NEEDED, Column
from askfirst.consents import Claims
from askfirst.events import JournalEntry
from askfirst.recording_rules import UNNAMED
from askfirst.sites import Site
from askfirst.text.text_cache import remembered
from askfirst.web.urls import split_address
from collector.enrichment.enrich import outside_host
from collector.enrichment.sources.campaigns import plain_name

_OPTIONAL = tuple(one for one in COLUMNS if not one.is_fixed)
_FIXED_FIELDS = frozenset(one.field for one in COLUMNS if one.is_fixed)


def _named_by(
    columns: Iterable[Column], name_of: Callable[[Column], str]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in columns:
        found[name_of(one)] = (*found.get(name_of(one), ()), one.name)
    return found


CAMPAIGN = _named_by((one for one in _OPTIONAL if one.thing == "query"), lambda one: one.attribute)
"""The columns that are derived from each parameter of a page's query."""
COLUMNS_FROM = _named_by(
    (one for one in _OPTIONAL if one.field not in {*_FIXED_FIELDS, "facts"}), lambda one: one.field
)
"""The columns that are derived from each field of a journal entry; `url` has the campaign.

A field is removed as soon as the visitor refuses one of its columns: stored, it would reveal that
column too. Only a referrer can be cut to its host. Fields that every event needs stay. Of the facts
of an entry each is removed by itself, as each is one column.
"""
_KINDS = frozenset(KINDS) - {""}
_FACTS = frozenset(one.name for one in _OPTIONAL if one.thing == "facts")


class ColumnFilter(msgspec.Struct, frozen=True, cache_hash=True):
    """The columns that a consent does not cover (`without`), and the fields to remove for them.

    `parameters` are those of the page's query that stay: of the campaign, and the owner's.
    """

    without: tuple[str, ...] = ()
    removed: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset(CAMPAIGN)

    kinds: frozenset[str] = _KINDS
    """The kinds of events that may be recorded: without its link, a click says nothing."""
    only_facts: bool = False
    """Whether all columns that are not covered are facts of an entry, as amounts of money are."""

    hides_campaign: bool = False
    """Whether a part of what a page's query says of the campaign is not covered."""

    def minimized(self, entry: JournalEntry, site: Site) -> JournalEntry:
        """Return the entry without what is not covered, before anything stores it.

        No host is recorded of a referrer within the site, so none is kept. Of a rule whose name is
        not covered it stays that the reports leave out what it fits.
        """
        if not self.without or (self.only_facts and entry.facts.keys().isdisjoint(self.without)):
            return entry
        cut: dict[str, Any] = dict.fromkeys(self.removed, "")
        if "user_agent" in self.removed:
            cut["hints"] = ""
        if "rule" in self.removed and site.rules.leaves_out(entry.rule):
            cut["rule"] = UNNAMED
        if entry.facts:
            cut["facts"] = {k: v for k, v in entry.facts.items() if k not in self.without}
            if "canonical" in cut["facts"]:
                cut["facts"]["canonical"] = campaign_only(
                    str(entry.facts["canonical"]), self.parameters
                )
        cut["url"] = campaign_only(entry.url, self.parameters)
        for name in ("referrer", "link_url"):
            cut.setdefault(name, self._of_own_page(getattr(entry, name), site.hosts))
        if "referrer" in self.removed and "referrer_host" not in self.without:
            cut["referrer"] = host_only(entry.referrer, site.hosts)
        return msgspec.structs.replace(entry, **cut, without=self.without)

    def _of_own_page(self, url: str, hosts: tuple[str, ...]) -> str:
        """Return an address, of a page of the site with these hosts without what is not covered."""
        return url if outside_host(url, hosts) else campaign_only(url, self.parameters)


_OF_A_CAMPAIGN = frozenset({"click_id", *(one.name for one in _OPTIONAL if one.thing == "query")})
_EVERYTHING = ColumnFilter()


def column_filter_of(claims: Claims, site: Site) -> ColumnFilter:
    """Return the filter for a token's purposes under the site's newest policy.

    A column belongs to the purpose that the policy names for it, to the visit statistics, or to ''
    where the policy does not tell of it: then it stays empty, but what else is read from the same
    field goes on. A purpose of the token that the policy no longer has covers nothing.
    """
    if not site.column_purposes:
        return _EVERYTHING
    placed = tuple(site.column_purposes.items())
    return _column_filter(placed, claims.purposes, site.rules.parameters)


@lru_cache(maxsize=4096)
def _column_filter(
    purpose_of: tuple[tuple[str, str], ...], purposes: tuple[str, ...], own: tuple[str, ...]
) -> ColumnFilter:
    uncovered = {column for column, purpose in purpose_of if purpose not in purposes}
    refused = uncovered - {column for column, purpose in purpose_of if not purpose}

    def goes(columns: tuple[str, ...]) -> bool:
        return not refused.isdisjoint(columns) or uncovered.issuperset(columns)

    removed = {field for field, columns in COLUMNS_FROM.items() if goes(columns)}
    removed.discard("referrer")
    if "referrer" in uncovered:  # where the whole of it is covered, its host may be known too
        removed.add("referrer")
    return ColumnFilter(
        without=tuple(one.name for one in _OPTIONAL if one.name in uncovered),
        removed=frozenset(removed),
        parameters=frozenset(
            (
                *(name for name, columns in CAMPAIGN.items() if not goes(columns)),
                *(not_of_a_campaign(own) if "query" not in uncovered else ()),
            )
        ),
        only_facts=uncovered <= _FACTS,
        hides_campaign=not uncovered.isdisjoint(_OF_A_CAMPAIGN),
        kinds=_KINDS - {kind for kind, needed in NEEDED.items() if needed in uncovered},
    )


def not_of_a_campaign(own: Iterable[str]) -> frozenset[str]:
    """Return the owner's parameters but those that tell of a campaign, in whichever spelling."""
    return frozenset(name for name in own if plain_name(name) not in CAMPAIGN)


def campaign_only(url: str, names: Collection[str] = CAMPAIGN) -> str:
    """Remove from a page's query all but the campaign: search words, addresses, secrets."""
    url = url.partition("#")[0]
    if "?" not in url:
        return url
    page, _, query = url.partition("?")
    kept = "&".join(part for part in query.split("&") if _name_of(part) in names)
    return f"{page}?{kept}" if kept else page


def _name_of(part: str) -> str:
    """Return the name of a parameter, of one that tells of a campaign the name of its column."""
    written = unquote_plus(part.partition("=")[0])
    plain = plain_name(written)
    return plain if plain in CAMPAIGN else written


@remembered(4096)
def host_only(referrer: str, hosts: tuple[str, ...]) -> str:
    """Return a referrer's scheme and host, or '' where it is within the site with these hosts."""
    if not outside_host(referrer, hosts):
        return ""
    parts = split_address(referrer)
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
    return f"{parts.scheme}://{host}/"
