"""The journal entry that is made of an event that the gate has taken."""

import msgspec

from askfirst.consents import Claims
from askfirst.events import Facts, JournalEntry
from askfirst.recording_rules import SPAM
from askfirst.sites import Site
from askfirst.web.accept_language import read_of
from collector.enrichment.enrich import client_of, shown_ip
from collector.enrichment.places.records import Place
from collector.intake.bot_rules import rule_of
from collector.intake.column_filter import ColumnFilter
from collector.intake.gate import Arrival
from collector.intake.page_addresses import other_address, other_than, page_addresses
from collector.intake.payload import WirePayload
from collector.intake.wire_events import LinkClick, PageView, WireEvent


class Shared(msgspec.Struct, frozen=True):
    """What the events of one request have in common."""

    country: str
    accept_language: str
    hints: str
    rule: str
    app: str
    facts: Facts


def shared_facts(
    payload: WirePayload, arrival: Arrival, hints: str, site: Site, place: Place
) -> Shared:
    """Return what is known of the browser that sent a request; `hints` are those of `hints_in`."""
    facts: Facts = {}
    if payload.screen:
        facts["screen"] = payload.screen
    if place.region:
        facts["region"] = place.region
    if place.city:
        facts["city"] = place.city
    rule = rule_of(arrival, hints, payload, site.rules.networks)
    client = client_of(arrival.user_agent, hints)
    languages = read_of(arrival.accept_language)
    return Shared(place.country, languages, hints, rule, client.browser_variant, facts)


def entry_of(
    event: WireEvent,
    site: Site,
    claims: Claims,
    arrival: Arrival,
    shared: Shared,
    columns: ColumnFilter,
) -> JournalEntry:
    """Build an entry; the IP address is shortened here, by the policy that allows the event.

    URLs have the one form in which they are recorded, without what may identify a person.
    """
    link = event if isinstance(event, LinkClick) else None
    view = event if isinstance(event, PageView) else None
    before = view or link
    came = page_addresses(event.url, before.referrer if before else "", site, shared.app, columns)
    facts = {**shared.facts, **event.facts(), **(came.facts if view else {})}
    if view and "canonical" in facts:
        facts["canonical"] = other_than(view.url, view.canonical, site.rules)
    return JournalEntry(
        event_id=event.id,
        site_id=claims.site_id,
        visitor_id=claims.visitor_id,
        consent_id=claims.consent_id,
        policy_version=claims.policy_version,
        kind=event.kind,
        happened_at=arrival.now - event.age,
        url=came.url,
        referrer=came.referrer,
        link_url=other_address(link.link_url, site.rules) if link else "",
        link_kind=link.link_kind if link else "",
        ip=shown_ip(arrival.ip, site.ip_mode),
        user_agent=arrival.user_agent,
        accept_language=shared.accept_language,
        country=shared.country,
        facts=facts,
        hints=shared.hints,
        rule=shared.rule or (SPAM if view and came.spam else ""),
    )
