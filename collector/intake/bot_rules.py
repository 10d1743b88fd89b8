"""The rules by which the sender of an event looks like a program; the first that fits counts."""

import ipaddress
from functools import lru_cache

from askfirst.consents import Reason
from askfirst.recording_rules import LONGEST_RULE, NETWORK, PREFETCH, WEBDRIVER
from collector.enrichment.agents.hints import HEADERS, hints_of
from collector.enrichment.enrich import client_of
from collector.intake.gate import Arrival
from collector.intake.payload import WirePayload


def hints_in(arrival: Arrival, payload: WirePayload) -> str:
    """Return what a browser tells beside its user agent, as `client_of` takes it."""
    return _hints(arrival.hint_headers, payload.touches)


@lru_cache(maxsize=4096)
def _hints(told: tuple[str, ...] | None, touches: int | None) -> str:
    return hints_of(dict(zip(HEADERS, told, strict=True)) if told else {}, touches)


def is_declared_bot(user_agent: str, hints: str = "") -> bool:
    """Return whether a user agent names a crawler and where to read about it."""
    return client_of(user_agent, hints).declared


def tallied_as(reason: str, user_agent: str) -> str:
    """Return as what a refusal is tallied: that of a declared crawler with its name, `bot:GPTBot`.

    The name is that of a rule, so that nobody can make one up.
    """
    if reason != Reason.BOT:
        return reason
    name = client_of(user_agent).rule.partition(":")[2]
    return f"{Reason.BOT}:{name}"[:LONGEST_RULE] if name else reason


def rule_of(arrival: Arrival, hints: str, payload: WirePayload, networks: tuple[str, ...]) -> str:
    """Return the name of the first rule that fits, or '' for a person.

    `hints` are those of the browser (`hints_in`), `networks` those from which the site's owner says
    that only programs come.
    """
    if payload.webdriver:
        return WEBDRIVER
    if arrival.prefetch:
        return PREFETCH
    if rule := _of_agent(arrival, hints):
        return rule[:LONGEST_RULE]
    return NETWORK if networks and is_within(arrival.ip, networks) else ""


def _of_agent(arrival: Arrival, hints: str) -> str:
    client = client_of(arrival.user_agent, hints)
    return client.sender_rule if arrival.from_browser else client.rule


@lru_cache(maxsize=16_384)
def is_within(ip: str, networks: tuple[str, ...]) -> bool:
    """Return whether an address lies in one of these networks; '' lies in none."""
    if not ip:
        return False
    address = ipaddress.ip_address(ip)
    return any(address in network for network in _parsed(networks))


@lru_cache(maxsize=256)
def _parsed(
    networks: tuple[str, ...],
) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(one) for one in networks)
