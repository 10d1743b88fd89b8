"""Message framing: which heads of requests are refused, and which request is a connection's last.

The parser (llhttp, strict) refuses by itself what makes a length doubtful: a content-length beside
a transfer-encoding, two lengths, a value that is not digits, a folded line, a bare CR or LF, a
blank before a colon. Here is what it lets pass. Where two programs read one message differently,
the rest of a body is taken for the next request, and a proxy sends its response to somebody else.
"""

import re
from functools import lru_cache

from askfirst.errors import Malformed
from askfirst.web.urls import PORT

Fields = list[tuple[bytes, bytes]]
"""A head's fields in their order, with names in lower case."""

_AUTHORITY = re.compile(rb"([a-z0-9._-]+|\[[0-9a-f:.]+\])(:%b?)?" % PORT.encode(), re.IGNORECASE)
_ABSOLUTE = re.compile(rb"https?://([^/?#]*)/", re.IGNORECASE)
_VERSIONS = ("1.1", "1.0")


def check_head(
    method: bytes, target: bytes, version: str, told: dict[bytes, bytes], fields: Fields
) -> None:
    """Raise `Malformed` for a head that two programs may read differently.

    `version` is "1.1" or "1.0" for what is spoken here; `target` is as it was sent; `told` are the
    fields by name.
    """
    if version not in _VERSIONS:
        raise Malformed("Expected HTTP/1.1 or HTTP/1.0.")
    if len(told) == len(fields) and b"host" in told:
        hosts = [told[b"host"]]  # no field occurs twice; each event takes this shorter way
    else:
        hosts = [value for name, value in fields if name == b"host"]
    if len(hosts) != 1 and (hosts or version == "1.1"):
        raise Malformed("Expected exactly one Host header.")  # RFC 9112, 3.2
    if hosts and not _is_authority(hosts[0]):
        raise Malformed("The Host header is not valid.")
    if not target.startswith(b"/") or method == b"CONNECT":
        _check_target(method, target, hosts)


def check_body(version: str, told: dict[bytes, bytes], fields: Fields, upgrade: bool) -> None:
    """Raise `Malformed` for a body whose end is ambiguous, or that the parser does not read.

    `told` are the same fields by name; `upgrade` says that the client asks for another protocol. A
    server may ignore that (RFC 9110, 7.8), but the parser does not read the body of such a request,
    which cannot be answered without its body.
    """
    if b"transfer-encoding" in told:
        codings = [value for name, value in fields if name == b"transfer-encoding"]
        if len(codings) != 1 or codings[0].lower() != b"chunked":
            raise Malformed("Expected no transfer coding but chunked.")  # RFC 9112, 6.1
        if version != "1.1":
            raise Malformed("Expected no transfer coding in HTTP/1.0.")  # RFC 9112, 6.1
    if upgrade and has_body(told):
        raise Malformed("Expected no body in a request for another protocol.")


def has_body(told: dict[bytes, bytes]) -> bool:
    """Return whether a head announces a body."""
    return b"transfer-encoding" in told or told.get(b"content-length", b"0").strip(b"0 \t") != b""


def _check_target(method: bytes, target: bytes, hosts: list[bytes]) -> None:
    """Refuse a target that is for a proxy; a whole address must name what `Host` does."""
    if method == b"CONNECT":
        raise Malformed("Expected a request that is for this server, not for a proxy.")
    if target == b"*" and method == b"OPTIONS":
        return
    found = _ABSOLUTE.match(target)
    if found is None:
        raise Malformed("Expected a path, or a whole http address.")
    if [found[1].lower()] != [host.lower() for host in hosts]:  # RFC 9112, 3.2.2
        raise Malformed("The address names another host than the Host header.")


@lru_cache(maxsize=1024)
def _is_authority(value: bytes) -> bool:
    """Return whether a value is a host with an optional port (RFC 3986, 3.2)."""
    return _AUTHORITY.fullmatch(value) is not None
