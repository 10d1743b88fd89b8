"""Channels: by which kind of way visits come, and the rules of a site's owner that say so."""

import re
from typing import Annotated, Any, Final

import msgspec

from askfirst.errors import Malformed

CHANNELS: Final = (
    "direct",
    "search",
    "paid_search",
    "social",
    "paid_social",
    "video",
    "paid_video",
    "shopping",
    "paid_shopping",
    "email",
    "ai_assistant",
    "affiliate",
    "display",
    "audio",
    "sms",
    "push",
    "referral",
    "internal",
    "cross_network",
    "paid",
    "campaign",
)
"""The channels that the shipped rules know; an owner's rule may name others."""

KINDS: Final = (
    "internal",
    "direct",
    "search",
    "social",
    "video",
    "shopping",
    "email",
    "ai_assistant",
    "affiliate",
    "display",
    "audio",
    "sms",
    "push",
    "referral",
    "campaign",
)
"""What a source is known as; `referral` is any other website, `campaign` a name in no list."""

MOST_RULES: Final = 100
MOST_PATTERNS: Final = 50
LONGEST_PATTERN: Final = 100
LONGEST_CHANNEL: Final = 40
_CHANNEL = re.compile(r"\w(?:[\w &+/-]*\w)?")
_PATTERNS = ("source", "medium", "campaign", "referrer", "click_id")
_WHERE = re.compile(r" - at `\$\.?(.*?)`$")
_COUNTED = re.compile(r"\.?([a-z_]*)\[(\d+|\.\.\.)\]")

Patterns = tuple[Annotated[str, msgspec.Meta(max_length=LONGEST_PATTERN)], ...]
"""Texts to compare with, whatever the case; `*` stands for anything, also for nothing."""


class ChannelRule(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Which visits belong to a channel: those for which every condition that is given holds.

    A condition of patterns holds where one of them matches: `source` the source or what
    `utm_source` says, `medium` and `campaign` the parameters, `referrer` the host of the referrer,
    `click_id` the kind of a click id. `kind` holds where the source is of one of these kinds, and
    `paid` where the visit was paid for, or was not.
    """

    channel: str
    kind: tuple[str, ...] = ()
    paid: bool | None = None
    source: Patterns = ()
    medium: Patterns = ()
    campaign: Patterns = ()
    referrer: Patterns = ()
    click_id: Patterns = ()


class ChannelRules(msgspec.Struct, frozen=True, cache_hash=True):
    """The rules of an owner, which are asked in order, before the shipped ones."""

    rules: tuple[ChannelRule, ...] = ()


DEFAULT: Final = ChannelRules()
"""No rules of an owner: the shipped ones alone."""


def read_rules(text: str | bytes) -> ChannelRules:
    """Read an owner's rules from JSON, a list of objects with the fields of `ChannelRule`.

    Raise Malformed where they are not right; its `field` names the place, e.g. `rules[2].medium`.
    """
    try:
        rules = msgspec.json.decode(text, type=tuple[ChannelRule, ...])
    except (msgspec.DecodeError, UnicodeError) as error:
        raise _unreadable(error) from None
    return checked(ChannelRules(rules))


def rules_as_json(rules: ChannelRules) -> str:
    """Write an owner's rules as JSON that `read_rules` reads."""
    return msgspec.json.encode(rules.rules).decode()


def checked(rules: ChannelRules) -> ChannelRules:
    """Return the rules, or raise Malformed with the place and what is wrong there."""
    if len(rules.rules) > MOST_RULES:
        raise Malformed(f"There may be at most {MOST_RULES} rules.", field="rules")
    for index, rule in enumerate(rules.rules):
        _check(rule, f"rules[{index}]")
    return rules


def _check(rule: ChannelRule, place: str) -> None:
    if len(rule.channel) > LONGEST_CHANNEL or not _CHANNEL.fullmatch(rule.channel):
        sentence = (
            f"A channel is a name of at most {LONGEST_CHANNEL} letters, digits, spaces and"
            " the signs - _ & + /, with a letter or digit at both ends."
        )
        raise Malformed(sentence, field=f"{place}.channel")
    if not set(rule.kind) <= set(KINDS):
        raise Malformed(f"A kind is one of: {', '.join(KINDS)}.", field=f"{place}.kind")
    given = {name: getattr(rule, name) for name in _PATTERNS}
    for name, patterns in given.items():
        _check_patterns(patterns, f"{place}.{name}")
    if not (rule.kind or rule.paid is not None or any(given.values())):
        raise Malformed("A rule needs a condition; this one has none.", field=place)


def _check_patterns(patterns: Patterns, place: str) -> None:
    if len(patterns) > MOST_PATTERNS:
        raise Malformed(f"A condition has at most {MOST_PATTERNS} patterns.", field=place)
    if not all(len(one) <= LONGEST_PATTERN for one in patterns):
        raise Malformed(f"A pattern has at most {LONGEST_PATTERN} characters.", field=place)
    if not all(one.strip() == one != "" and one.isprintable() for one in patterns):
        sentence = "A pattern is a text without control characters or blanks at its ends."
        raise Malformed(sentence, field=place)


def _unreadable(error: Exception) -> Malformed:
    """Return what is wrong, without the text that was sent, and where."""
    found = _WHERE.search(str(error))
    if not isinstance(error, msgspec.ValidationError) or not found:
        return Malformed("The rules are not a JSON list of objects.", field="rules")
    path: Any = found[1]
    sentence = (
        "A rule has a channel, and lists of texts as its conditions; `paid` is true or false."
    )
    return Malformed(sentence, field="rules" + (path if path.startswith("[") else f".{path}"))
