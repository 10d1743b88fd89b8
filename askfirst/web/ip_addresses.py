"""IP addresses: their plain form, the key that limits count by, and their shortened form."""

import ipaddress
from functools import lru_cache

from starlette.requests import Request

from askfirst.web.urls import split_address

_ONE_HOLDER = 64
"""The prefix of an IPv6 address in bits that one subscriber shares with nobody (RFC 6177)."""


def address_of(request: Request) -> str:
    """Return the address that a request comes from, or ''."""
    return request.client.host if request.client else ""


@lru_cache(maxsize=16_384)
def plain_address(text: str) -> str:
    """Return an address in its plain form, or '' for a text that is no address.

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
    """Return the key that a limit counts an address by: all of IPv4, the first 64 bits of IPv6.

    E.g. `192.0.2.7` for `::ffff:192.0.2.7`, and `2001:db8:0:1::/64` for `2001:db8:0:1::7`. A text
    that is no address has the key ''.
    """
    plain = plain_address(text)
    return str(_network(plain, _ONE_HOLDER)) if ":" in plain else plain


def shortened_address(text: str) -> str:
    """Return an address shortened to its network: 24 bits of IPv4, 48 of IPv6.

    E.g. `192.0.2.0` and `2001:db8:1::`; '' for a text that is no address.
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
    """Return whether a host, with its port if any, can only be the machine itself.

    `localhost` and names below it are not looked up elsewhere (RFC 6761, 6.3).
    """
    name = str(split_address(f"//{host}").hostname)
    return name == "localhost" or name.endswith(".localhost") or is_loopback(name)


def _network(plain: str, bits: int) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(f"{plain}/{bits}", strict=False)
