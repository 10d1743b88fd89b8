"""Checks of a site's hosts: do they match everybody's websites, or those of another site?"""

import re
from collections.abc import Iterable, Sequence

from askfirst.sites import Site
from askfirst.web.public_suffixes import is_listed_suffix
from askfirst.web.shown_addresses import host

_ENTRY = re.compile(r"(?P<wild>\*\.)?(?P<name>.+?)(?::(?P<port>[0-9]+))?")
_NAMED_MOST = 3


def takes_in_everybody(hosts: Iterable[str]) -> bool:
    """Return whether a host is a wildcard right below a public suffix: `*.de`, `*.co.uk`."""
    parts = map(_parts, hosts)
    return any(wild and is_listed_suffix(name) for wild, name, _ in parts)


def shared_hosts(hosts: Iterable[str], others: Sequence[Site]) -> list[str]:
    """Return those of the hosts that may be another site's as well."""
    return _among(hosts, [entry for site in others for entry in site.hosts])


def _among(hosts: Iterable[str], taken: Sequence[str]) -> list[str]:
    return [one for one in hosts if any(overlap(one, entry) for entry in taken)]


def sharing(hosts: Sequence[str], others: Sequence[Site]) -> str:
    """Name the sites that have pages on one of these hosts, e.g. `Shop (*.münchen.de)`."""
    found = ((site.name, _among(site.hosts, hosts)) for site in others)
    named = [f"{name} ({', '.join(map(host, entries))})" for name, entries in found if entries]
    more = len(named) - _NAMED_MOST
    return ", ".join(named[:_NAMED_MOST]) + (f" and {more} more" if more > 0 else "")


def overlap(one: str, other: str) -> bool:
    """Return whether any host matches both of two entries of `Site.hosts`.

    An entry without a port matches all ports; `*.example.org` matches every name below
    `example.org`, but not that name itself.
    """
    (wild, name, port), (other_wild, other_name, other_port) = _parts(one), _parts(other)
    if port and other_port and port != other_port:
        return False
    if wild and other_wild:
        return _is_below(name, other_name) or _is_below(other_name, name) or name == other_name
    if wild or other_wild:
        return _is_below(other_name, name) if wild else _is_below(name, other_name)
    return name == other_name


def _is_below(name: str, parent: str) -> bool:
    return name.endswith(f".{parent}")


def _parts(entry: str) -> tuple[bool, str, str]:
    found = _ENTRY.fullmatch(entry)
    if found is None:
        return False, entry, ""
    return found["wild"] is not None, found["name"], found["port"] or ""
