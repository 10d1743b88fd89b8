"""The journal entry that is made of an event that the gate has taken."""

import msgspec

from askfirst.consents import Claims
from askfirst.events import Facts, JournalEntry
from askfirst.sites import Site, host_of
from collector.enrichment.enrich import shown_ip
from collector.intake.bot_rules import rule_of
from collector.intake.column_filter import campaign_only
from collector.intake.gate import Arrival
from collector.intake.payload import WirePayload
from collector.intake.wire_events import LinkClick, PageView, WireEvent


class Shared(msgspec.Struct, frozen=True):
    """What the events of one request have in common."""

    country: str
    rule: str
    facts: Facts


def shared_facts(payload: WirePayload, arrival: Arrival, site: Site, country: str) -> Shared:
    """Return what is known of the browser that sent a request."""
    facts: Facts = {"screen": payload.screen} if payload.screen else {}
    return Shared(country, rule_of(arrival, payload, site.rules.networks), facts)


def entry_of(
    event: WireEvent, site: Site, claims: Claims, arrival: Arrival, shared: Shared
) -> JournalEntry:
    """Build an entry; the IP address is shortened here, by the policy that allows the event."""
    came_from = event.referrer if isinstance(event, PageView | LinkClick) else ""
    link = event if isinstance(event, LinkClick) else None
    return JournalEntry(
        event_id=event.id,
        site_id=claims.site_id,
        visitor_id=claims.visitor_id,
        consent_id=claims.consent_id,
        policy_version=claims.policy_version,
        kind=event.kind,
        happened_at=arrival.now - event.age,
        url=campaign_only(event.url),
        referrer=_shown(came_from, site),
        link_url=_shown(link.link_url, site) if link else "",
        link_kind=link.link_kind if link else "",
        ip=shown_ip(arrival.ip, site.ip_mode),
        user_agent=arrival.user_agent,
        accept_language=arrival.accept_language,
        country=shared.country,
        facts=shared.facts | event.facts(),
        hints=arrival.hints,
        rule=shared.rule,
    )


def _shown(url: str, site: Site) -> str:
    """Return a URL, without its query where it is within the site: queries may hold secrets."""
    return url.partition("?")[0] if "?" in url and site.allows(host_of(url)) else url
