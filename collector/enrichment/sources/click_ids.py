"""Click ids: parameters that advertisers, networks and mailers add to links, and what they tell.

Where a browser or a visitor's choice takes the id away, what Google adds besides still tells of it.
"""

from collections.abc import Sequence
from typing import NamedTuple


class ClickId(NamedTuple):
    """A kind of click id: who adds it, of which kind that source is, and whether it is paid."""

    name: str
    source: str
    kind: str
    paid: bool


CLICK_IDS = (
    ClickId("gclid", "Google", "search", True),
    ClickId("gbraid", "Google", "search", True),
    ClickId("wbraid", "Google", "search", True),
    ClickId("msclkid", "Bing", "search", True),
    ClickId("yclid", "Yandex", "search", True),
    ClickId("sznclid", "Seznam", "search", True),
    ClickId("bd_vid", "Baidu", "search", True),
    ClickId("dclid", "Google Ads", "display", True),
    ClickId("ttclid", "TikTok", "social", True),
    ClickId("twclid", "Twitter", "social", True),
    ClickId("li_fat_id", "LinkedIn", "social", True),
    ClickId("epik", "Pinterest", "social", True),
    ClickId("ScCid", "Snapchat", "social", True),
    ClickId("rdt_cid", "Reddit", "social", True),
    ClickId("qclid", "Quora", "social", True),
    ClickId("ndclid", "Nextdoor", "social", True),
    ClickId("obclid", "Outbrain", "display", True),
    ClickId("dicbo", "Outbrain", "display", True),
    ClickId("tblci", "Taboola", "display", True),
    ClickId("gad_campaignid", "Google", "search", True),
    ClickId("gad_source", "Google", "search", True),
    ClickId("irclickid", "Impact", "affiliate", False),
    ClickId("cjevent", "CJ", "affiliate", False),
    ClickId("awc", "Awin", "affiliate", False),
    ClickId("ranSiteID", "Rakuten Advertising", "affiliate", False),
    ClickId("sscid", "ShareASale", "affiliate", False),
    ClickId("tduid", "Tradedoubler", "affiliate", False),
    ClickId("zanpid", "Awin", "affiliate", False),
    ClickId("mc_eid", "Mailchimp", "email", False),
    ClickId("mc_cid", "Mailchimp", "email", False),
    ClickId("_kx", "Klaviyo", "email", False),
    ClickId("_hsenc", "HubSpot", "email", False),
    ClickId("_hsmi", "HubSpot", "email", False),
    ClickId("mkt_tok", "Marketo", "email", False),
    ClickId("vero_id", "Vero", "email", False),
    ClickId("ck_subscriber_id", "ConvertKit", "email", False),
    ClickId("ml_subscriber", "MailerLite", "email", False),
    ClickId("sfmc_sub", "Salesforce Marketing Cloud", "email", False),
    ClickId("dm_i", "Dotdigital", "email", False),
    ClickId("oly_enc_id", "Omeda", "email", False),
    ClickId("fbclid", "Facebook", "social", False),
    ClickId("igshid", "Instagram", "social", False),
    ClickId("igsh", "Instagram", "social", False),
    ClickId("ysclid", "Yandex", "search", False),
    ClickId("srsltid", "Google", "search", False),
)
"""In the order in which they count where an address has several that fit equally well."""

_META = frozenset({"Facebook", "Instagram", "Messenger", "Threads", "WhatsApp"})
_WITH_THEIR_ADS = frozenset({"search", "video", "shopping", "display"})


def fits(click: ClickId, source: str, kind: str) -> bool:
    """Return whether a click id agrees with what else is known of the source, '' for nothing.

    An id that does not was copied with the address: `gclid` in a link that somebody shared on
    Facebook. The ads of search engines also stand on partners' pages, in videos and in shops.
    """
    if not source or source == click.source or {source, click.source} <= _META:
        return True
    if click.kind in ("search", "display") and click.paid:
        return kind in _WITH_THEIR_ADS
    return click.kind in ("email", "affiliate") and kind == click.kind


def chosen(names: Sequence[str], source: str, kind: str) -> tuple[ClickId | None, bool]:
    """Return the click id that counts, the first that fits else the first, and whether it fits."""
    found = [BY_NAME[name] for name in names]
    fitting = next((one for one in found if fits(one, source, kind)), None)
    return fitting or (found[0] if found else None), fitting is not None


BY_NAME = {one.name: one for one in CLICK_IDS}
