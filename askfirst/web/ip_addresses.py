"""Internet addresses: their plain form, and what of one a limit counts by or a log may keep."""

import ipaddress
from functools import lru_cache

from starlette.requests import Request

from askfirst.web.urls import split_address

_ONE_HOLDER = 64
"""Bits of an IPv6 address that one subscriber has at least; the rest is theirs (RFC 6177)."""


def address_of(request: Request) -> str:
    """Return the address that a request comes from, or ''."""
    return request.client.host if request.client else ""


@lru_cache(maxsize=16_384)
def plain_address(text: str) -> str:
    """Return an address in its plain form, or '' for what is none.

    An IPv4 address that is written as an IPv6 one (`::ffff:192.0.2.7`) is that IPv4 address.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address).partition("%")[0]


@lru_cache(maxsize=16_384)
def limit_key(text: str) -> str:
    """Return what a limit counts an address by: IPv4 whole, IPv6 by its first 64 bits.

    E.g. `192.0.2.7` for `::ffff:192.0.2.7`, and `2001:db8:0:1::/64` for `2001:db8:0:1::7`. What is
    no address has the key ''.
    """
    plain = plain_address(text)
    return str(_network(plain, _ONE_HOLDER)) if ":" in plain else plain


def shortened_address(text: str) -> str:
    """Return an address without what names one connection: IPv4 by 24 bits, IPv6 by 48.

    E.g. `192.0.2.0` and `2001:db8:1::`; '' for what is no address.
    """
    plain = plain_address(text)
    if not plain:
        return ""
    return str(_network(plain, 48 if ":" in plain else 24).network_address)


def is_loopback(text: str) -> bool:
    """Return whether a text is an address of the machine itself, e.g. `127.0.0.1` or `::1`."""
    plain = plain_address(text)
    return bool(plain) and ipaddress.ip_address(plain).is_loopback


def is_this_machine(host: str) -> bool:
    """Return whether a host, with its port if any, can be none but the machine itself.

    `localhost` and names below it are looked up nowhere (RFC 6761, 6.3).
    """
    name = str(split_address(f"//{host}").hostname)
    return name == "localhost" or name.endswith(".localhost") or is_loopback(name)


def _network(plain: str, bits: int) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(f"{plain}/{bits}", strict=False)
