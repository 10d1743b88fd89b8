"""The origin of a visit: source, channel and campaign, from referrer and page address."""

import msgspec

from askfirst.channels import DEFAULT, ChannelRules
from askfirst.text.text_cache import remembered
from collector.enrichment.sources.addresses import Referrer, read_referrer
from collector.enrichment.sources.campaigns import NO_CAMPAIGN, Campaign, campaign_of
from collector.enrichment.sources.channel_table import Facts, is_paid_medium, table_of
from collector.enrichment.sources.click_ids import ClickId, chosen
from collector.enrichment.sources.hosts import is_own, is_spam, source_of_referrer
from collector.enrichment.sources.lists import UNKNOWN, Source
from collector.enrichment.sources.names import comparable, source_of_name


class Origin(msgspec.Struct, frozen=True):
    """Where a visit comes from.

    `source` is the name that people use: a site or service of the lists (`Google`), the host or
    app of any other referrer (`example.org`), what `utm_source` says in small letters, or ''.
    `channel` is one of `CHANNELS`, or what a rule of the owner says. `click_id` is the kind of the
    click id (`gclid`), '' for none; the id itself is never kept. `spam` says that the referrer is
    known for referrer spam.
    """

    source: str
    channel: str
    click_id: str = ""
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_term: str = ""
    utm_content: str = ""
    spam: bool = False


def source_of(
    referrer: str,
    url: str,
    hosts: tuple[str, ...],
    rules: ChannelRules = DEFAULT,
    app: str = "",
) -> Origin:
    """Return the origin of a page view from its referrer, its address and the hosts of its site.

    What the address says decides, by the UTM parameters and then by click ids that were not copied
    from elsewhere; then the referrer. `rules` are the owner's, asked before the shipped ones. `app`
    is the app whose built-in browser is used (`Instagram`), or ''; it counts where nothing else is
    known, because these browsers often send no referrer.
    """
    return _origin(referrer, campaign_of(url), hosts, rules, app)


_DIRECT = Source("", "direct")
_INTERNAL = Source("", "internal")
_TAGGED = Source("", "campaign")
_SHORTEST_REF = 4  # ref=x, source=tw
_NOT_LISTED = ("campaign", "direct", "internal", "referral")


@remembered(8192)
def _origin(
    text: str, campaign: Campaign, hosts: tuple[str, ...], rules: ChannelRules, app: str
) -> Origin:
    referrer = read_referrer(text)
    before = _before(referrer, hosts, app)
    source, click = _decided(before, campaign)
    host = referrer.host
    channel = table_of(rules).channel(
        _facts(source, campaign, host.removeprefix("www.") or referrer.app)
    )
    return Origin(
        source.name,
        channel,
        click.name if click else "",
        *campaign[:5],
        host != "" and is_spam(host),
    )


def _facts(source: Source, campaign: Campaign, host: str) -> Facts:
    if campaign is NO_CAMPAIGN:
        return Facts(source.kind, source.paid, (source.name.lower(),), "", "", host)
    medium = comparable(campaign.utm_medium)
    return Facts(
        source.kind,
        source.paid or is_paid_medium(medium),
        (source.name.lower(), comparable(campaign.utm_source)),
        medium,
        comparable(campaign.utm_campaign),
        host,
        tuple(name.lower() for name in campaign.clicks),
    )


def _before(referrer: Referrer, hosts: tuple[str, ...], app: str) -> Source:
    """Return what the referrer says, or else the app: `internal`, `direct`, or a source."""
    if not referrer.host and not referrer.app:
        return _listed_app(app) if app else _DIRECT
    return _INTERNAL if is_own(referrer, hosts) else source_of_referrer(referrer)


def _listed_app(app: str) -> Source:
    found = source_of_name(app)
    return _DIRECT if found.kind == "campaign" else found


def _decided(before: Source, campaign: Campaign) -> tuple[Source, ClickId | None]:
    """Return the source by all that is known, and the click id that counts."""
    if campaign is NO_CAMPAIGN:
        return before, None
    said = _said(campaign, before)
    named = _with_kind(said, before, campaign)
    if not campaign.clicks:
        return named, None
    known = UNKNOWN if named.kind in _NOT_LISTED else named
    click, fitting = chosen(campaign.clicks, known.name, known.kind)
    if click is None or not fitting or _was_shared_on(click, before, said):
        return named, click
    publisher = before.name if click.kind == "affiliate" else ""
    name = said.name or known.name or publisher or click.source
    return Source(name, known.kind or click.kind, named.paid or click.paid), click


def _was_shared_on(click: ClickId, before: Source, said: Source) -> bool:
    """Return whether the visit came from elsewhere, by an address that had the id already."""
    shared = not click.paid and click.kind in ("social", "search")
    return shared and before.kind == "referral" and not said.name


def _said(campaign: Campaign, before: Source) -> Source:
    """Return the source that the address names, if any.

    `ref` and `source` have other uses, too: they count where they name a source of the lists in
    at least four letters, and the referrer is none of the lists.
    """
    if campaign.utm_source:
        return source_of_name(campaign.utm_source)
    if len(campaign.ref) >= _SHORTEST_REF and before.kind in ("direct", "referral"):
        found = source_of_name(campaign.ref)
        return UNKNOWN if found.kind == "campaign" else found
    return UNKNOWN


def _with_kind(said: Source, before: Source, campaign: Campaign) -> Source:
    """Return the source that is named, or the referrer's; its kind is the referrer's if unknown."""
    if said.name:
        unknown = said.kind == "campaign" and before.kind not in _NOT_LISTED
        return said._replace(kind=before.kind) if unknown else said
    tagged = any(campaign[1:5])
    return _TAGGED if tagged and before.kind in ("direct", "internal") else before
