"""The one form in which a URL is recorded, without fragment, parameters, addresses and tokens."""

import re
from contextlib import suppress
from ipaddress import AddressValueError, IPv6Address
from urllib.parse import unquote_plus

from askfirst.text.text_cache import remembered
from askfirst.web.masking import masked, without_emails
from askfirst.web.shown_addresses import machine_host

_URL = re.compile(r"([a-z][a-z0-9+.-]*)://([^/?#]*)([^?#]*)(?:\?([^#]*))?", re.I | re.S)
_OF_A_PERSON = re.compile(r"(mailto|tel):([^?#]*)", re.I | re.S)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PORT = re.compile(r":([0-9]{0,9})\Z")
_PLAIN_HOST = re.compile(r"[a-z0-9._-]*[a-z0-9_-]")
_UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_ODD = re.compile(r"%[0-9A-Fa-f]{2}|[^A-Za-z0-9._~!$&'()*+,;=:@/?-]")
"""Escapes, and characters that stand in no path or query unescaped (RFC 3986, 3.3 and 3.4)."""


def _escape(number: int) -> str:
    return chr(number) if chr(number) in _UNRESERVED else f"%{number:02X}"


_DIGITS = "0123456789ABCDEFabcdef"
_ESCAPES = {f"%{a}{b}": _escape(int(a + b, 16)) for a in _DIGITS for b in _DIGITS}


@remembered(8192)
def recorded_url(url: str, kept: frozenset[str]) -> str:
    """Return a URL as it is recorded, or '' where it is none or leads nowhere; never raises.

    - Scheme and host are in lower case, the host in ASCII (`xn--`) without its last dot; the
      default port, user and password are dropped.
    - Escapes are in upper case; letters, digits and `-._~` are unescaped, and what may not stand
      in a URL is escaped (RFC 3986, 6.2.2); `.` and `..` are resolved. Case, trailing slash and
      doubled slashes of the path stay.
    - The fragment goes, and every parameter of the query but those `kept` (names as they are when
      decoded). E-mail addresses go out of the path and the parameters, tokens out of the path.
    - Of `mailto:` and `tel:` the address stays. Other schemes without a host, such as
      `javascript:` and `data:`, are ''.
    """
    found = _URL.match(url)
    if found is None:
        return _of_a_person(url)
    scheme = found[1].lower()
    host = _host(scheme, found[2])
    if not host:
        return ""
    path, query = masked(_path(found[3])), _query(found[4], kept) if found[4] else ""
    return f"{scheme}://{host}{path or '/'}{query}"


def _of_a_person(url: str) -> str:
    found = _OF_A_PERSON.match(url)
    return f"{found[1].lower()}:{_spelled(found[2])}" if found and found[2] else ""


def _host(scheme: str, authority: str) -> str:
    host, port = authority.rpartition("@")[2].lower(), ""
    if ":" in host and (found := _PORT.search(host)):
        host, port = host[: found.start()], found[1].lstrip("0")
    if port and int(port) == _DEFAULT_PORTS.get(scheme):
        port = ""
    if not _PLAIN_HOST.fullmatch(host):
        host = _odd_host(host)
    return f"{host}:{port}" if port and host else host


def _odd_host(host: str) -> str:
    """Return the plain form of a host that has none yet, or '' for what is no host."""
    if host.startswith("["):
        return _ipv6(host)
    host = unquote_plus(host.replace("+", "%2B")).lower()
    if not host.isascii():
        with suppress(ValueError):  # what is no name is no host either
            host = machine_host(host)
    host = host.removesuffix(".")
    return host if _PLAIN_HOST.fullmatch(host) else ""


def _ipv6(host: str) -> str:
    try:
        return f"[{IPv6Address(host[1:].removesuffix(']').partition('%')[0]).compressed}]"
    except AddressValueError:
        return ""


def _path(path: str) -> str:
    path = _spelled(path)
    return _without_dots(path) if "/." in path else path


def _without_dots(path: str) -> str:
    """Resolve `.` and `..` (RFC 3986, 5.2.4)."""
    parts = path.split("/")
    left: list[str] = []
    for part in parts[1:]:
        if part == "..":
            del left[-1:]
        elif part != ".":
            left.append(part)
    if parts[-1] in (".", ".."):
        left.append("")
    return "/" + "/".join(left)


def _query(query: str, kept: frozenset[str]) -> str:
    if not kept:
        return ""
    told = [
        without_emails(_spelled(part))
        for part in query.split("&")
        if unquote_plus(part.partition("=")[0]) in kept
    ]
    return "?" + "&".join(told) if told else ""


def _spelled(text: str) -> str:
    return _ODD.sub(_spelled_character, text)


def _spelled_character(found: re.Match[str]) -> str:
    text = found[0]
    if len(text) == 3:
        return _ESCAPES[text]
    if "\ud800" <= text <= "\udfff":
        text = "\ufffd"  # half a character (URL Standard: a scalar value string)
    return "".join(f"%{octet:02X}" for octet in text.encode())
