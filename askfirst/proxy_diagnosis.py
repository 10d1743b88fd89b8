"""Diagnosis of the reverse proxy: where it contradicts the settings, and what to do about it."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.types import Scope

from askfirst.settings import Settings
from askfirst.sites import host_of, is_https
from askfirst.web.ip_addresses import is_this_machine, plain_address

PEER = "askfirst.peer"
"""The scope's key for the address that a request really came from: that of a trusted proxy."""

_PROXY_HEADERS = frozenset((b"x-forwarded-for", b"forwarded", b"x-real-ip", b"via"))
"""Header fields that proxies send, and browsers do not (RFC 7239; RFC 9110, 7.6.3)."""
_CLIENT_HEADERS = _PROXY_HEADERS - {b"via"}

# fmt: off
_NEARBY = [ipaddress.ip_network(one) for one in (
    "127.0.0.0/8", "::1/128",  # this machine
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",  # RFC 1918
    "169.254.0.0/16", "fe80::/10", "fc00::/7",  # RFC 3927, RFC 4291, RFC 4193
)]
# fmt: on

_WIDEST = {4: 8, 6: 16}
"""Bits of a network's prefix: with fewer, it contains strangers and cannot be only a proxy's."""


@dataclass(frozen=True)
class Wrong:
    """One mistake in the setup: what it is, what follows, and what to do, in a sentence each.

    `line` is what to write into the settings file, or '' where the proxy has to be changed.
    """

    name: str
    what: str
    follows: str
    do: str
    line: str = ""


def wrong_with(scope: Scope, settings: Settings) -> tuple[Wrong, ...]:
    """Return what a request shows to be set up wrongly; pass one of signed-in staff."""
    found = (
        trusting_all(settings),
        _not_trusted(scope, settings),
        _another_scheme(scope, settings),
        _another_host(scope, settings),
    )
    return tuple(one for one in found if one is not None)


def is_forwarded(scope: Scope) -> bool:
    """Return whether a request claims to come through a proxy; anybody can claim that."""
    return any(name in _PROXY_HEADERS for name, _ in scope["headers"])


def forwarded_for(scope: Scope) -> tuple[bytes, ...]:
    """Return what a request's headers say about the clients that it came from, unparsed."""
    return tuple(value for name, value in scope["headers"] if name in _CLIENT_HEADERS)


def is_nearby(address: str) -> bool:
    """Return whether an address is in this machine or a private network, where proxies are."""
    plain = plain_address(address)
    return bool(plain) and any(ipaddress.ip_address(plain) in one for one in _NEARBY)


def untrusted(address: str, settings: Settings) -> Wrong:
    """Return the diagnosis that the proxy at an address is not trusted."""
    all_of_them = ", ".join(f'"{one}"' for one in (*settings.trusted_proxies, address))
    return Wrong(
        name="proxy_not_trusted",
        what=f"Requests come through a proxy at {address}, which is not trusted.",
        follows="All visitors have its address: they share the limits of one address, and some are"
        " turned away with 429; no country is found.",
        do="If it is your own proxy, trust it.",
        line=f"trusted_proxies = [{all_of_them}]",
    )


def _not_trusted(scope: Scope, settings: Settings) -> Wrong | None:
    client = scope.get("client")
    address = plain_address(client[0]) if client else ""
    if not address or PEER in scope or not is_forwarded(scope):
        return None
    return untrusted(address, settings)


def trusting_all(settings: Settings) -> Wrong | None:
    """Return the diagnosis that a trusted network is so wide that strangers are in it, or None."""
    networks = [ipaddress.ip_network(one, strict=False) for one in settings.trusted_proxies]
    wide = [one for one in networks if one.prefixlen < _WIDEST[one.version]]
    if not wide:
        return None
    return Wrong(
        name="proxies_trusted_too_widely",
        what=f"The setting trusted_proxies trusts {wide[0]}, where strangers are.",
        follows="Anybody can claim any address, and so pass every limit.",
        do="Name your proxy alone.",
    )


def _another_scheme(scope: Scope, settings: Settings) -> Wrong | None:
    if PEER not in scope:
        return None  # only a trusted proxy says anything about the scheme
    if is_https(settings.public_url) and scope["scheme"] == "http":
        return Wrong(
            name="scheme_not_told",
            what="Your proxy does not say that browsers come by https, as public_url does.",
            follows="Addresses that are made from the request begin with http.",
            do="Let it send the header X-Forwarded-Proto: https.",
        )
    if not settings.public_url and scope["scheme"] == "https":
        return Wrong(
            name="public_url_not_set",
            what="Browsers come by https through a proxy, and public_url is not set.",
            follows="Receipts and the line to paste begin with what each request says.",
            do="Set it to the address under which browsers reach this server.",
        )
    return None


def _another_host(scope: Scope, settings: Settings) -> Wrong | None:
    public, named = host_of(settings.public_url), _host(scope["headers"])
    if public is None or not named or named == public:
        return None
    if is_this_machine(named) and not is_forwarded(scope):
        return None  # the owner at the machine itself
    return Wrong(
        name="host_not_passed_on",
        what="This request came under another host than that of public_url.",
        follows="Where a page and this server share a host or a domain cannot be told, so that a"
        " choice may be kept by the script alone.",
        do="Let the proxy pass the header Host on, or correct public_url.",
    )


def _host(headers: Iterable[tuple[bytes, bytes]]) -> str:
    return next((value.decode("latin-1").lower() for name, value in headers if name == b"host"), "")
