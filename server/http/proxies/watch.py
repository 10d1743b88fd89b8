"""Detects requests that come through a proxy that is not trusted, and logs it once."""

import structlog
from starlette.types import Scope

from askfirst.proxy_diagnosis import forwarded_for, is_forwarded, is_nearby, trusting_all, untrusted
from askfirst.settings import Settings
from askfirst.web.ip_addresses import is_loopback, plain_address

log = structlog.get_logger()

ENOUGH = 10
"""How many clients a private address must forward before it is taken for a proxy."""
_MOST_WATCHED = 64


class ProxyWatch:
    """Logs each proxy that is not trusted once, and never the address of a stranger.

    Anybody on the internet can send the headers of a proxy. So only addresses of this machine and
    of private networks are logged, and the latter only where they forward many clients: a visitor
    of the same network may have a filter of their own that sends such headers (law 4). The page
    Install names other proxies, to whoever came through one.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seen: dict[str, set[int]] = {}

    def begin(self) -> None:
        """Log what the settings alone show."""
        if wrong := trusting_all(self._settings):
            log.warning(wrong.name, what=wrong.what, means=wrong.follows)

    def see(self, scope: Scope) -> None:
        """Examine a request that did not come from a trusted proxy."""
        client = scope.get("client")
        if not client or not is_nearby(client[0]) or not is_forwarded(scope):
            return
        address = plain_address(client[0])
        if address not in self._seen and len(self._seen) >= _MOST_WATCHED:
            return
        enough = 1 if is_loopback(address) else ENOUGH
        clients = self._seen.setdefault(address, set())
        if len(clients) < enough:
            clients.add(hash(forwarded_for(scope)))
            if len(clients) == enough:
                self._name(address)

    def _name(self, address: str) -> None:
        wrong = untrusted(address, self._settings)
        means = f"{wrong.follows} {wrong.do}"
        log.warning(wrong.name, address=address, means=means, setting=wrong.line)
