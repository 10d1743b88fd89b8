"""Applying an owner's rules to an event: what the reports call it, and what they leave out."""

import ipaddress
from functools import lru_cache
from typing import NamedTuple

import msgspec

from askfirst.rules.patterns import PathPattern, host_fits, path_pattern
from askfirst.rules.report_rules import Renaming, ReportRules, networks_of
from askfirst.text.text_cache import remembered
from askfirst.web.ip_addresses import shortened_address

EXCLUDED = "excluded"
"""The reason by which events are tallied that an owner's rules leave out."""
BY_PATH, BY_HOST, BY_ADDRESS, BY_VISITOR = 1, 2, 3, 4
"""By which kind of rule the reports leave an event out; 0 is by none."""
BY_OTHER = 5
"""Left out for a reason that is no rule of theirs; noted of restricted visitors only."""
RESTRICTED = 16
"""Added to the number of the rule for events of visitors who have restricted their use."""
_INDEX_FILES = frozenset(
    f"{name}.{ending}"
    for name in ("index", "default")
    for ending in ("html", "htm", "php", "asp", "aspx", "jsp", "cgi", "xhtml", "shtml")
)


def by_a_rule(excluded: int) -> bool:
    """Return whether an owner's rule leaves an event out, restricted by its visitor or not."""
    return excluded % RESTRICTED not in (0, BY_OTHER)


class Ruled(NamedTuple):
    """What rules make of a host, a path and a source.

    `original` is what they were, as JSON with only those that are called otherwise, or ''.
    `excluded` says whether path or host is left out, and by which.
    """

    host: str
    path: str
    source: str
    original: str
    excluded: int


class _Compiled(NamedTuple):
    exclude_paths: tuple[PathPattern, ...]
    group_paths: tuple[tuple[PathPattern, str], ...]
    sources: dict[str, str]


@lru_cache(maxsize=256)
def _compiled(rules: ReportRules) -> _Compiled:
    return _Compiled(
        tuple(map(path_pattern, rules.exclude_paths)),
        tuple((path_pattern(text), text) for text in rules.group_paths),
        dict(rules.sources),
    )


@remembered(16_384)
def ruled(path: str, rules: ReportRules, host: str, source: str) -> Ruled:
    """Return what rules make of what was recorded of an event."""
    compiled = _compiled(rules)
    tidy = _tidied(rules, path)
    excluded = _excluded(rules, compiled, host, tidy)
    found = {
        "host": _renamed_host(rules.hosts, host),
        "path": next((text for one, text in compiled.group_paths if one.fits(tidy)), tidy),
        "source": compiled.sources.get(source, source) if source else "",
    }
    were = {"host": host, "path": path, "source": source}
    changed = {name: were[name] for name in were if were[name] != found[name]}
    original = msgspec.json.encode(changed).decode() if changed else ""
    return Ruled(found["host"], found["path"], found["source"], original, excluded)


def as_recorded(host: str, path: str, source: str, original: str) -> tuple[str, str, str]:
    """Return host, path and source as they were recorded."""
    if not original:
        return host, path, source
    were = msgspec.json.decode(original, type=dict[str, str])
    return were.get("host", host), were.get("path", path), were.get("source", source)


def _tidied(rules: ReportRules, path: str) -> str:
    folder, slash, file = path.rpartition("/")
    if rules.index_files and slash and file.lower() in _INDEX_FILES:
        path = f"{folder}/"
    if rules.trailing_slash and path.endswith("/"):
        path = path.rstrip("/") or "/"
    return path


def _excluded(rules: ReportRules, compiled: _Compiled, host: str, path: str) -> int:
    if any(one.fits(path) for one in compiled.exclude_paths):
        return BY_PATH
    return BY_HOST if any(host_fits(one, host) for one in rules.exclude_hosts) else 0


def _renamed_host(renamings: tuple[Renaming, ...], host: str) -> str:
    return next((new for old, new in renamings if host_fits(old, host)), host)


@lru_cache(maxsize=16_384)
def leaves_address_out(rules: ReportRules, address: str) -> bool:
    """Return whether an address, as it is stored, is one that the reports leave out."""
    if not address or not rules.exclude_addresses:
        return False
    found = ipaddress.ip_address(address)
    return any(found in network for network in networks_of(rules))


def may_have_been_left_out(rules: ReportRules, address: str) -> bool:
    """Return whether an address that is shortened by now may have been one of them."""
    if not address or shortened_address(address) != address:
        return False
    bits = 48 if ":" in address else 24
    around = ipaddress.ip_network(f"{address}/{bits}")
    return any(
        around.version == network.version and around.overlaps(network)
        for network in networks_of(rules)
    )
