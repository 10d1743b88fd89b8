"""The journal entry that is made of an event that the gate has taken."""

from functools import lru_cache

import msgspec

from askfirst.channels import DEFAULT, ChannelRules, read_rules
from askfirst.consents import Claims
from askfirst.events import Facts, JournalEntry
from askfirst.recording_rules import SPAM
from askfirst.sites import Site
from askfirst.web.recorded_urls import recorded_url
from collector.enrichment.enrich import client_of, shown_ip
from collector.enrichment.places.records import Place
from collector.enrichment.sources.origin import Origin, source_of
from collector.intake.bot_rules import rule_of
from collector.intake.column_filter import CAMPAIGN, ColumnFilter, campaign_only
from collector.intake.gate import Arrival
from collector.intake.payload import WirePayload
from collector.intake.wire_events import LinkClick, PageView, WireEvent

_NO_PARAMETERS: frozenset[str] = frozenset()


class Shared(msgspec.Struct, frozen=True):
    """What the events of one request have in common."""

    country: str
    hints: str
    rule: str
    app: str
    facts: Facts


def shared_facts(
    payload: WirePayload, arrival: Arrival, hints: str, site: Site, place: Place
) -> Shared:
    """Return what is known of the browser that sent a request; `hints` are those of `hints_in`."""
    found = {"screen": payload.screen, "region": place.region, "city": place.city}
    facts: Facts = {name: value for name, value in found.items() if value}
    rule = rule_of(arrival, hints, payload, site.rules.networks)
    client = client_of(arrival.user_agent, hints)
    return Shared(place.country, hints, rule, client.browser_variant, facts)


def entry_of(
    event: WireEvent,
    site: Site,
    claims: Claims,
    arrival: Arrival,
    shared: Shared,
    columns: ColumnFilter,
) -> JournalEntry:
    """Build an entry; the IP address is shortened here, by the policy that allows the event.

    URLs have the one form in which they are recorded, without what may identify a person. Where the
    visitor came from is told by what the consent covers of referrer, address and browser.
    """
    link = event if isinstance(event, LinkClick) else None
    came_from = event.referrer if isinstance(event, PageView | LinkClick) else ""
    origin = _origin(event, site, shared.app, columns) if isinstance(event, PageView) else None
    facts = {**shared.facts, **event.facts(), **(_facts_of(origin) if origin else {})}
    if canonical := facts.pop("canonical", ""):
        facts |= _other_than(event.url, str(canonical), site)
    return JournalEntry(
        event_id=event.id,
        site_id=claims.site_id,
        visitor_id=claims.visitor_id,
        consent_id=claims.consent_id,
        policy_version=claims.policy_version,
        kind=event.kind,
        happened_at=arrival.now - event.age,
        url=recorded_url(event.url, _parameters(site.rules.parameters)),
        referrer=_shown(came_from, site),
        link_url=_shown(link.link_url, site) if link else "",
        link_kind=link.link_kind if link else "",
        ip=shown_ip(arrival.ip, site.ip_mode),
        user_agent=arrival.user_agent,
        accept_language=arrival.accept_language,
        country=shared.country,
        facts=facts,
        hints=shared.hints,
        rule=shared.rule or (SPAM if origin and origin.spam else ""),
    )


def _origin(event: PageView, site: Site, app: str, columns: ColumnFilter) -> Origin:
    rules, url, referrer = _channel_rules(site.rules.channels), event.url, event.referrer
    if columns.without:
        url = campaign_only(url, columns.parameters) if columns.hides_campaign else url
        referrer = "" if "referrer_host" in columns.without else referrer
        app = "" if "user_agent" in columns.removed else app
    return source_of(referrer, url, site.hosts, rules, app)


@lru_cache(maxsize=256)
def _channel_rules(text: str) -> ChannelRules:
    return read_rules(text) if text else DEFAULT


def _facts_of(origin: Origin) -> Facts:
    found = {
        "source": origin.source,
        "channel": origin.channel,
        "click_id": origin.click_id,
    }
    return {name: value for name, value in found.items() if value}


def _other_than(url: str, canonical: str, site: Site) -> Facts:
    """Return a page's canonical address where it is another one than the page's own."""
    own, other = recorded_url(url, _NO_PARAMETERS), _shown(canonical, site)
    return {} if other in ("", own) else {"canonical": other}


@lru_cache(maxsize=1024)
def _parameters(chosen: tuple[str, ...]) -> frozenset[str]:
    """Return the parameters of a page's query that are kept: the campaign's and the owner's."""
    return frozenset((*CAMPAIGN, *chosen))


def _shown(url: str, site: Site) -> str:
    """Return the URL of a link or referrer, with the parameters that the owner keeps.

    The rest of a query may hold words that were searched for, and secrets.
    """
    return recorded_url(url, frozenset(site.rules.parameters)) if url else ""
