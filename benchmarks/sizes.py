"""Prints how many bytes the visitor's scripts cost: raw, gzip and brotli, as they are served.

    python -m benchmarks.sizes [--write]

With --write it writes benchmarks/results/sizes.json too. The question's cost is `banner.js`, in
which its styles are, and the words of its first layer in one language.
"""

import sys
from typing import Any

import brotli
import msgspec

from askfirst.sites import Site
from askfirst.store.ledger.site_book import Policy
from benchmarks.results import write
from benchmarks.table import Figure, Goal
from collector.tag.scripts import LOADED_PARTS, TAG_PARTS, build
from consent.policy.languages import texts_of
from consent.policy.wording import default_policy, first_layer, shown_of

TARGETS = {"tag.js": 3072}
QUESTION = 4096
"""The greatest number of bytes, compressed by brotli: of the tag, and of the whole question."""

LANGUAGES = ("en", "de", "el")


def measure() -> dict[str, dict[str, int]]:
    """Return raw, gzip and brotli bytes of each script that a visitor's browser loads."""
    scripts = {"tag.js": TAG_PARTS, **{f"{name}.js": of for name, of in LOADED_PARTS.items()}}
    found = {}
    for name, parts in scripts.items():
        built = build(parts)
        sizes = {"raw": len(built.plain), "gzip": len(built.encoded["gzip"])}
        found[name] = {**sizes, "brotli": len(built.encoded["br"])}
    return found


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
    """Write the sizes as a table, with the targets beside what they are for."""
    lines = [f"{'bytes':<24}{'raw':>8}{'gzip':>8}{'brotli':>8}{'at most':>9}"]
    for name, sizes in found.items():
        numbers = "".join(f"{sizes[kind]:>8}" for kind in ("raw", "gzip", "brotli"))
        lines.append(f"{name:<24}{numbers}{TARGETS.get(name, ''):>9}")
    for language in LANGUAGES:
        total = found["banner.js"]["brotli"] + words(language)
        lines.append(f"{'banner.js and words, ' + language:<40}{total:>8}{QUESTION:>9}")
    return "\n".join(lines)


if __name__ == "__main__":
    measured = measure()
    print(report(measured))
    if "--write" in sys.argv:
        write("sizes", measured)
