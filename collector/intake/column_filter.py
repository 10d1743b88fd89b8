"""What a yes covers: the columns it leaves out of an event, and the facts they are told by."""

from functools import lru_cache

import msgspec

from askfirst.consents import Claims
from askfirst.events import AGENT_COLUMNS, JournalEntry
from askfirst.sites import Site
from askfirst.text.text_cache import remembered
from askfirst.web.urls import split_address
from collector.enrichment.enrich import outside_host

CAMPAIGN = ("utm_source", "utm_medium", "utm_campaign")
TOLD_BY: dict[str, tuple[str, ...]] = {
    "referrer": ("referrer", "referrer_host"),
    "link_url": ("link_url",),
    "link_kind": ("link_kind",),
    "ip": ("ip",),
    "country": ("country",),
    "user_agent": AGENT_COLUMNS,
    "accept_language": ("language",),
}
"""The columns that each fact of a journal entry tells; the campaign is told by its `url`.

A fact is left out as soon as one of its columns is: written down, it would tell that one too. Only
a referrer can be cut to what tells its host alone.
"""

_MAY_BE_LEFT_OUT = (*CAMPAIGN, *(column for told in TOLD_BY.values() for column in told))


class ColumnFilter(msgspec.Struct, frozen=True):
    """The columns a yes leaves out (`without`), and the facts that would tell them (`untold`)."""

    without: tuple[str, ...] = ()
    untold: frozenset[str] = frozenset()

    @property
    def takes_clicks(self) -> bool:
        """Return whether a link click may be recorded; without its link it says nothing."""
        return "link_url" not in self.without

    def minimized(self, entry: JournalEntry, hosts: tuple[str, ...]) -> JournalEntry:
        """Return the entry without what is not covered, before anything writes it down.

        `hosts` are the site's: of a referrer within it no host is recorded, so none is kept.
        """
        if not self.without:
            return entry
        cut: dict[str, str] = dict.fromkeys(self.untold, "")
        cut["url"] = campaign_only(entry.url, tuple(c for c in CAMPAIGN if c not in self.without))
        if "referrer" in self.untold and "referrer_host" not in self.without:
            cut["referrer"] = host_only(entry.referrer, hosts)
        return msgspec.structs.replace(entry, **cut, without=self.without)


_WHOLE = ColumnFilter()


def column_filter_of(claims: Claims, site: Site) -> ColumnFilter:
    """Tell what the yes in a token covers of a site's newest policy.

    A column belongs to the purpose that the policy names for it, else to the visit statistics; a
    purpose of the token that the policy no longer has covers nothing.
    """
    if not site.column_purposes:
        return _WHOLE
    return _column_filter(tuple(site.column_purposes.items()), claims.purposes)


@lru_cache(maxsize=4096)
def _column_filter(placed: tuple[tuple[str, str], ...], purposes: tuple[str, ...]) -> ColumnFilter:
    refused = {column for column, purpose in placed if purpose not in purposes}
    without = tuple(column for column in _MAY_BE_LEFT_OUT if column in refused)
    untold = {fact for fact, columns in TOLD_BY.items() if not refused.isdisjoint(columns)}
    if "referrer" not in refused:
        untold.discard("referrer")  # it is covered whole, and so the host in it is no secret
    return ColumnFilter(without, frozenset(untold))


def campaign_only(url: str, names: tuple[str, ...] = CAMPAIGN) -> str:
    """Cut from a page's query whatever is no campaign: search words, addresses, secrets."""
    if "?" not in url:
        return url
    page, _, query = url.partition("?")
    kept = "&".join(part for part in query.split("&") if part.partition("=")[0] in names)
    return f"{page}?{kept}" if kept else page


@remembered(4096)
def host_only(referrer: str, hosts: tuple[str, ...]) -> str:
    """Cut a referrer to its scheme and host; one within the site with these hosts gives ''."""
    if not outside_host(referrer, hosts):
        return ""
    parts = split_address(referrer)
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
    return f"{parts.scheme}://{host}/"
