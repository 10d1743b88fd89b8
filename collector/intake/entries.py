"""The journal entry that is made of an event that the gate has taken."""

from askfirst.consents import Claims
from askfirst.events import JournalEntry
from askfirst.sites import Site, host_of
from collector.enrichment.enrich import shown_ip
from collector.intake.column_filter import campaign_only
from collector.intake.gate import Arrival
from collector.intake.payload import WireEvent


def entry_of(
    event: WireEvent, site: Site, claims: Claims, arrival: Arrival, country: str
) -> JournalEntry:
    """Build an entry; the IP address is shortened here, by the policy that allows the event."""
    return JournalEntry(
        event_id=event.id,
        site_id=claims.site_id,
        visitor_id=claims.visitor_id,
        consent_id=claims.consent_id,
        policy_version=claims.policy_version,
        kind=event.kind,
        happened_at=arrival.now - event.age,
        url=campaign_only(event.url),
        referrer=_shown(event.referrer, site),
        link_url=_shown(event.link_url or "", site),
        link_kind=event.link_kind or "",
        ip=shown_ip(arrival.ip, site.ip_mode),
        user_agent=arrival.user_agent,
        accept_language=arrival.accept_language,
        country=country,
    )


def _shown(url: str, site: Site) -> str:
    """Return a URL, without its query where it is within the site: queries may hold secrets."""
    return url.partition("?")[0] if "?" in url and site.allows(host_of(url)) else url
