"""Who comes to the door: the address that a request is from, and what limits count it by."""

from dataclasses import dataclass

from starlette.requests import Request

from askfirst.addresses import address_of, limit_key


@dataclass(frozen=True)
class Comer:
    """What a limit knows of somebody: the address's key, and whether the browser is known."""

    key: str
    known: bool = False


OURSELVES = Comer("", known=True)
"""Whoever acts on this machine, or has shown a session or a one-time code."""


def key_of(request: Request) -> str:
    """Return what limits count a request's address by."""
    return limit_key(address_of(request)) or "unknown"
