"""The client that a request is from, and the key by which limits count it."""

from dataclasses import dataclass

from starlette.requests import Request

from askfirst.web.ip_addresses import address_of, limit_key


@dataclass(frozen=True)
class ClientKey:
    """Who waits in the queue before passwords are checked.

    Clients with the same `key` share their turns: strangers by network (IPv4 by 24 bits, IPv6 by
    48), because a /48 of IPv6 holds 65,536 addresses as limits count them. `known` browsers go
    first.
    """

    key: str
    known: bool = False


OURSELVES = ClientKey("", known=True)
"""Whoever acts on this machine, or has a session or a valid one-time code."""


def key_of(request: Request) -> str:
    """Return the key by which limits count a request's address."""
    return limit_key(address_of(request)) or "unknown"
