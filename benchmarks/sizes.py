"""Prints how many bytes the visitor's scripts cost: raw, gzip and brotli, as they are served.

    python -m benchmarks.sizes [--write]

With --write it writes benchmarks/results/sizes.json too.
"""

import sys

from benchmarks.results import write
from collector.tag import BANNER_PARTS, TAG_PARTS, Script

SERVED = {"tag.js": TAG_PARTS, "banner.js": BANNER_PARTS}


def measure() -> dict[str, dict[str, int]]:
    """Give raw, gzip and brotli bytes of each script that a visitor's browser loads."""
    scripts = {name: Script(parts) for name, parts in SERVED.items()}
    return {
        name: {
            "raw": len(script.bytes),
            "gzip": len(script.encoded["gzip"]),
            "brotli": len(script.encoded["br"]),
        }
        for name, script in scripts.items()
    }


if __name__ == "__main__":
    found = measure()
    print(f"{'bytes':<10}{'raw':>8}{'gzip':>8}{'brotli':>8}")
    for name, sizes in found.items():
        print(f"{name:<10}{sizes['raw']:>8}{sizes['gzip']:>8}{sizes['brotli']:>8}")
    if "--write" in sys.argv:
        write("sizes", found)
