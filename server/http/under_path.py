"""Serves under a base path of the host: strips it from requests and adds it to redirects."""

from urllib.parse import unquote

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from askfirst.web.base_path import with_base, without_base
from askfirst.web.urls import split_address

EVENT = b"/event"


def event_targets(base: str) -> frozenset[bytes]:
    """Return the targets of event requests: with the base path, and without it."""
    return frozenset((EVENT, base.encode("ascii") + EVENT))


class UnderPath:
    """An application under a base path, behind proxies that keep the path or strip it."""

    def __init__(self, app: ASGIApp, base: str) -> None:
        self._app = app
        self._base = base
        self._plain = unquote(base)  # as it stands in a scope's path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on as if the server were at the root."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and 300 <= message["status"] < 400:
                headers = MutableHeaders(scope=message)
                if "location" in headers:
                    headers["location"] = self._leading(headers["location"], scope)
            await send(message)

        await self._app(self._stripped(scope), receive, sending)

    def _stripped(self, scope: Scope) -> Scope:
        path = without_base(self._plain, scope["path"])
        if path == scope["path"]:
            return scope
        raw = scope.get("raw_path", b"").decode("latin-1").split("/")
        kept = "/".join(raw[self._base.count("/") + 1 :])
        return {**scope, "path": path, "raw_path": f"/{kept}".encode("latin-1")}

    def _leading(self, location: str, scope: Scope) -> str:
        """Put the base path into a redirect's target, which may begin with this host."""
        parts = split_address(location)
        hosts = [value.lower() for name, value in scope["headers"] if name == b"host"]
        here = [parts.netloc.lower().encode()] == hosts
        if here and not parts.path.startswith("//"):
            location = parts._replace(scheme="", netloc="").geturl()
        return with_base(self._base, location)
