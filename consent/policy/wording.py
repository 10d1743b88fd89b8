"""The words of the banner: a site's first policy, and the wording shown in one language."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from askfirst.columns import PURPOSE
from askfirst.errors import Malformed
from askfirst.sites import DEFAULT_IP_MODE, IpMode, Site, is_web_address
from askfirst.store.ledger.site_book import SiteBook
from askfirst.store.ledger.sites.policies import Policy, content_hash
from consent.policy.drafts import content_of, statistics_columns
from consent.policy.languages import FALLBACK, Texts, languages

SCHEMA = 1
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
ONCE_DAYS = 1
"""How long a yes for one visit holds at most."""


@dataclass(frozen=True)
class Terms:
    """What a site keeps: months of events, days of a choice, how much of an IP address.

    Without `refusal_days` a no is kept as long as a yes.
    """

    retention_months: int = 25
    choice_days: int = 180
    ip_mode: IpMode = DEFAULT_IP_MODE
    refusal_days: int | None = None


def default_policy(
    name: str,
    controller: str,
    contact: str,
    privacy_url: str,
    terms: Terms | None = None,
    language: str = FALLBACK,
) -> dict[str, Any]:
    """Return the content of a site's first policy, as `SiteBook.add` takes it.

    `name` is the site's name, `contact` an e-mail or web address, `privacy_url` a web address or
    ''. `language` is used for pages whose own language the policy does not have. Raises `Malformed`
    where `privacy_url` is neither.
    """
    if privacy_url and not is_web_address(privacy_url):
        raise Malformed("Expected the address of a web page.", field="privacy_url")
    terms = terms or Terms()
    draft = {
        "schema": SCHEMA,
        "name": name,
        "controller": {"name": controller, "address": "", "contact": contact or controller},
        "privacy_url": privacy_url,
        "authority": "",
        "recipients": [],
        "retention_months": terms.retention_months,
        "choice_days": terms.choice_days,
        "refusal_days": terms.choice_days if terms.refusal_days is None else terms.refusal_days,
        "only_this_visit": False,
        "manager": "",  # the consent manager whose yes is taken, or ''
        "ip_mode": terms.ip_mode,
        "purposes": [{"id": PURPOSE, "columns": list(statistics_columns())}],
        "theme": {},
        "default_language": language,
        "languages": list(languages()),
        "own": {},
    }
    return content_of(draft)


def language_of(policy: Policy, wanted: str) -> str:
    """Return the language of a policy that best fits a language tag, e.g. `en` for `en-GB`."""
    offered = {tag.lower(): tag for tag in policy.content["texts"]}
    tag = wanted.lower()
    while tag:
        found = offered.get(tag) or offered.get(_ALIASES.get(tag, ""))
        if found:
            return str(found)
        tag = tag.rpartition("-")[0]
    default = str(policy.content["default_language"])
    return default if default in policy.content["texts"] else next(iter(policy.content["texts"]))


_ALIASES = {"zh": "zh-hans", "zh-cn": "zh-hans", "zh-sg": "zh-hans", "iw": "he"}


async def wording(book: SiteBook, policy: Policy, site: Site, language: str) -> dict[str, Any]:
    """Return everything the visitor is told, in the language of the policy that fits best.

    `hash` is the SHA-256, in hexadecimal, of the canonical JSON (sorted keys, no spaces) of
    everything else in it, so that anyone can check which words a consent was given to.
    """
    chosen = language_of(policy, language)
    return shown_of(policy, site, chosen, await book.texts(policy, chosen))


def shown_of(policy: Policy, site: Site, language: str, texts: Texts) -> dict[str, Any]:
    """Return a wording from a policy and its texts in one of its languages, as `wording` does.

    The wording of a policy never changes, since its hash stands in proofs of consent: a new fact
    needs a new schema.
    """
    shown = _shown(policy, site, language, texts)
    return {**shown, "hash": content_hash(shown)}


def _shown(policy: Policy, site: Site, language: str, texts: Texts) -> dict[str, Any]:
    content = policy.content
    times = content["times"][language]
    fill = _PlaceholderFiller(content, language, texts)
    return {
        "site": site.key,
        "name": content["name"],
        "version": policy.version,
        "language": language,
        "direction": texts["direction"],
        "controller": content["controller"],
        "privacy_url": content["privacy_url"],
        "authority": content["authority"],
        "purposes": [fill.purpose(purpose) for purpose in content["purposes"]],
        "retention": times["retention"],
        "remembered": times["remembered"],
        "recipients": ", ".join(content["recipients"]) or texts["recipients"]["nobody"],
        "rights": [fill(right) for right in texts["rights"]],
        "only_this_visit": content["only_this_visit"],
        "manager": content["manager"],
        "theme": content["theme"],
        "policy_url": f"/policy/{site.key}",
        "texts": {key: fill(text) for key, text in texts["banner"].items()},
        "preferences": {key: fill(text) for key, text in texts["preferences"].items()},
        "page": {key: fill(text) for key, text in texts["page"].items()},
        "states": texts["states"],
    }


class _PlaceholderFiller:
    """Replaces placeholders by a policy's facts; unknown ones are left for the page."""

    def __init__(self, content: Mapping[str, Any], language: str, texts: Texts) -> None:
        self._texts = texts
        self._ip_mode = content["ip_mode"]
        times = content["times"][language]
        self._facts = {
            "name": content["name"],
            "contact": content["controller"]["contact"],
            "days": times.get("asked_again", times["remembered"]),  # older: one for both
            "withdraw": texts["banner"]["withdraw"],
            "control": texts["banner"]["control"],
            "erase": texts["preferences"]["erase"],
            "data_link": texts["preferences"].get("data_link", ""),  # older: not named
        }
        if "erased_after" in times:  # older policies do not promise it
            self._facts["erased_after"] = times["erased_after"]

    def __call__(self, text: str) -> str:
        return _PLACEHOLDER.sub(lambda found: self._facts.get(found[1], found[0]), text)

    def purpose(self, purpose: Mapping[str, Any]) -> dict[str, Any]:
        words = self._texts["purposes"][purpose["id"]]
        fields = [self._field(column) for column in purpose["columns"]]
        return {"id": purpose["id"], **words, "fields": fields}

    def _field(self, column: str) -> dict[str, str]:
        words = self._texts["fields"][column]
        text = words["text"]
        if column == "ip" and self._ip_mode != "whole":
            text = self._texts["addresses"][self._ip_mode]
        return {"column": column, "name": words["title"], "text": text}


FIRST_LAYER = (
    "version",
    "hash",
    "language",
    "direction",
    "purposes",
    "retention",
    "recipients",
    "only_this_visit",
    "theme",
    "policy_url",
    "texts",
)
_OFTEN_EMPTY = ("only_this_visit", "theme")


def first_layer(shown: Mapping[str, Any], changes: Sequence[str] = ()) -> dict[str, Any]:
    """Return the part of a wording that the banner shows; the dialog loads all of it.

    `changes` says what is new since the version that a visitor accepted. Empty facts, such as a
    theme without colours, are left out.
    """
    part = {name: shown[name] for name in FIRST_LAYER if shown[name] or name not in _OFTEN_EMPTY}
    part["controller"] = {"name": shown["controller"]["name"]}
    unused = _unused_texts(shown) if changes else {"changed_title"} | _unused_texts(shown)
    part["texts"] = {key: text for key, text in shown["texts"].items() if key not in unused}
    part["purposes"] = [
        {name: purpose[name] for name in ("id", "title", "text")} for purpose in shown["purposes"]
    ]
    return part


def _unused_texts(shown: Mapping[str, Any]) -> set[str]:
    """Return the keys of the texts that the banner of this wording never shows."""
    unused = {key for key in shown["texts"] if key.startswith("change_")}
    if not shown["only_this_visit"]:
        unused.add("accept_once")
    alone = purpose_ids(shown) == (PURPOSE,)
    return unused | ({"accept_all", "refuse_all"} if alone else {"accept", "refuse"})


def purpose_ids(shown: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids of the purposes that a wording asks for."""
    return tuple(purpose["id"] for purpose in shown["purposes"])
