"""The table of channels: the shipped rules in order, and how rules are asked, an owner's first."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

from askfirst.channels import ChannelRule, ChannelRules, Patterns

PAID_MEDIUMS = (
    "*cp*", "*ppc*", "paid*", "*-paid", "*_paid", "* paid", "retargeting", "remarketing", "ad",
    "ads", "*-ad", "*_ad", "* ad", "*-ads", "*_ads", "* ads", "advert*", "adwords", "sponsored*",
    "sem", "pla", "boosted*", "promoted*", "pmax*",
)  # fmt: skip
"""Which `utm_medium` says that a visit was paid for (cpc, cpm, ppc, paid-social, ...)."""

_SHOP = (
    "shop", "shop-*", "shop_*", "shop *", "*-shop", "*_shop", "* shop", "*-shop-*", "*_shop_*",
    "* shop *", "*shopping*", "*eshop*", "*e-shop*",
)  # fmt: skip
_EMAIL = (
    "*email*", "*e-mail*", "*e_mail*", "*e mail*", "mail", "mailing*", "*newsletter*", "edm",
    "drip",
)  # fmt: skip
_SOCIAL = (
    "social", "social-*", "social_*", "social *", "*-social", "*_social", "* social",
    "organicsocial", "socialmedia", "socialnetwork", "sm", "smm",
)  # fmt: skip
_DISPLAY = (
    "*display*", "*banner*", "expandable", "interstitial", "native*", "programmatic*",
)  # fmt: skip
_NAMELESS = ("search", "campaign", "referral", "direct")


def _rule(channel: str, **conditions: tuple[str, ...] | bool) -> ChannelRule:
    return ChannelRule(channel=channel, **conditions)  # type: ignore[arg-type]


TABLE: tuple[ChannelRule, ...] = (
    _rule("internal", kind=("internal",)),
    _rule("direct", kind=("direct",)),
    _rule("cross_network", campaign=("*cross-network*", "*cross network*", "*cross_network*")),
    _rule("email", medium=_EMAIL),
    _rule("sms", medium=("sms", "mms", "text message", "text-message")),
    _rule("push", medium=("*push", "push*", "*notification*")),
    _rule("audio", medium=("audio*", "podcast*", "radio")),
    _rule("affiliate", medium=("affiliate*", "*affiliates", "aff")),
    _rule("paid_shopping", medium=("paid*shop*", "*shop*paid*", "*shop*ad*", "pla")),
    _rule("paid_search", medium=("paid*search*", "*search*paid*", "*search*ad*", "sem")),
    _rule("paid_social", medium=("paid*social*", "*social*paid*", "*social*ad*", "*social*cp*")),
    _rule("paid_video", medium=("paid*video*", "*video*paid*", "*video*ad*", "*video*cp*")),
    _rule("display", medium=_DISPLAY),
    _rule("paid_shopping", kind=("shopping",), paid=True),
    _rule("paid_shopping", kind=_NAMELESS, paid=True, campaign=_SHOP),
    _rule("paid_search", kind=("search",), paid=True),
    _rule("paid_social", kind=("social",), paid=True),
    _rule("paid_video", kind=("video",), paid=True),
    _rule("display", kind=("display",)),
    _rule("display", medium=("cpm", "*-cpm", "*_cpm")),
    _rule("affiliate", kind=("affiliate",)),
    _rule("paid", paid=True),
    _rule("shopping", kind=("shopping",)),
    _rule("shopping", kind=_NAMELESS, campaign=_SHOP),
    _rule("social", kind=("social",)),
    _rule("social", medium=_SOCIAL),
    _rule("video", kind=("video",)),
    _rule("video", medium=("*video*",)),
    _rule("ai_assistant", kind=("ai_assistant",)),
    _rule("ai_assistant", medium=("ai", "ai-*", "ai_*", "ai *", "llm*", "chatbot*")),
    _rule("search", kind=("search",)),
    _rule("search", medium=("organic*", "seo", "search", "organic search")),
    _rule("email", kind=("email",)),
    _rule("audio", kind=("audio",)),
    _rule("sms", kind=("sms",)),
    _rule("push", kind=("push",)),
    _rule("push", medium=("*mobile*",)),
    _rule("referral", medium=("referral*", "app", "link", "partner*")),
    _rule("referral", kind=("referral",)),
    _rule("campaign"),
)  # fmt: skip
"""The first rule that holds names the channel; the last one always holds."""


class Facts(NamedTuple):
    """What rules ask about; texts are in small letters.

    `names` are the source and what `utm_source` says, `clicks` the kinds of click ids.
    """

    kind: str
    paid: bool
    names: tuple[str, ...] = ()
    medium: str = ""
    campaign: str = ""
    referrer: str = ""
    clicks: tuple[str, ...] = ()


Test = Callable[[str], bool]
_Holds = Callable[[Facts], bool]


def matcher(patterns: Patterns) -> Test:
    """Return a function that says whether a text matches one of the patterns.

    `*` stands for anything, also for nothing. The time is proportional to the text's length.
    """
    small = [one.lower() for one in patterns]
    exact = frozenset(one for one in small if "*" not in one)
    begins, ends, inside, rest = _sorted([one for one in small if "*" in one])
    found = re.compile("|".join(map(re.escape, inside))).search if inside else None

    def matches(text: str) -> bool:
        return bool(
            text in exact
            or (begins and text.startswith(begins))
            or (ends and text.endswith(ends))
            or (found and found(text))
            or (rest and any(_passes(text, parts) for parts in rest))
        )

    return matches


def _sorted(
    starred: Iterable[str],
) -> tuple[tuple[str, ...], tuple[str, ...], list[str], list[list[str]]]:
    """Sort patterns with stars into beginnings, ends, what stands inside, and all others."""
    begins, ends, inside, rest = [], [], [], []
    for pattern in starred:
        first, *middle, last = parts = pattern.split("*")
        if any(middle[1:]) or (middle and (first or last)):
            rest.append(parts)
        elif middle:
            inside.append(middle[0])
        elif first and last:
            rest.append(parts)
        elif last:
            ends.append(last)
        else:
            begins.append(first)
    return tuple(begins), tuple(ends), inside, rest


def _passes(text: str, parts: list[str]) -> bool:
    """Return whether a text has these parts in this order, the first and last at its ends."""
    first, *middle, last = parts
    end = len(text) - len(last)
    if len(first) > end or not text.startswith(first) or not text.endswith(last):
        return False
    at = len(first)
    for part in middle:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


_is_paid = lru_cache(maxsize=4096)(matcher(PAID_MEDIUMS))


def is_paid_medium(medium: str) -> bool:
    """Return whether a medium, in small letters, says that a visit was paid for."""
    return bool(medium) and _is_paid(medium)


class ChannelTable:
    """Rules made ready to be asked; what a medium and a campaign match is remembered."""

    def __init__(self, rules: Iterable[ChannelRule]) -> None:
        self._rules = tuple(rules)
        self._others = [_other_conditions(rule) for rule in self._rules]
        self._mediums = self._remembered("medium")
        self._campaigns = self._remembered("campaign")
        self._left = lru_cache(maxsize=64)(self._left_for)

    def _remembered(self, name: str) -> Callable[[str], frozenset[int]]:
        """Return a function that says which rules allow a text in a condition of this name."""
        asked = [getattr(rule, name) for rule in self._rules]
        tests = [(place, matcher(one)) for place, one in enumerate(asked) if one]
        open_to_all = frozenset(place for place, one in enumerate(asked) if not one)

        @lru_cache(maxsize=4096)
        def allowing(text: str) -> frozenset[int]:
            return open_to_all.union(place for place, matches in tests if matches(text))

        return allowing

    def _left_for(self, kind: str, paid: bool) -> list[int]:
        """Return the places of the rules that are left for a kind and a price."""
        return [
            place
            for place, rule in enumerate(self._rules)
            if kind in (rule.kind or (kind,)) and rule.paid in (None, paid)
        ]

    def channel(self, facts: Facts) -> str:
        """Return the channel that the first rule says which holds, or '' where none does."""
        mediums, campaigns = self._mediums(facts.medium), self._campaigns(facts.campaign)
        for place in self._left(facts.kind, facts.paid):
            if place in mediums and place in campaigns:
                others = self._others[place]
                if not others or all(holds(facts) for holds in others):
                    return self._rules[place].channel
        return ""


_ASKED: dict[str, Callable[[Test], _Holds]] = {
    "referrer": lambda matches: lambda facts: matches(facts.referrer),
    "source": lambda matches: lambda facts: any(map(matches, facts.names)),
    "click_id": lambda matches: lambda facts: any(map(matches, facts.clicks)),
}


def _other_conditions(rule: ChannelRule) -> list[_Holds]:
    """Return a rule's conditions on source, referrer and click id."""
    return [
        ask(matcher(patterns)) for name, ask in _ASKED.items() if (patterns := getattr(rule, name))
    ]


@lru_cache(maxsize=256)
def table_of(rules: ChannelRules) -> ChannelTable:
    """Return the table for an owner's rules: these, and then the shipped ones."""
    return ChannelTable((*rules.rules, *TABLE))
