"""The words of the question: the default policy and the wording a banner shows in one language."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from askfirst.errors import Malformed
from askfirst.events import PURPOSE
from askfirst.sites import IpMode, Site, is_web_address
from askfirst.store.ledger import Ledger
from askfirst.store.site_book import Policy, content_hash
from askfirst.store.tables import policies
from consent.english import FIELDS, IP_TEXTS, TEXTS

FALLBACK_LANGUAGE = "en"
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


@dataclass(frozen=True)
class Terms:
    """How long and how whole things are kept: months of events, days of a choice, the address."""

    retention_months: int = 25
    choice_days: int = 180
    ip_mode: IpMode = "whole"


def default_policy(
    name: str, controller: str, contact: str, privacy_url: str, terms: Terms | None = None
) -> dict[str, Any]:
    """Write the content of a site's first policy.

    `name` is the site's name, `contact` an e-mail or web address, `privacy_url` a web address or
    ''. Raises `Malformed` where `privacy_url` is neither.
    """
    if privacy_url and not is_web_address(privacy_url):
        raise Malformed("Expected the address of a web page.", field="privacy_url")
    terms = terms or Terms()
    return {
        "controller": controller,
        "contact": contact,
        "privacy_url": privacy_url,
        "choice_days": terms.choice_days,
        "texts": {FALLBACK_LANGUAGE: _english(name, contact or controller, terms)},
    }


def _english(name: str, contact: str, terms: Terms) -> dict[str, Any]:
    facts = {"name": name, "contact": contact, "days": terms.choice_days}
    banner = {key: text.format_map(facts) for key, text in TEXTS["banner"].items()}
    return {
        "purposes": [{"id": PURPOSE, **TEXTS["purpose"]}],
        "fields": [
            {"column": column, "name": title, "text": text}
            for column, (title, text) in {**FIELDS, "ip": IP_TEXTS[terms.ip_mode]}.items()
        ],
        "retention": _months(terms.retention_months),
        "recipients": TEXTS["page"]["recipients"],
        "rights": list(TEXTS["rights"]),
        "banner": banner,
    }


def _months(months: int) -> str:
    return "1 month" if months == 1 else f"{months} months"


def language_of(policy: Policy, wanted: str) -> str:
    """Give the policy's language that fits a language tag best, e.g. `en` for `en-GB`."""
    offered = policy.content["texts"]
    tag = wanted.lower()
    while tag:
        if tag in offered:
            return tag
        tag = tag.rpartition("-")[0]
    return FALLBACK_LANGUAGE if FALLBACK_LANGUAGE in offered else str(next(iter(offered)))


def wording(policy: Policy, site: Site, language: str) -> dict[str, Any]:
    """Give what the banner shows in the best language there is.

    `hash` is the SHA-256, in hexadecimal, over the canonical JSON (sorted keys, no spaces) of
    everything else in the answer, so that anyone can check which words a consent was given to.
    """
    chosen = language_of(policy, language)
    texts = policy.content["texts"][chosen]
    shown = {
        "site": site.key,
        "version": policy.version,
        "language": chosen,
        "direction": "rtl" if chosen.split("-")[0] in _RIGHT_TO_LEFT else "ltr",
        "controller": {"name": policy.content["controller"], "contact": policy.content["contact"]},
        "privacy_url": policy.content["privacy_url"],
        "purposes": texts["purposes"],
        "fields": texts["fields"],
        "retention": texts["retention"],
        "recipients": texts["recipients"],
        "rights": texts["rights"],
        "policy_url": f"/policy/{site.key}",
        "texts": texts["banner"],
    }
    return {**shown, "hash": content_hash(shown)}


def purpose_ids(shown: dict[str, Any]) -> tuple[str, ...]:
    """Give the ids of the purposes that a wording asks for."""
    return tuple(purpose["id"] for purpose in shown["purposes"])


async def published(ledger: Ledger, site_id: int, version: int) -> Policy | None:
    """Give one published version of a site's policy, or None."""
    chosen = (policies.c.site_id == site_id) & (policies.c.version == version)
    columns = [policies.c[name] for name in Policy.__struct_fields__]
    async with ledger.read() as connection:
        row = (await connection.execute(select(*columns).where(chosen))).mappings().first()
    return Policy(**row) if row else None
