"""Hosts of URLs in the one form in which they are recorded and compared, as browsers read them."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import unquote_plus

import idna

from askfirst.text.text_cache import remembered

_PLAIN = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_PORT = re.compile(r":([0-9]{0,64})\Z")
_LAST_PORT = 65535
_LONGEST, _LONGEST_LABEL = 253, 63
"""Octets of a host and of a part between its dots (RFC 1035, 2.3.4), and so signs at most."""
_ENDS_OF_NUMBERS = frozenset("0123456789abcdefx")
_NUMBER = re.compile(r"[0-9]{1,19}|0x[0-9a-f]{0,64}")


def url_host(text: str, is_web: bool = True) -> str:
    """Return a host, given in lower case, in its one form, or '' for what is no host.

    It is in ASCII, without a dot at its end. Of a web address, a number is an IPv4 address (URL
    Standard, 3.5): `0x7f.1` is 127.0.0.1. Hosts with other characters than letters, digits, `-` and
    `_` between the dots, or longer than names may be, which no name server has, are none. Never
    raises.
    """
    if len(text) > _LONGEST or "xn--" in text or not _PLAIN.fullmatch(text):
        text = _plain(text)
    if is_web and text and text[-1] in _ENDS_OF_NUMBERS:
        return _ipv4(text)
    return text


def split_port(netloc: str) -> tuple[str, str]:
    """Return a host and the digits of its port, '' where there is none."""
    found = _PORT.search(netloc) if ":" in netloc else None
    return (netloc[: found.start()], found[1]) if found else (netloc, "")


def is_port(digits: str) -> bool:
    """Return whether digits are a port: 0 to 65535."""
    return int(digits) <= _LAST_PORT


def _plain(text: str) -> str:
    """Return the plain form of a host that has none yet, or '' for what is no host."""
    if text.startswith("["):
        return _ipv6(text)
    text = unquote_plus(text.replace("+", "%2B")).lower()
    if not text.isascii() or "xn--" in text:
        text = _ascii_host(text)
    text = text.removesuffix(".")
    return text if len(text) <= _LONGEST and _PLAIN.fullmatch(text) else ""


@remembered(1024)
def _ascii_host(host: str) -> str:
    """Return an international host in ASCII, or '' where it is none.

    It is that of UTS 46 as the URL Standard uses it. Hosts with signs that IDNA 2008 leaves out
    (`i❤.ws`) exist: they are encoded as they stand. Encoding takes as many steps as a label has
    signs, times the different ones among them, so that what cannot be short enough is not encoded.
    """
    if len(host) > _LONGEST:
        return ""
    try:
        labels = idna.uts46_remap(host, std3_rules=False).split(".")
        return ".".join(_ascii_label(label) for label in labels)
    except ValueError:
        return ""


def _ascii_label(label: str) -> str:
    """Return a label in ASCII; raises `ValueError` where it is none."""
    if len(label) > _LONGEST_LABEL:  # each sign that is not ASCII takes one of it or more
        raise ValueError("This label is too long.")
    if label.startswith("xn--"):
        written = label[4:].encode("ascii").decode("punycode")
        if written.isascii() or idna.uts46_remap(written, std3_rules=False) != written:
            raise ValueError("This is no label of a host.")
        return label
    return label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")


def _ipv4(host: str) -> str:
    """Return an IPv4 address in four decimal parts, '' for a number that is none, or the host.

    A host is an address where its last part is a number, decimal or, with `0x`, hexadecimal (URL
    Standard, 3.5); other parts may be octal, with `0`; the last part fills what they leave.
    """
    parts = host.split(".")
    if not _NUMBER.fullmatch(parts[-1]):
        return host
    try:
        numbers = [_number(part) for part in parts]
        *first, last = numbers
        if len(numbers) > 4 or last >= 256 ** (4 - len(first)):
            return ""
        return str(IPv4Address(bytes(first) + last.to_bytes(4 - len(first), "big")))
    except ValueError:
        return ""


def _number(text: str) -> int:
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8 if text.startswith("0") and len(text) > 1 else 10)


def _ipv6(host: str) -> str:
    try:
        return f"[{IPv6Address(host[1:].removesuffix(']').partition('%')[0]).compressed}]"
    except AddressValueError:
        return ""
