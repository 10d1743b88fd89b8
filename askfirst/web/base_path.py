"""The base path: the path of `public_url`, added to our addresses and removed from requests.

Routes and links in the code are without it: `/sites/KEY`. The server removes it from requests, and
adds it to responses where it is missing. Both are unambiguous because no base path begins like an
address of our own (`OURS`).
"""

import re
from urllib.parse import unquote

from askfirst.web.urls import split_address

# fmt: off
OURS = frozenset((
    ".well-known", "account", "across", "api", "choice", "consent", "definitions", "event", "keys",
    "mail", "manifest", "metrics", "my-data", "policy", "receipt",
    "reset", "rules", "setup", "share", "sign-in", "sign-out", "sites", "source", "static",
    "vega", "verify", "wording",
))
# fmt: on
"""The first segments of our own addresses, which a base path must not begin with.

Names of scripts, such as `tag.js`, are ours as well.
"""

_BASE = re.compile(r"(?:/(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+)*")
_LINK = re.compile(r'(\s(?:href|action|formaction|src|data-wait)=")(/(?!/)[^"]*)')


def base_path(url: str) -> str:
    """Return the path of a web address without a slash at its end: `/askfirst`, or ''.

    Raises `ValueError` with a sentence where a server cannot have such an address.
    """
    parts = split_address(url)
    path = parts.path.rstrip("/")
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise ValueError("must be a plain address, without a query or a fragment")
    segments = [unquote(one, errors="surrogateescape") for one in path.split("/")[1:]]
    plain = all(one not in (".", "..") and one.isprintable() for one in segments)
    if not _BASE.fullmatch(path) or not plain or any("/" in one for one in segments):
        raise ValueError("must have a path of letters, digits, '.', '_', '~', '-' and %XX")
    if segments and is_ours(segments[0]):
        raise ValueError(f"must not have a path that begins with /{segments[0]}, which is our own")
    return path


def is_ours(segment: str) -> bool:
    """Return whether addresses of our own begin with a segment."""
    return segment in OURS or segment.endswith(".js")


def with_base(base: str, address: str) -> str:
    """Return an address of ours with the base path; unchanged if it has that already, or a host."""
    ours = address.startswith("/") and not address.startswith(("//", "/\\"))
    return base + address if base and ours and not _is_under(base, address) else address


def without_base(base: str, path: str) -> str:
    """Return a path as the routes have it; unchanged if it is not under the base path."""
    if base and _is_under(base, path):
        return path[len(base) :] or "/"
    return path


def linked_under(base: str, html: str) -> str:
    """Add the base path to the links, forms and sources in a page of ours.

    Only tags contain `href="`: autoescape encodes the quotes of everything else.
    """
    return _LINK.sub(lambda found: found[1] + with_base(base, found[2]), html) if base else html


def _is_under(base: str, address: str) -> bool:
    return address.startswith(base) and address[len(base) : len(base) + 1] in ("", "/", "?", "#")
