"""Sources and channels of vectors that others published: how many are right, by half.

    python -m benchmarks.classification.public_sources [--misses]

`benchmarks/data/sources-public.tsv.xz` has the hosts of snowplow's referer-parser with the source
and medium that it gives them, the examples of its tests, and those of PostHog's channel types. A
hash of referrer and query halves them: `--misses` shows those of the half that rules are tuned on;
of the other only totals are told. Left out is what our definitions say otherwise, on purpose.
"""

import argparse
import csv
import hashlib
import lzma
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from collector.enrichment.sources.lists import squeezed
from collector.enrichment.sources.names import source_of_name
from collector.enrichment.sources.origin import Origin, source_of

PATH = Path(__file__).parents[1] / "data" / "sources-public.tsv.xz"
HOSTS = ("example.com", "*.example.com")
GOAL = 90.0

OTHERWISE_DEFINED = {
    ("Youtube", "social"): "video",
    ("Vimeo", "social"): "video",
    ("Digg", "search"): "social",
    ("FriendFeed", "search"): "social",
    ("Google+", "social"): "gone since 2019",
    ("Google", "paid"): "display: the hosts are those of ads on other websites",
    ("*", "paid"): "display",
    ("PriceRunner", "search"): "shopping",
}
"""Sources with a channel of the vectors that docs/collecting/sources.md gives another one."""

_SERVICES = re.compile(r" (?:Images?|Video|News|Maps|Mobile|Toolbar)$")
"""What is searched for: we count the engine as one."""
_NAMES = {
    "Google Product Search": "Google Shopping",
    "DuckDuckGoL": "DuckDuckGo",
    "IXquick": "Startpage",
    "Proton": "Proton Mail",
    "Bigpond": "Bigpond Mail",
    "Bluewin": "Bluewin Mail",
    "Ionos": "Ionos Mail",
    "1und1": "Ionos Mail",
    "Orange Webmail": "Orange Mail",
    "Web.de": "Web.de Mail",
}
"""Names that the vectors have for what is called otherwise by now."""


class Vector(NamedTuple):
    """A visit, and what is right of it; the source `*` is not asked."""

    referrer: str
    query: str
    source: str
    channel: str
    origin: str

    @property
    def is_for_tuning(self) -> bool:
        """Return whether the vector is of the half that one may look at."""
        text = f"{self.referrer}{self.query}".encode()
        return hashlib.sha256(text).digest()[0] % 2 == 0


def vectors() -> list[Vector]:
    """Read the vectors that our definitions agree with."""
    with lzma.open(PATH, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    read = (Vector(*row) for row in rows)
    return [one for one in read if (one.source, one.channel) not in OTHERWISE_DEFINED]


def found_of(vector: Vector) -> Origin:
    """Return what we say of a vector."""
    return source_of(vector.referrer, f"https://example.com/{vector.query}", HOSTS)


def is_source(name: str, ours: str) -> bool:
    """Return whether a name of the vectors and one of ours mean the same source."""
    plain = _NAMES.get(name, _SERVICES.sub("", name))
    return squeezed(ours) in (squeezed(name), squeezed(plain)) or source_of_name(plain).name == ours


def judged(given: Iterable[Vector]) -> Iterator[tuple[str, bool, Vector, Origin]]:
    """Yield what is measured of each vector, whether it is right, the vector, and what was said."""
    for vector in given:
        found = found_of(vector)
        if vector.source != "*":
            yield "sources", is_source(vector.source, found.source), vector, found
        yield "channels", vector.channel == found.channel, vector, found


def table_of(title: str, given: list[Vector]) -> str:
    """Return a table of hits and misses, with the goal."""
    lines = [f"{title}, {len(given)}", f"{'':34}{'hits':>7}{'misses':>8}{'of':>7}{'%':>8}"]
    all_of = list(judged(given))
    for thing in ("sources", "channels"):
        hits = [hit for name, hit, _, _ in all_of if name == thing]
        right, of = sum(hits), len(hits)
        lines.append(
            f"{thing:34}{right:7}{of - right:8}{of:7}{100 * right / of:8.2f}   goal ≥ {GOAL:g}"
        )
    return "\n".join(lines) + "\n"


def misses(given: Iterable[Vector]) -> Iterator[str]:
    """Yield a line for each thing that is told wrong."""
    for thing, hit, vector, found in judged(given):
        if not hit:
            said = (thing, found.source, found.channel)
            yield "\t".join((*said, *vector))


def tables() -> str:
    """Return the tables of both halves."""
    given = vectors()
    tuning = [one for one in given if one.is_for_tuning]
    unseen = [one for one in given if not one.is_for_tuning]
    return "\n".join((
        table_of("Sources: the half that the rules may be tuned on", tuning),
        table_of("Sources: the half that nobody looks into", unseen),
    ))  # fmt: skip


def main(given: list[str] | None = None) -> None:
    """Print the tables of both halves."""
    parser = argparse.ArgumentParser(description="Classify published vectors of sources.")
    parser.add_argument("--misses", action="store_true", help="list them, tuning half only")
    said: Any = parser.parse_args(given)
    if said.misses:
        print("\n".join(misses(one for one in vectors() if one.is_for_tuning)))
    print(tables())


if __name__ == "__main__":
    main()
