"""What a trusted proxy says of a request: whose it is, and whether it came over https."""

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from starlette.types import ASGIApp, Receive, Scope, Send

from askfirst.proxy_diagnosis import PEER
from askfirst.settings import Settings
from askfirst.web.ip_addresses import plain_address
from server.http.proxies.forwarded import Element, forwarded_elements

_FORWARDED, _LIST, _SCHEME = b"forwarded", b"x-forwarded-for", b"x-forwarded-proto"
_LONGEST_ENTRY = 64
"""Characters of an address with its port; a longer entry is none."""


class Proxies:
    """The trusted proxies; the headers of no others are used.

    `trusted` are addresses and networks, e.g. `192.0.2.7` and `10.0.0.0/8`. `client_ip_header` is
    the header that tells the client: `Forwarded`, `X-Forwarded-For` or the one of a CDN, which has
    a single address; '' takes `X-Forwarded-For`, or where it is missing `Forwarded`.
    """

    def __init__(self, trusted: Sequence[str], client_ip_header: str = "") -> None:
        self._networks = [ipaddress.ip_network(entry, strict=False) for entry in trusted]
        self._header = client_ip_header.lower().encode("ascii")
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
        elements = self._elements(scope)
        chain = _entries(scope, _LIST) if elements is None else _clients(elements)
        named = self._named_alone(scope) or self._named(chain, client[0])
        return {
            **scope,
            PEER: client[0],
            "client": (named, 0),
            "scheme": _scheme(scope, elements) or scope["scheme"],
        }

    def _elements(self, scope: Scope) -> list[Element] | None:
        """Return what `Forwarded` says, or None where it is not the header that counts.

        A proxy that writes one of the two headers may pass the other on as the client sent it.
        """
        names = {name for name, _ in scope["headers"]}
        counts = self._header == _FORWARDED or (self._header != _LIST and _LIST not in names)
        if not counts or _FORWARDED not in names:
            return [] if self._header == _FORWARDED else None
        return list(forwarded_elements(_lines(scope, _FORWARDED)))

    def _named_alone(self, scope: Scope) -> str:
        """Return the one address in the header of a CDN, or '' where it does not tell one."""
        if self._header in (b"", _FORWARDED, _LIST):
            return ""
        told = list(_lines(scope, self._header))
        return _address(told[0].strip()) if len(told) == 1 else ""

    def _named(self, chain: Iterable[str], nearest: str) -> str:
        """Return the first address, from the nearest on, that is no trusted proxy's.

        Each proxy appends to the header, so what stands before its entry is the client's own word.
        An entry that is no address ends the search: the proxy that wrote it is the farthest known.
        """
        for entry in chain:
            address = _address(entry)
            if not address:
                break
            nearest = address
            if not self.trusts(address):
                break
        return nearest


def proxies_of(settings: Settings) -> Proxies:
    """Return the proxies that the settings name."""
    return Proxies(settings.trusted_proxies, settings.client_ip_header)


class BelievedOnly:
    """An application that sees requests with the client and scheme that trusted proxies name."""

    def __init__(self, app: ASGIApp, proxies: Proxies) -> None:
        self._app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request."""
        await self._app(self._proxies.believed(scope), receive, send)


def _lines(scope: Scope, name: bytes) -> Iterator[str]:
    """Yield the values of a header, the last line first."""
    for told, value in reversed(scope["headers"]):
        if told == name:
            yield value.decode("latin-1")


def _entries(scope: Scope, name: bytes) -> Iterator[str]:
    """Yield the entries of a header's lists that are not empty, the last first."""
    for line in _lines(scope, name):
        for entry in reversed(line.split(",")):
            if entry.strip():
                yield entry.strip()


def _clients(elements: Iterable[Element]) -> Iterator[str]:
    return (element.get("for", "") for element in elements)


def _scheme(scope: Scope, elements: Sequence[Element] | None) -> str:
    """Return the scheme by which the nearest proxy was asked, or '' where it does not tell it."""
    told = elements[0].get("proto", "") if elements else ""
    scheme = (told or next(_entries(scope, _SCHEME), "")).lower()
    return scheme if scheme in ("http", "https") else ""


def _address(entry: str) -> str:
    return plain_address(_without_port(entry)) if len(entry) <= _LONGEST_ENTRY else ""


def _without_port(entry: str) -> str:
    """Return an address without its port: `192.0.2.7:80`, `[2001:db8::7]:80`, `[2001:db8::7]`."""
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    return entry.partition(":")[0] if entry.count(":") == 1 else entry
