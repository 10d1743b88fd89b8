"""What a trusted proxy says of a request: whose it is, and whether it came over https."""

import ipaddress
from collections.abc import Iterator, Sequence
from functools import lru_cache

from starlette.types import ASGIApp, Receive, Scope, Send

from askfirst.proxy_diagnosis import PEER
from askfirst.web.ip_addresses import plain_address


class Proxies:
    """The trusted proxies; the headers of no others are used.

    `trusted` are addresses and networks, e.g. `192.0.2.7` and `10.0.0.0/8`.
    """

    def __init__(self, trusted: Sequence[str]) -> None:
        self._networks = [ipaddress.ip_network(entry, strict=False) for entry in trusted]
        self.trusts = lru_cache(maxsize=4096)(self._trusts)

    def _trusts(self, address: str) -> bool:
        plain = plain_address(address)
        return bool(plain) and any(
            ipaddress.ip_address(plain) in network for network in self._networks
        )

    def believed(self, scope: Scope) -> Scope:
        """Return the scope with the client and scheme that a trusted proxy names, else as it is."""
        client = scope.get("client")
        if not self._networks or not client or not self.trusts(client[0]):
            return scope
        scheme = next(_entries(scope, b"x-forwarded-proto"), "").lower()
        return {
            **scope,
            PEER: client[0],
            "client": (self._named(scope, client[0]), 0),
            "scheme": scheme if scheme in ("http", "https") else scope["scheme"],
        }

    def _named(self, scope: Scope, nearest: str) -> str:
        """Return the first address, from the nearest on, that is no trusted proxy's.

        Each proxy appends to the header, so what stands before its entry is the client's own word.
        An entry that is no address ends the search: the proxy that wrote it is the farthest known.
        """
        for entry in _entries(scope, b"x-forwarded-for"):
            address = plain_address(_without_port(entry))
            if not address:
                break
            nearest = address
            if not self.trusts(address):
                break
        return nearest


class BelievedOnly:
    """An application that sees requests with the client and scheme that trusted proxies name."""

    def __init__(self, app: ASGIApp, proxies: Proxies) -> None:
        self._app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request."""
        await self._app(self._proxies.believed(scope), receive, send)


def _entries(scope: Scope, name: bytes) -> Iterator[str]:
    """Yield the entries of a header's lists that are not empty, the last first."""
    for told, value in reversed(scope["headers"]):
        if told == name:
            for entry in reversed(value.decode("latin-1").split(",")):
                if entry.strip():
                    yield entry.strip()


def _without_port(entry: str) -> str:
    """Return an address without its port: `192.0.2.7:80`, `[2001:db8::7]:80`, `[2001:db8::7]`."""
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    return entry.partition(":")[0] if entry.count(":") == 1 else entry
