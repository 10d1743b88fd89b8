"""Prints how many bytes the visitor's scripts cost: raw, gzip and brotli."""

import gzip
from pathlib import Path

import brotli

SCRIPTS = Path(__file__).parent.parent / "static" / "js"
SERVED = {
    "tag.js": ("choice.js", "send.js", "tracker.js"),
    "banner.js": ("banner.js",),
}


def sizes(script: bytes) -> tuple[int, int, int]:
    """Give the bytes of a script raw, as gzip and as brotli, each at its highest level."""
    return len(script), len(gzip.compress(script, 9, mtime=0)), len(brotli.compress(script))


def main() -> None:
    """Print one line a script that the browser loads, joined as the server joins it."""
    print(f"{'bytes':<10}{'raw':>8}{'gzip':>8}{'brotli':>8}")
    for name, parts in SERVED.items():
        joined = b"\n".join((SCRIPTS / part).read_bytes() for part in parts)
        raw, zipped, brotlied = sizes(joined)
        print(f"{name:<10}{raw:>8}{zipped:>8}{brotlied:>8}")


if __name__ == "__main__":
    main()
