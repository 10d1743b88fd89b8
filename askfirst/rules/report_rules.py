"""Rules for the reports: what an owner excludes and groups, read from the lines of a form."""

import ipaddress
import re
from collections.abc import Callable
from typing import TypeVar

import msgspec

from askfirst.errors import Malformed
from askfirst.recording_rules import read_networks
from askfirst.rules.patterns import LONGEST, path_pattern, read_host

MOST = 200
"""Rules of each kind."""
Renaming = tuple[str, str]
"""What is recorded, and what the reports call it."""
T = TypeVar("T")


class ReportRules(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, cache_hash=True):
    """What an owner decides of how events stand in the reports; empty is as they came.

    `exclude_paths`, `exclude_hosts` and `exclude_addresses` (CIDR) name what the reports leave out.
    `group_paths` are patterns: what one fits is called by the pattern itself. `index_files` calls
    `/a/index.html` `/a/`, and `trailing_slash` calls `/a/` `/a`; both come before any pattern.
    `hosts` and `sources` are renamed. Of several rules that fit, the first one counts, and what it
    makes is not looked at again: so no two rules can chain or go round.
    """

    exclude_paths: tuple[str, ...] = ()
    exclude_hosts: tuple[str, ...] = ()
    exclude_addresses: tuple[str, ...] = ()
    group_paths: tuple[str, ...] = ()
    index_files: bool = False
    trailing_slash: bool = False
    hosts: tuple[Renaming, ...] = ()
    sources: tuple[Renaming, ...] = ()


NO_RULES = ReportRules()


def read_paths(text: str, field: str) -> tuple[str, ...]:
    """Return the path patterns of some lines, each once; raises `Malformed`."""
    return _lines(text, field, _pattern)


def read_hosts(text: str, field: str) -> tuple[str, ...]:
    """Return the hosts of some lines, each once; raises `Malformed`."""
    return _lines(text, field, read_host)


def read_addresses(text: str, field: str) -> tuple[str, ...]:
    """Return the addresses and networks of some lines, each once; raises `Malformed`."""
    try:
        found = read_networks(text)
    except Malformed as error:
        raise Malformed(error.message, field=field) from None
    return _not_too_many(found, field)


def read_renamings(text: str, field: str, *, hosts: bool = False) -> tuple[Renaming, ...]:
    """Return the renamings of some lines, `old = new` each; raises `Malformed`.

    What is renamed twice is a fault, because only one of both names could hold.
    """
    found = _lines(text, field, _host_renaming if hosts else _renaming)
    if len({old for old, _ in found}) < len(found):
        raise Malformed("Something stands before two = signs; only one name can hold.", field=field)
    return found


def _lines(text: str, field: str, read: Callable[[str], T]) -> tuple[T, ...]:
    lines = (line.strip() for line in re.split(r"[\r\n]+", text))
    try:
        found = tuple(dict.fromkeys(read(line) for line in lines if line))
    except Malformed as error:
        raise Malformed(error.message, field=field) from None
    return _not_too_many(found, field)


def _not_too_many(found: tuple[T, ...], field: str) -> tuple[T, ...]:
    if len(found) > MOST:
        raise Malformed(f"At most {MOST} rules of one kind; these are {len(found)}.", field=field)
    return found


def _pattern(line: str) -> str:
    path_pattern(line)
    return line


def _renaming(line: str) -> Renaming:
    old, sign, new = (part.strip() for part in line.partition("="))
    if not sign or not old or not new or max(len(old), len(new)) > LONGEST:
        raise Malformed("Write what is recorded, =, and its new name on each line.")
    if not line.isprintable():
        raise Malformed("A name has no control characters.")
    return old, new


def _host_renaming(line: str) -> Renaming:
    old, new = _renaming(line)
    if new.startswith("*"):
        raise Malformed("A new name of a host has no *.")
    return read_host(old), read_host(new)


def networks_of(
    rules: ReportRules,
) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """Return the networks that the reports leave out."""
    return tuple(ipaddress.ip_network(one) for one in rules.exclude_addresses)
