"""Who comes to the door: the address that a request is from, and what limits count it by."""

from dataclasses import dataclass

from starlette.requests import Request

from askfirst.web.ip_addresses import address_of, limit_key


@dataclass(frozen=True)
class Comer:
    """What the queue knows of somebody: whom they share their turns with, and if they are known.

    Strangers share them with their network (IPv4 by 24 bits, IPv6 by 48), for who has a /48 of IPv6
    has 65,536 addresses as limits count them.
    """

    key: str
    known: bool = False


OURSELVES = Comer("", known=True)
"""Whoever acts on this machine, or has shown a session or a one-time code."""


def key_of(request: Request) -> str:
    """Return what limits count a request's address by."""
    return limit_key(address_of(request)) or "unknown"
