"""Prints how many user agents of a set are told right: bots, people, browsers, systems, devices.

    python -m benchmarks.classify [SET.tsv[.xz]] [--misses]

Sources and channels of published vectors come first (`classification/public_sources.py`). Of user
agents no set is shipped: those that exist have licences of their own. A set is a table with tabs
and the header `user_agent kind browser system device`; kind is `bot` or `person`, the others are
empty where they are not known. One can be made of the fixtures of matomo-org/device-detector
(LGPL) or of ua-parser/uap-core (Apache-2.0); their names are understood.

The set is split by a hash of the user agent. On the tuning half one may look at each miss
(`--misses`); of the other half only totals are told, so that it stays unseen.
"""

import argparse
import csv
import hashlib
import lzma
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.classification import public_sources
from collector.enrichment.agents.client import Client
from collector.enrichment.agents.reading import read_agent

GOALS = {"browser": 95.0, "system": 98.0, "device": 90.0, "bots found": 85.0}
MOST_PEOPLE_CALLED_BOTS = 0.1

NO_SET = """There is no set of user agents at {path}. None is shipped; make one, e.g. of the
fixtures of matomo-org/device-detector or ua-parser/uap-core: a table with tabs, whose header is
user_agent kind browser system device, with one user agent a line."""

_BROWSERS = {
    "android": "androidbrowser",
    "androidwebkit": "androidbrowser",
    "chromium": "chrome",
    "chromewebview": "chrome",
    "chromemobilewebview": "chrome",
    "chromemobileios": "chrome",
    "headlesschrome": "chrome",
    "chromeheadless": "chrome",
    "mobilesafari": "safari",
    "mobilesafariuiwkwebview": "safari",
    "firefoxios": "firefox",
    "firefoxalpha": "firefox",
    "firefoxbeta": "firefox",
    "firebird": "firefox",
    "fennec": "firefox",
    "firefoxreality": "firefox",
    "ie": "internetexplorer",
    "iemobile": "internetexplorer",
    "ielargescreen": "internetexplorer",
    "edgemobile": "edge",
    "microsoftedge": "edge",
    "operadevices": "opera",
    "operanext": "opera",
    "operatouch": "opera",
    "operagx": "opera",
    "operaneon": "opera",
    "operatablet": "opera",
    "vewdbrowser": "opera",
    "samsungbrowser": "samsunginternet",
    "mobilesilk": "amazonsilk",
    "miuibrowser": "mibrowser",
    "ucbrowsermini": "ucbrowser",
    "ucbrowserturbo": "ucbrowser",
    "yandexbrowserlite": "yandexbrowser",
    "yandexsearch": "yandexbrowser",
    "qqbrowserlite": "qqbrowser",
    "qqbrowsermini": "qqbrowser",
    "openwavemobilebrowser": "openwave",
    "upbrowser": "openwave",
    "huaweibrowsermobile": "huaweibrowser",
    "puffinwebbrowser": "puffin",
    "puffinsecurebrowser": "puffin",
    "nokiaovibrowser": "ovibrowser",
    "liebaofast": "liebao",
    "360phonebrowser": "360browser",
    "360securebrowser": "360browser",
    "duckduckgoprivacybrowser": "duckduckgo",
    "epiphany": "gnomeweb",
    "telecabrowser": "obigo",
    "playstationbrowser": "netfront",  # sets call the browsers of all PlayStations NetFront
    "dolphin": "dolfin",
    "avant": "avantbrowser",
}
"""Names of the same browser, without signs and spaces, in lower case and without `mobile`."""

_SYSTEMS = {
    "mac": "macosx",
    "macos": "macosx",
    "osx": "macosx",
    "gnulinux": "linux",
    "ipados": "ios",
    "iphoneos": "ios",
    "atvosx": "tvos",
    "web0s": "webos",
    "haikuos": "haiku",
    "symbianosseries60": "symbianos",
    "symbian": "symbianos",
    "symbian3": "symbianos",
    "nokiaseries40": "symbianosseries40",
    "playstationportable": "playstation",
    "nintendomobile": "nintendo",
    "harmonyosnext": "harmonyos",
    "brewmp": "brew",
    "windowsmobile": "windowsce",
    "windowsrt": "windows",
}
"""Names of the same system."""
_ANDROIDS = frozenset({
    "androidtv", "fireos", "wearos", "cyanogenmod", "lineageos", "mocordroid", "hyperos", "yunos",
    "metahorizon", "picoos", "googletv", "remixos", "resurrectionremixos", "smartisanos",
})  # fmt: skip
_LINUXES = frozenset({
    "ubuntu", "debian", "fedora", "suse", "mint", "centos", "redhat", "gentoo", "mandriva",
    "archlinux", "slackware", "kubuntu", "sabayon", "ordissimo", "operatv", "vidaa", "tivoos",
    "whaleos", "vizios", "kreatv",
})  # fmt: skip
"""Systems that are Android or Linux under a name of their own."""

_DEVICES = {
    "smartphone": "phone",
    "phablet": "phone",
    "feature phone": "phone",
    "phone": "phone",
    "mobile": "phone",
    "tablet": "tablet",
    "tv": "television",
    "television": "television",
    "desktop": "desktop",
    "pc": "desktop",
    "console": "console",
    "wearable": "watch",
    "watch": "watch",
    "car browser": "car",
    "car": "car",
}
"""Kinds of devices in sets, and ours; of the others nothing is measured (speakers, cameras)."""

Row = dict[str, str]


def browser_name(name: str) -> str:
    """Return a browser's name in the form in which names are compared."""
    plain = re.sub(r"[^0-9a-z]", "", name.lower())
    without = re.sub(r"mobile$|^mobile(?=firefox|opera|chrome)", "", plain) or plain
    return _BROWSERS.get(plain) or _BROWSERS.get(without) or without


def system_name(name: str) -> str:
    """Return a system's name in the form in which names are compared."""
    plain = re.sub(r"[^0-9a-z]", "", name.lower())
    plain = _SYSTEMS.get(plain, plain)
    return "android" if plain in _ANDROIDS else "linux" if plain in _LINUXES else plain


def exact_system(name: str) -> str:
    """Return a system's name where each that is made of Android or Linux counts by itself."""
    plain = re.sub(r"[^0-9a-z]", "", name.lower())
    return _SYSTEMS.get(plain, plain)


def is_for_tuning(user_agent: str) -> bool:
    """Return whether a user agent is of the half that one may look at."""
    return hashlib.sha256(user_agent.encode()).digest()[0] % 2 == 0


def read_set(path: Path) -> list[Row]:
    """Return the lines of a set; raises `OSError` where there is none."""
    opened = lzma.open if path.suffix == ".xz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def judged(rows: Iterable[Row]) -> Iterator[tuple[str, bool, Row, Client]]:
    """Yield what is measured of each row, whether it is right, the row, and what was read."""
    for row in rows:
        read = read_agent(row["user_agent"])
        if row["kind"] == "bot":
            yield "bots found", read.bot, row, read
            yield "bots found: as senders of events", read.sender_rule != "", row, read
            continue
        yield "people called bots", read.bot, row, read
        by = "browsers" if row["browser"] else "others"
        yield f"people left out as senders: {by}", read.sender_rule != "", row, read
        yield "people called declared crawlers", read.declared, row, read
        if row["browser"]:
            yield "people called bots: in browsers", read.bot, row, read
        elif row["system"] or row["device"]:
            yield "people called bots: in apps", read.bot, row, read
        else:
            yield "people called bots: unknown", read.bot, row, read
        if row["browser"]:
            right = browser_name(row["browser"]) == browser_name(read.browser)
            yield "browser", right, row, read
        if row["system"]:
            yield "system", system_name(row["system"]) == system_name(read.os), row, read
            right = exact_system(row["system"]) == exact_system(read.os)
            yield "system by its own name", right, row, read
        if kind := _DEVICES.get(row["device"]):
            yield "device", kind == read.device, row, read
            yield f"device: {kind}", kind == read.device, row, read


def measure(rows: Iterable[Row]) -> dict[str, tuple[int, int]]:
    """Return for each thing that is measured how many are right (or so called), of how many."""
    right: Counter[str] = Counter()
    all_of: Counter[str] = Counter()
    for thing, hit, _, _ in judged(rows):
        all_of[thing] += 1
        right[thing] += hit
    return {thing: (right[thing], all_of[thing]) for thing in sorted(all_of)}


def table_of(title: str, found: dict[str, tuple[int, int]]) -> str:
    """Return a table of hits and misses, with the goals."""
    lines = [f"{title}", f"{'':34}{'hits':>7}{'misses':>8}{'of':>7}{'%':>8}"]
    for thing, (hits, of) in found.items():
        line = f"{thing:34}{hits:7}{of - hits:8}{of:7}{100 * hits / of:8.2f}"
        if thing in GOALS:
            line += f"   goal ≥ {GOALS[thing]:g}"
        elif thing == "people called bots":
            line += f"   goal < {MOST_PEOPLE_CALLED_BOTS:g}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def misses(rows: Iterable[Row]) -> Iterator[str]:
    """Yield a line for each thing that is told wrong."""
    for thing, hit, row, read in judged(rows):
        wrong = hit if thing.startswith("people called") else not hit
        if wrong and ":" not in thing:
            said = (read.rule, read.browser, read.os, read.device)
            yield "\t".join((thing, *said, *(row[one] for one in list(row)[1:]), row["user_agent"]))


def main(given: list[str] | None = None) -> int:
    """Print the tables of both halves; return 1 where there is no set."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.classify", description=__doc__)
    parser.add_argument("set", type=Path, nargs="?", help="a table of user agents, .tsv or .tsv.xz")
    parser.add_argument(
        "--misses", action="store_true", help="list what is wrong, tuning half only"
    )
    said: Any = parser.parse_args(given)
    public_sources.main(["--misses"] if said.misses else [])
    if said.set is None:
        return 0
    try:
        rows = read_set(said.set)
    except OSError:
        print(NO_SET.format(path=said.set), file=sys.stderr)
        return 1
    tuning = [row for row in rows if is_for_tuning(row["user_agent"])]
    unseen = [row for row in rows if not is_for_tuning(row["user_agent"])]
    if said.misses:
        print("\n".join(misses(tuning)))
    print(table_of(f"The half that the rules may be tuned on, {len(tuning)}", measure(tuning)))
    print(table_of(f"The half that nobody looks into, {len(unseen)}", measure(unseen)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
