"""What a trusted proxy says of a request: asked of the server's own middleware, without waiting."""

from collections.abc import Sequence
from typing import Any, cast

from starlette.types import Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware


class Proxies:
    """The proxies whose headers are believed; no others are."""

    def __init__(self, trusted: Sequence[str]) -> None:
        middleware = ProxyHeadersMiddleware(cast(Any, _passed_on), list(trusted))
        self._middleware = middleware if trusted else None

    def believed(self, scope: Scope) -> Scope:
        """Give the scope with the client and scheme that a trusted proxy names, else as it is."""
        if self._middleware is None:
            return scope
        walking = self._middleware(cast(Any, scope), cast(Any, None), cast(Any, None))
        try:
            cast(Any, walking).send(None)
        except StopIteration as ended:
            return cast(Scope, ended.value)
        raise RuntimeError("The middleware waited for something.")


async def _passed_on(scope: Scope, _receive: Receive, _send: Send) -> Scope:
    return scope
