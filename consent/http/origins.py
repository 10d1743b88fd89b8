"""Which page sends a choice: its Origin header, its CORS headers, and the domain it shares."""

import ipaddress
import re

from askfirst.web.public_suffixes import is_public_suffix
from askfirst.web.urls import PORT, split_address

_ORIGIN = re.compile(rf"https?://(?:[a-z0-9._\-]+|\[[0-9a-f:.]+\])(?::{PORT})?")


def read_origin(header: str | None) -> str | None:
    """Return the origin of a page, or None where the header is absent, `null` or no origin."""
    origin = (header or "").lower()
    return origin if _ORIGIN.fullmatch(origin) else None


def readable_by(origin: str | None) -> dict[str, str]:
    """Return the headers that let a page of an allowed origin read the answer, cookie included."""
    headers = {"Vary": "Origin", "Cache-Control": "no-store"}
    if origin is not None:
        headers["Access-Control-Allow-Origin"] = origin
        headers["Access-Control-Allow-Credentials"] = "true"
        headers["Access-Control-Expose-Headers"] = "Retry-After"
    return headers


def shared_domain(origin: str, host_header: str) -> str | None:
    """Return the domain whose cookie both the page and this server see.

    '' where they are the same host, else their longest common parent domain, None where that is a
    public suffix or there is none.
    Browsers refuse a cookie for a public suffix, e.g. `co.uk` or `github.io` (RFC 6265, 5.3).
    """
    page, server = _name(origin), _name(f"//{host_header}")
    if page is None or server is None:
        return None
    if page == server:
        return ""
    return None if _is_address(page) or _is_address(server) else _common_parent(page, server)


def _name(url: str) -> str | None:
    return split_address(url).hostname


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _common_parent(one: str, other: str) -> str | None:
    labels: list[str] = []
    for mine, theirs in zip(reversed(one.split(".")), reversed(other.split(".")), strict=False):
        if mine != theirs:
            break
        labels.insert(0, mine)
    parent = ".".join(labels)
    return parent if len(labels) >= 2 and all(labels) and not is_public_suffix(parent) else None
