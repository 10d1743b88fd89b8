"""Lists: which hosts, apps and names belong to which source, read from `data/sources`."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from askfirst.system.assets import asset_path

LISTED = "data/sources/listed.json"
OURS = "data/sources/ours.json"
SPAM = "data/sources/referrer-spam.txt"

_SIGNS = re.compile(r"(?:[^\w+]|_)+")

Kinds = dict[str, dict[str, list[str]]]
"""The entries of each source, by its kind and its name."""


class Source(NamedTuple):
    """A source: its name, its kind (one of `KINDS`), and whether its visits were paid for."""

    name: str
    kind: str
    paid: bool = False


UNKNOWN = Source("", "")


class Entry(NamedTuple):
    """A source of a host: only under this path, and only with one of these parameters, if any."""

    path: str
    parameters: frozenset[str]
    source: Source


class Lists(NamedTuple):
    """The lists as they are looked up.

    Keys of `hosts` are hosts and `google.*`, for any country, with the entry of the longest path
    first; of `apps`, ids in small letters; of `names`, names in small letters.
    """

    hosts: dict[str, tuple[Entry, ...]]
    apps: dict[str, Source]
    names: dict[str, Source]


@cache
def lists() -> Lists:
    """Read the shipped lists, once; the first that names a host, app or source decides."""
    ours = _read(OURS)
    entries = [*_entries(ours["sources"]), *_entries(_read(LISTED))]
    apps: dict[str, Source] = {}
    hosts: dict[str, list[Entry]] = {}
    for source, text in entries:
        if text.startswith("app:"):
            apps.setdefault(text.removeprefix("app:").lower(), source)
        elif text:
            host, entry = _entry(text, source)
            hosts.setdefault(host, []).append(entry)
    return Lists(
        {host: tuple(sorted(found, key=_longest_first)) for host, found in hosts.items()},
        apps,
        _names(entries, ours),
    )


@cache
def spam_hosts() -> frozenset[str]:
    """Read the hosts that are known for referrer spam, once."""
    return frozenset(asset_path(SPAM).read_text(encoding="utf-8").split())


def _read(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(asset_path(name).read_text(encoding="utf-8"))
    return read


def _entries(kinds: Kinds) -> Iterator[tuple[Source, str]]:
    """Return every entry with its source; a source that has only a name has the entry ''."""
    for kind, sources in kinds.items():
        paid = kind.startswith("paid_")
        for name, entries in sources.items():
            source = Source(name, kind.removeprefix("paid_"), paid)
            yield from ((source, entry) for entry in entries or [""])


def _entry(text: str, source: Source) -> tuple[str, Entry]:
    address, _, parameters = text.partition("?")
    host, slash, path = address.partition("/")
    asked = frozenset(parameters.split("|")) if parameters else frozenset()
    return host, Entry(slash + path, asked, source)


def _longest_first(entry: Entry) -> int:
    return -len(entry.path)


def _names(entries: list[tuple[Source, str]], ours: dict[str, Any]) -> dict[str, Source]:
    """Return the sources by their names, with and without blanks and signs.

    Of search engines only those that our own list has are known by name: others are called
    `Free`, `Inbox` or `Crawler`.
    """
    sources: dict[str, Source] = {}
    for source, _ in entries:
        sources.setdefault(source.name, source)
    found: dict[str, Source] = {}
    engines = ours["sources"]["search"]
    for name, source in sources.items():
        unclear = source.kind == "search" and name not in engines
        if not unclear and name not in ours["only_by_host"]:
            found.setdefault(name.lower(), source)
            found.setdefault(squeezed(name), source)
    for name, stands_for in ours["names"].items():
        found[name] = sources[stands_for]
        found.setdefault(squeezed(name), sources[stands_for])
    for name, stands_for in ours["ad_names"].items():
        found[name] = found[squeezed(name)] = sources[stands_for]._replace(paid=True)
    return found


def squeezed(name: str) -> str:
    """Return a name in small letters, without blanks and signs but for a plus."""
    return _SIGNS.sub("", name.lower())
