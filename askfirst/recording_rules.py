"""Recording rules: what a site's owner decides of which events the reports leave out."""

import ipaddress
import re

import msgspec

from askfirst.errors import Malformed

MOST_NETWORKS, MOST_PARAMETERS, MOST_COUNTED, MOST_DAYS = 500, 50, 500, 760
LONGEST_RULE = 32
"""Characters of a rule's name, with which it is tallied."""
AGENT, NETWORK, WEBDRIVER, PREFETCH, SPAM = "agent", "network", "webdriver", "prefetch", "spam"
"""The kinds of rules. Those of user agents have a name behind a colon, `agent:Googlebot`."""
LOADED_ALL_THE_SAME = (NETWORK, WEBDRIVER, SPAM)
"""The rules of which nothing is known when a page loads: its load and banner are counted."""
UNNAMED = "-"
"""Instead of a rule that the consent does not cover: what it fits is left out all the same."""

_RULE = re.compile(r"[a-z_]{1,16}(:[^\x00-\x1f\x7f]{1,30})?")
_PARAMETER = re.compile(r"[A-Za-z0-9_.~\[\]-]{1,64}")


class RecordingRules(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, cache_hash=True
):
    """What an owner decides; empty is as it is shipped.

    `counted` names rules that are switched off, so that what they fit counts in the reports;
    `networks` are addresses from which only programs come (CIDR); `parameters` are those of a
    page's query that tell pages apart, and are kept; `channels` are the owner's lines before the
    table of channels, as JSON (see `collector/enrichment/sources`); `whole_address_days` are those
    after which whole IP addresses are shortened, 0 where the server's setting alone says so.
    """

    counted: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    channels: str = ""
    whole_address_days: int = 0

    def leaves_out(self, rule: str) -> bool:
        """Return whether the reports leave out what this rule fits; '' is no rule."""
        return bool(rule) and rule not in self.counted

    def days_of_whole_addresses(self, setting: int) -> int:
        """Return the days after which addresses are shortened: the fewer of both; 0 for never."""
        return min((days for days in (self.whole_address_days, setting) if days), default=0)

    def counting(self, rule: str, *, counted: bool) -> "RecordingRules":
        """Return the rules with one of them switched off (`counted`) or on again.

        Raises `Malformed` for what is no rule's name, and for too many.
        """
        if len(rule) > LONGEST_RULE or not _RULE.fullmatch(rule):
            raise Malformed("Expected the name of a rule.", field="rule")
        others = [one for one in self.counted if one != rule]
        if counted and len(others) >= MOST_COUNTED:
            raise Malformed(f"At most {MOST_COUNTED} rules can be switched off.", field="rule")
        return msgspec.structs.replace(self, counted=(*others, rule) if counted else tuple(others))


def read_days(text: str) -> int:
    """Return a number of days that somebody typed, or 0 for nothing.

    Raises `Malformed` where it is no whole number from 1 to `MOST_DAYS`.
    """
    typed = text.strip()
    if not typed:
        return 0
    if typed.isascii() and typed.isdigit() and len(typed) < 9 and 1 <= int(typed) <= MOST_DAYS:
        return int(typed)
    sentence = f"A whole number of days from 1 to {MOST_DAYS}, or nothing."
    raise Malformed(sentence, field="whole_address_days")


def read_networks(text: str) -> tuple[str, ...]:
    """Return the networks that lines, commas or blanks divide, each in its plain form and once.

    Raises `Malformed` with the first that is neither an address nor a network.
    """
    found: dict[str, None] = {}
    for part in re.split(r"[\s,;]+", text.strip()):
        if part:
            found[_network(part)] = None
    if len(found) > MOST_NETWORKS:
        raise Malformed(f"Name at most {MOST_NETWORKS} networks.", field="networks")
    return tuple(found)


def _network(text: str) -> str:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        shown = "".join(one for one in text[:43] if one.isprintable())
        raise Malformed(f"“{shown}” is no address and no network.", field="networks") from None
    if network.prefixlen == 0:
        raise Malformed("That network has every address in it.", field="networks")
    return str(network)


def read_parameters(text: str) -> tuple[str, ...]:
    """Return the names of parameters that lines, commas or blanks divide, each once.

    Raises `Malformed` with the first that is no name.
    """
    names = tuple(dict.fromkeys(part for part in re.split(r"[\s,;&]+", text.strip()) if part))
    if any(not _PARAMETER.fullmatch(name) for name in names):
        raise Malformed("Use letters, digits and . _ ~ - [ ] in names.", field="parameters")
    if len(names) > MOST_PARAMETERS:
        raise Malformed(f"Name at most {MOST_PARAMETERS} parameters.", field="parameters")
    return names
