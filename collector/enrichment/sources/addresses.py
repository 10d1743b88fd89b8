"""Referrers: the host or app of a referrer, read as browsers read addresses, never raising."""

import re
from typing import NamedTuple

from askfirst.web.url_hosts import is_port, split_port, url_host

LONGEST = 2048
"""Characters of a referrer that are read; its host stands at the beginning."""

_ADDRESS = re.compile(
    r"(?:(https?|android-app|ios-app):[/\\]*|[/\\]{2,})"  # any slashes, as browsers take them
    r"([^/\\?#]*)"
    r"([^?#]*)"
    r"(?:\?([^#]*))?",
    re.IGNORECASE,
)
_SENT = re.compile(r"(?:[a-z][a-z0-9+.-]*:[^\x00-\x20\x7f]*)?", re.IGNORECASE)
_LETTER = r"[^\x00-\x2c./:-@\[-^`{-\x7f]"
_BARE = re.compile(
    rf"(?:{_LETTER}{{1,63}}\.)+(?![0-9]){_LETTER}{{2,63}}(?::[0-9]{{1,5}})?(?:[/?#][^\x00-\x20\x7f]*)?"
)
"""A host with what may follow it, without a scheme."""
_DROPPED = str.maketrans("", "", "\t\n\r")
_OUTSIDE = "".join(map(chr, range(33)))
_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_LONGEST_HOST = 253  # RFC 1035


class Referrer(NamedTuple):
    """What is read of a referrer; all is '' where it names neither a website nor an app.

    `host` is in lower case and ASCII, without port and a dot at its end; for an app, `app` is its
    id and `host` is ''. `netloc` is the host with its port, `query` is not decoded.
    """

    host: str = ""
    app: str = ""
    netloc: str = ""
    path: str = ""
    query: str = ""


NOWHERE = Referrer()


def is_referrer(text: str) -> bool:
    """Return whether a text is what a referrer may be sent as: an address, a bare host, nothing."""
    return _SENT.fullmatch(text) is not None or _BARE.fullmatch(text) is not None


def with_scheme(referrer: str) -> str:
    """Return a referrer as an address: a bare host, with what follows it, is one of the web."""
    return f"https://{referrer}" if _BARE.fullmatch(referrer) else referrer


def read_referrer(text: str) -> Referrer:
    """Return the parts of a referrer.

    It is read as the WHATWG URL Standard says (user info, ports, backslashes, blanks around it and
    breaks inside it, percent-encoded and international hosts). Scripts, data and files have no
    host, and what is no host at all is none.
    """
    plain = text[:LONGEST]
    if not plain.isprintable() or " " in (plain[:1], plain[-1:]):
        plain = plain.translate(_DROPPED).strip(_OUTSIDE)
    found = _ADDRESS.match(plain)
    if not found:
        return NOWHERE
    scheme, authority, path, query = found.groups("")
    authority = authority.rpartition("@")[2].lower()
    if scheme[-4:].lower() == "-app":
        return Referrer("", authority, "", path, query) if _HOST.fullmatch(authority) else NOWHERE
    text, port = split_port(authority)
    host = host_of(text)
    if not host or (port and not is_port(port)):
        return NOWHERE
    return Referrer(host, "", f"{host}:{port}" if port else host, path, query)


def host_of(text: str) -> str:
    """Return a host name in ASCII and without a dot at its end, or '' where it is none."""
    host = url_host(text)
    return host if len(host) <= _LONGEST_HOST else ""
