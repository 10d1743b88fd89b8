"""Watches whether requests come through a proxy that is not trusted; the log says it once."""

from collections import Counter

import structlog
from starlette.types import Scope

from askfirst.addresses import is_loopback, plain_address
from askfirst.forwarding import is_forwarded, is_nearby, trusting_all, untrusted
from askfirst.settings import Settings

log = structlog.get_logger()

ENOUGH = 10
"""Requests after which an address of a private network is taken to be a proxy's."""
_MOST_WATCHED = 64


class ProxyWatch:
    """Names a proxy that is not trusted, once for each address, and a stranger never.

    Anybody on the internet can write what proxies write. So only addresses of this machine and of
    private networks are named; of others the page Install speaks, to who came through one.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seen: Counter[str] = Counter()

    def begin(self) -> None:
        """Say what the settings themselves show."""
        if wrong := trusting_all(self._settings):
            log.warning(wrong.name, what=wrong.what, means=wrong.follows)

    def see(self, scope: Scope) -> None:
        """Look at a request that came from no trusted proxy."""
        client = scope.get("client")
        if not client or not is_nearby(client[0]) or not is_forwarded(scope):
            return
        address = plain_address(client[0])
        if address not in self._seen and len(self._seen) >= _MOST_WATCHED:
            return
        enough = 1 if is_loopback(address) else ENOUGH
        if self._seen[address] < enough:
            self._seen[address] += 1
            if self._seen[address] == enough:
                wrong = untrusted(address, self._settings)
                log.warning(wrong.name, address=address, means=wrong.follows, setting=wrong.line)
