"""The addresses of a page view as they are recorded, and where the visitor came from by them."""

from functools import lru_cache

import msgspec

from askfirst.channels import DEFAULT, ChannelRules, read_rules
from askfirst.events import Facts
from askfirst.recording_rules import RecordingRules
from askfirst.sites import Site
from askfirst.text.text_cache import LONGEST
from askfirst.web.recorded_urls import recorded_url
from collector.enrichment.sources.addresses import with_scheme
from collector.enrichment.sources.campaigns import campaign_query
from collector.enrichment.sources.origin import Origin, source_of
from collector.intake.column_filter import ColumnFilter, campaign_only, host_only, not_of_a_campaign

_NO_PARAMETERS: frozenset[str] = frozenset()


class PageAddresses(msgspec.Struct, frozen=True):
    """`url` and `referrer` as they are recorded, `facts` of the source, and if it is spam."""

    url: str
    referrer: str
    facts: Facts
    spam: bool


def page_addresses(
    url: str, referrer: str, site: Site, app: str, columns: ColumnFilter
) -> PageAddresses:
    """Return what a page's address and its referrer tell, as far as the consent covers it.

    `app` is the app in whose browser the page was opened, or ''. The same pages and referrers come
    again and again, so results are kept, but not of long addresses, with which somebody could fill
    the memory.
    """
    asked = (url, referrer, site.hosts, site.rules, app, columns)
    if len(url) + len(referrer) > LONGEST:
        return _read(*asked)
    return _remembered(*asked)


def _read(
    url: str,
    referrer: str,
    hosts: tuple[str, ...],
    rules: RecordingRules,
    app: str,
    columns: ColumnFilter,
) -> PageAddresses:
    page, referrer = _page(url, rules.parameters), with_scheme(referrer)
    marked = campaign_only(page, columns.parameters) if columns.hides_campaign else url
    origin = _origin(marked, referrer, hosts, _channel_rules(rules.channels), app, columns)
    return PageAddresses(
        page,
        other_address(referrer, rules),
        _facts_of(origin),
        origin.spam,
    )


_remembered = lru_cache(maxsize=8192)(_read)


def _origin(
    url: str,
    referrer: str,
    hosts: tuple[str, ...],
    rules: ChannelRules,
    app: str,
    columns: ColumnFilter,
) -> Origin:
    """Return where the visitor came from, by the address and what is covered of the rest."""
    if "referrer_host" in columns.without:
        referrer = ""
    elif "referrer" in columns.without and referrer:
        referrer = host_only(recorded_url(referrer, _NO_PARAMETERS), ())
    app = "" if "user_agent" in columns.removed else app
    return source_of(referrer, url, hosts, rules, app)


@lru_cache(maxsize=256)
def _channel_rules(text: str) -> ChannelRules:
    return read_rules(text) if text else DEFAULT


def _facts_of(origin: Origin) -> Facts:
    found = {"source": origin.source, "channel": origin.channel, "click_id": origin.click_id}
    return {name: value for name, value in found.items() if value}


def _page(url: str, chosen: tuple[str, ...]) -> str:
    """Return a page's address with its campaign, in whichever form that stands, and what is kept.

    The campaign is written as parameters of the query, also where it stood in the fragment, so that
    its columns are read from it and those that are not covered can be taken out of it.
    """
    page, _, kept = recorded_url(url, _without_campaign(chosen)).partition("?")
    query = "&".join(part for part in (campaign_query(url), kept) if part)
    return f"{page}?{query}" if page and query else page


_without_campaign = lru_cache(maxsize=1024)(not_of_a_campaign)


def other_address(url: str, rules: RecordingRules) -> str:
    """Return the URL of a link or referrer, with the parameters that the owner keeps.

    The rest of a query may hold words that were searched for, and secrets.
    """
    return recorded_url(url, frozenset(rules.parameters)) if url else ""


def other_than(url: str, canonical: str, rules: RecordingRules) -> str:
    """Return a page's canonical address where it is another one than the page's own, or ''."""
    other = other_address(canonical, rules)
    return "" if other == recorded_url(url, _NO_PARAMETERS) else other
