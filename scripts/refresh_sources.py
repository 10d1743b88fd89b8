"""Writes data/sources/listed.json and referrer-spam.txt from lists of hosts that others keep.

    scripts/refresh-sources --search SearchEngines.yml --social Socials.yml \\
        --ai AIAssistants.yml --spam spammers.txt

Each list is a file or an https address; a list that is not named stays as it is. The first three
are YAML of the form of matomo-org/searchengine-and-social-list, the last one has a host a line, as
matomo-org/referrer-spam-list. `data/sources/ours.json` says how names and hosts are corrected.
Nothing is written where a list cannot be read, is empty, or has lost more than half of its hosts.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import urlopen

import yaml

FOLDER = Path(__file__).parents[1] / "data" / "sources"
LISTED, SPAM, OURS = "listed.json", "referrer-spam.txt", "ours.json"
KINDS = {"ai": "ai_assistant", "social": "social", "search": "search"}
_HOST = re.compile(r"(?:[a-z0-9_-]+\.)+(?:[a-z0-9-]+|\*)(?:/[\w./-]+)?")
_APP = re.compile(r"(?:android-app:?//)?((?:com|org|net)\.[a-z0-9_]+(?:\.[a-z0-9_]+)+)(?:/.*)?")
_LONGEST = 5_000_000  # bytes

T = TypeVar("T")
Sources = dict[str, list[str]]
"""Hosts by the name of their source."""


class BadList(Exception):
    """A list is not what it should be; the text is for the maintainer."""


def text_of(place: str) -> str:
    """Return the text of a file, or of an https address."""
    if place.startswith("https://"):
        with urlopen(place, timeout=30) as answer:
            return str(answer.read(_LONGEST).decode("utf-8"))
    return Path(place).read_text(encoding="utf-8")


def sources_of(text: str, corrections: dict[str, Any]) -> Sources:
    """Return the hosts of a YAML list in the form of ours.json, with our corrections."""
    found: Sources = {}
    for written_name, hosts in _named(text):
        name = corrections["renamed"].get(written_name, written_name)
        kept = [one for one in hosts if one.partition("?")[0] not in corrections["left_out"]]
        found[name] = list(dict.fromkeys([*found.get(name, []), *kept]))
    demanding = set(corrections["only_with_parameter"])
    return {
        name: sorted(_asked(hosts, demanding)) for name, hosts in sorted(found.items()) if hosts
    }


def _named(text: str) -> Iterator[tuple[str, list[str]]]:
    try:
        read = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadList(f"it is no YAML: {error}") from error
    if not isinstance(read, dict):
        raise BadList("it has no names with lists of hosts.")
    for name, entries in read.items():
        if not isinstance(entries, list):
            raise BadList(f"{name!r} has no list.")
        yield str(name), [one for entry in entries for one in _hosts(entry)]


def _hosts(entry: Any) -> list[str]:
    """Return the hosts of an entry with their parameters: `google.*?q`."""
    if isinstance(entry, str):
        return [_form(entry)]
    if not isinstance(entry, dict) or not isinstance(entry.get("urls"), list):
        raise BadList(f"{entry!r} is neither a host nor a group with `urls`.")
    parameters = [
        one for one in map(str, entry.get("params") or ()) if re.fullmatch(r"[\w.]+", one)
    ]
    asked = f"?{'|'.join(parameters)}" if parameters else ""
    return [_form(str(url)) + asked for url in entry["urls"]]


def _form(url: str) -> str:
    """Return a host of the list in our form: `google.*` for `google.{}`, and without `www.`."""
    if app := _APP.fullmatch(url):
        return f"app:{app[1]}"
    plain = re.sub(r"\.\{\}(?=/|$)", ".*", url.lower().removeprefix("{}."))
    plain = re.sub(r"^www\d*\.(?=.+\..)", "", plain).rstrip("/").replace(".{}.", ".")
    if not _HOST.fullmatch(plain):
        raise BadList(f"{url!r} is no host that can be read.")
    return plain


def _asked(hosts: list[str], demanding: set[str]) -> list[str]:
    """Leave the parameters only to hosts that have to be asked with one of them."""
    kept = []
    for one in hosts:
        host, _, parameters = one.partition("?")
        kept.append(one if host in demanding and parameters else host)
    return list(dict.fromkeys(kept))


def spam_of(text: str) -> list[str]:
    """Return the hosts of a list of referrer spam, in lower case and sorted."""
    lines = [line.strip().lower() for line in text.splitlines()]
    hosts = [line.encode("idna").decode() for line in lines if line and not line.startswith("#")]
    if bad := next((host for host in hosts if not _HOST.fullmatch(host)), None):
        raise BadList(f"{bad!r} is no host.")
    return sorted(set(hosts))


def written(listed: dict[str, Sources]) -> str:
    """Write sources as JSON with a line for each name, so that changes can be read."""
    kinds = []
    for kind in KINDS.values():
        sources = listed.get(kind, {})
        lines = [
            f"  {json.dumps(name, ensure_ascii=False)}: {json.dumps(hosts)}"
            for name, hosts in sources.items()
        ]
        kinds.append(f' "{kind}": {{\n' + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(kinds) + "\n}\n"


def refresh(given: dict[str, str], folder: Path = FOLDER) -> list[str]:
    """Write the lists anew that are given by their places; return a line for each."""
    ours = json.loads((folder / OURS).read_text(encoding="utf-8"))
    listed, spam = _old(folder)
    said = []
    for name, place in given.items():
        if name == "spam":
            before, spam = len(spam), _taken(place, spam_of)
            number = len(spam)
        else:
            kind = KINDS[name]
            before = _size(listed.get(kind, {}))
            listed[kind] = _taken(place, lambda text: sources_of(text, ours))
            number = _size(listed[kind])
        if not number or number * 2 < before:
            raise BadList(f"{place}: it has {number} hosts, and had {before}.")
        said.append(f"{name}: {number} hosts, {before} before")
    (folder / LISTED).write_text(written(listed), encoding="utf-8")
    (folder / SPAM).write_text("".join(f"{host}\n" for host in spam), encoding="utf-8")
    return said


def _old(folder: Path) -> tuple[dict[str, Sources], list[str]]:
    """Return the lists that are there: the sources of each kind, and the hosts of spam."""
    path, spam = folder / LISTED, folder / SPAM
    listed = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return listed, spam.read_text(encoding="utf-8").split() if spam.exists() else []


def _taken(place: str, reading: Callable[[str], T]) -> T:
    """Read a list by a function of its text; what is wrong with it is told with its place."""
    try:
        return reading(text_of(place))
    except (BadList, OSError, UnicodeError) as error:
        raise BadList(f"{place}: {error}") from error


def _size(sources: Sources) -> int:
    return sum(map(len, sources.values()))


def main() -> int:
    """Read the command line and write the lists."""
    asked = argparse.ArgumentParser(
        prog="scripts/refresh-sources",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for name in (*KINDS, "spam"):
        asked.add_argument(f"--{name}", metavar="FILE_OR_URL")
    given = {name: place for name, place in vars(asked.parse_args()).items() if place}
    if not given:
        asked.error("name at least one list.")
    try:
        print("\n".join(refresh(given)))
    except BadList as error:
        print(f"Nothing was written. {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
