"""Sources and channels: the share of vectors that are right, and those that are not.

    python -m benchmarks.classification.sources [--show-held-out]

Each vector of `benchmarks/data/sources-*.tsv` has a referrer, the query of a page, and the source
and channel that people would say; the source `*` is not asked. A hash of referrer and query puts
a vector in the tuning or the held-out set: rules are only ever changed by the misses of the
tuning set, so the misses of the other are counted and not shown.
"""

import argparse
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from collector.enrichment.sources.origin import source_of

HOSTS = ("example.com", "*.example.com")
"""The hosts of the site that the vectors arrive at."""

Set = Literal["tuning", "held-out"]
SETS: tuple[Set, ...] = ("tuning", "held-out")
_FOLDER = Path(__file__).parents[1] / "data"


@dataclass(frozen=True)
class Vector:
    """A visit and what is right of it."""

    referrer: str
    query: str
    source: str
    channel: str

    @property
    def belongs_to(self) -> Set:
        """Return the set that the vector's hash puts it in."""
        text = f"{self.referrer}\t{self.query}".encode()
        return SETS[int(hashlib.sha256(text).hexdigest(), 16) % 2]


@dataclass(frozen=True)
class Result:
    """What came of a set: how many vectors there are, and the misses with what was said instead."""

    vectors: int
    sources: list[tuple[Vector, str]]
    channels: list[tuple[Vector, str]]

    @property
    def sources_right(self) -> float:
        """Return the share of the vectors whose source is right."""
        return 1 - len(self.sources) / self.vectors

    @property
    def channels_right(self) -> float:
        """Return the share of the vectors whose channel is right."""
        return 1 - len(self.channels) / self.vectors


def vectors(of: Set) -> list[Vector]:
    """Read the vectors of a set."""
    text = (_FOLDER / f"sources-{of}.tsv").read_text(encoding="utf-8")
    return [Vector(*line.split("\t")) for line in text.splitlines()[1:]]


def classify(of: Set) -> Result:
    """Classify every vector of a set."""
    asked = vectors(of)
    sources, channels = [], []
    for one in asked:
        found = source_of(one.referrer, f"https://example.com/{one.query}", HOSTS)
        if one.source not in ("*", found.source):
            sources.append((one, found.source))
        if one.channel != found.channel:
            channels.append((one, found.channel))
    return Result(len(asked), sources, channels)


def report(of: Set, result: Result, show: bool) -> str:
    """Write hits and misses of a set, and where they may be shown the misses themselves."""
    lines = []
    shares = (result.sources_right, result.channels_right)
    for name, misses, share in zip(
        ("source", "channel"), (result.sources, result.channels), shares, strict=True
    ):
        hits = result.vectors - len(misses)
        lines.append(f"{of:<9} {name:<8}{hits:>5} hits{len(misses):>5} misses {share:>8.1%}")
        if show:
            lines += [
                f"    {one.referrer or '-'} {one.query}: {said or '-'}, not "
                f"{(one.source if name == 'source' else one.channel) or '-'}"
                for one, said in misses
            ]
    return "\n".join(lines)


def main() -> None:
    """Print hits and misses of both sets."""
    asked = argparse.ArgumentParser(description="Classify sources and channels of vectors.")
    asked.add_argument("--show-held-out", action="store_true", help="for a set that is given up")
    show = asked.parse_args().show_held_out
    for of in SETS:
        print(report(of, classify(of), show or of == "tuning"))


if __name__ == "__main__":
    main()
