"""The one form in which a URL is recorded, without fragment, parameters, addresses and tokens."""

import re
from urllib.parse import unquote_plus

from askfirst.text.text_cache import remembered
from askfirst.web.masking import masked, without_emails
from askfirst.web.url_hosts import is_port, split_port, url_host

_URL = re.compile(r"([a-z][a-z0-9+.-]*)://([^/?#]*)([^?#]*)(?:\?([^#]*))?", re.I | re.S)
_SPECIAL = re.compile(r"(https?|ftp|wss?):[/\\]*", re.I)
"""Schemes after which slashes may be missing, doubled or reversed (URL Standard, 4.4)."""
_BEFORE_QUERY = re.compile(r"[^?#]*")
_LONGEST_START = len("https:///")
_BACKSLASH = "\\"
_BREAKS = str.maketrans("", "", "\t\n\r")
_OUTSIDE = "".join(map(chr, range(33)))
_SECRET = frozenset({"about", "blob", "data", "file", "filesystem", "javascript", "vbscript"})
"""Schemes of what lies in a visitor's browser or on their disk, even with a host behind them."""
_OF_A_PERSON = re.compile(r"(mailto|tel):([^?#]*)", re.I | re.S)
_DEFAULT_PORTS = {"http": 80, "https": 443}
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
    - A web address is read as browsers read it (URL Standard): blanks around it, line breaks in
      it, backslashes, IPv4 addresses in any number of parts and bases.
    - The fragment goes, and every parameter of the query but those `kept` (names as they are when
      decoded). E-mail addresses go out of the path and the parameters, tokens out of the path.
    - Of `mailto:` and `tel:` the address stays. Other schemes without a host are '', and so are
      scripts, data and files (`javascript:`, `data:`, `file:`) with one.
    """
    url = _plain(url)
    found = _URL.match(url)
    if found is None:
        return _of_a_person(url)
    scheme, host = _scheme_and_host(found)
    if not host:
        return ""
    path, query = masked(_path(found[3])), _query(found[4], kept) if found[4] else ""
    return f"{scheme}://{host}{path or '/'}{query}"


@remembered(4096)
def web_host(url: str) -> str | None:
    """Return the host of a web address as `recorded_url` has it, with its port, else None."""
    found = _URL.match(_plain(url))
    scheme, host = _scheme_and_host(found) if found else ("", "")
    return host if host and scheme in _DEFAULT_PORTS else None


def _is_plain(url: str) -> bool:
    """Return whether a URL is surely written as browsers would write it, up to its host."""
    if not url.isprintable() or _BACKSLASH in url or " " in (url[:1], url[-1:]):
        return False
    return "://" in url and ":///" not in url[:_LONGEST_START]


def _plain(url: str) -> str:
    """Return a URL without breaks in it and blanks around it, a web address with two slashes."""
    if _is_plain(url):
        return url
    url = url.translate(_BREAKS).strip(_OUTSIDE)
    found = _SPECIAL.match(url)
    if found is None:
        return url
    place = _BEFORE_QUERY.match(url, found.end())
    end = place.end() if place else len(url)
    return f"{found[1]}://{url[found.end() : end].replace(_BACKSLASH, '/')}{url[end:]}"


def _of_a_person(url: str) -> str:
    found = _OF_A_PERSON.match(url)
    return f"{found[1].lower()}:{_spelled(found[2])}" if found and found[2] else ""


def _scheme_and_host(found: re.Match[str]) -> tuple[str, str]:
    scheme = found[1].lower()
    return scheme, "" if scheme in _SECRET else _host(scheme, found[2])


def _host(scheme: str, authority: str) -> str:
    """Return the host, with its port unless that is the scheme's; '' for what is no host."""
    text, port = split_port(authority.rpartition("@")[2].lower())
    host = url_host(text, is_web=scheme in _DEFAULT_PORTS)
    if not port or not host or int(port) == _DEFAULT_PORTS.get(scheme):
        return host
    return f"{host}:{int(port)}" if is_port(port) else ""


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
