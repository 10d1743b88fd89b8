"""Prints how many bytes the visitor's scripts cost: raw, gzip and brotli, as they are served.

    python -m benchmarks.sizes [--write]

The bundles stand under the folder of static/js that they come from, which says when they load.
A bundle above its ceiling makes the command fail. With --write it writes
benchmarks/results/sizes.json too. The banner's cost is `banner.js`, in
which its styles are, and the words of its first layer in one language.
"""

import sys
from typing import Any

import brotli
import msgspec

from askfirst.sites import Site
from askfirst.store.ledger.sites.policies import Policy
from benchmarks.results import write
from benchmarks.table import Figure, Goal
from collector.tag.scripts import LOADED_PARTS, TAG_PARTS, build
from consent.policy.languages import texts_of
from consent.policy.wording import default_policy, first_layer, shown_of

TARGETS = {"tag.js": 3072, "granted.js": 2560}
BANNER = 4096
"""The greatest number of bytes, compressed by brotli: of the tag, of what records after a yes, and
of the banner with words."""

FOLDERS = {
    "tag": "on every page",
    "asking": "while there is something to ask",
    "granted": "after a yes",
    "on_demand": "for few visitors",
}
"""The folders of static/js whose scripts visitors load, and when they load them."""

BUNDLES = {"tag": TAG_PARTS, **LOADED_PARTS}

LANGUAGES = ("en", "de", "el")


def measure() -> dict[str, dict[str, int]]:
    """Return raw, gzip and brotli bytes of each script that a visitor's browser loads."""
    found = {}
    for name, parts in BUNDLES.items():
        built = build(parts)
        sizes = {"raw": len(built.plain), "gzip": len(built.encoded["gzip"])}
        found[f"{name}.js"] = {**sizes, "brotli": len(built.encoded["br"])}
    return found


def bundles_of(folder: str) -> list[str]:
    """Return the names of the bundles whose sources lie in a folder of static/js."""
    return [f"{name}.js" for name, parts in BUNDLES.items() if parts[0].startswith(f"{folder}/")]


def words(language: str) -> int:
    """Return the brotli bytes of a first layer's words, as a new site says them."""
    content = default_policy("Harbour Lane Library", "Harbour Lane Ltd", "privacy@shop.test", "")
    policy = Policy(site_id=1, version=1, content=content, hash="0" * 64, published_at=0)
    facts = {"time_zone": "UTC", "ip_mode": "whole", "policy_version": 1, "min_policy_version": 1}
    key = "0" * 22
    site = msgspec.convert({"id": 1, "key": key, "name": "", "hosts": [], **facts}, Site)
    shown = first_layer(shown_of(policy, site, language, texts_of(language)))
    return len(brotli.compress(msgspec.json.encode({**shown, "changes": []})))


def figures(found: dict[str, Any]) -> list[Figure]:
    """Return the lines of the table of `benchmarks`: the brotli bytes, beside the raw ones."""
    files = {name: sizes for name, sizes in found.items() if isinstance(sizes, dict)}
    return [
        Figure(
            name,
            sizes["brotli"],
            "bytes",
            sizes["raw"],
            "raw",
            goals=(Goal("≤", TARGETS[name]),) if name in TARGETS else (),
        )
        for name, sizes in files.items()
    ]


def report(found: dict[str, dict[str, int]]) -> str:
    """Write the sizes as a table by folder, with the targets beside what they are for."""
    lines = [_line("bytes", "raw", "gzip", "brotli", "at most")]
    for folder, when in FOLDERS.items():
        lines.append(f"{folder}/: {when}")
        for name in bundles_of(folder):
            sizes = found[name]
            columns = (sizes["raw"], sizes["gzip"], sizes["brotli"], TARGETS.get(name, ""))
            lines.append(_line(f"  {name}", *columns))
    for language in LANGUAGES:
        total = found["banner.js"]["brotli"] + words(language)
        lines.append(_line(f"banner.js and words, {language}", "", "", total, BANNER))
    return "\n".join(lines)


def _line(name: str, *columns: object) -> str:
    return f"{name:<26}" + "".join(f"{column:>9}" for column in columns)


def too_large(found: dict[str, dict[str, int]]) -> list[str]:
    """Return a sentence about each bundle, and the banner in each language, above its ceiling."""
    sizes = {name: (found[name]["brotli"], most) for name, most in TARGETS.items()}
    for language in LANGUAGES:
        total = found["banner.js"]["brotli"] + words(language)
        sizes[f"banner.js with its words, {language}"] = (total, BANNER)
    return [
        f"{name} has {size} bytes, {size - most} above its ceiling."
        for name, (size, most) in sizes.items()
        if size > most
    ]


if __name__ == "__main__":
    measured = measure()
    print(report(measured))
    if "--write" in sys.argv:
        write("sizes", measured)
    if complaints := too_large(measured):
        sys.exit("\n".join(complaints))
