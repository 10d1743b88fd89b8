"""Prints how many bytes the visitor's scripts cost: raw, gzip and brotli, as they are served."""

from collector.tag import BANNER_PARTS, TAG_PARTS, Script

SERVED = {"tag.js": TAG_PARTS, "banner.js": BANNER_PARTS}


def main() -> None:
    """Print one line for each script that a visitor's browser loads."""
    print(f"{'bytes':<10}{'raw':>8}{'gzip':>8}{'brotli':>8}")
    for name, parts in SERVED.items():
        script = Script(parts)
        zipped, brotlied = (len(script.encoded[encoding]) for encoding in ("gzip", "br"))
        print(f"{name:<10}{len(script.bytes):>8}{zipped:>8}{brotlied:>8}")


if __name__ == "__main__":
    main()
