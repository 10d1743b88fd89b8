"""The content encodings of our responses: choosing one and encoding bytes."""

import gzip
import re

import brotli

ENCODINGS = ("br", "gzip")

_NEVER = re.compile(r";\s*q=0(\.0*)?\s*$").search  # a weight of zero means no (RFC 9110)


def best_encoding(accepted: str) -> str:
    """Return the best of ENCODINGS that an `Accept-Encoding` header allows, or ''."""
    wanted = {part.split(";")[0].strip() for part in accepted.split(",") if not _NEVER(part)}
    return next((name for name in ENCODINGS if name in wanted), "")


def encoded(content: bytes, encoding: str, effort: int = 11) -> bytes:
    """Return the content in one of ENCODINGS, or as it is for ''; `effort` is brotli's, 0 to 11."""
    if encoding == "br":
        return bytes(brotli.compress(content, quality=effort))
    return gzip.compress(content, mtime=0) if encoding == "gzip" else content
