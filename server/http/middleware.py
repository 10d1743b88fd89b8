"""What every response gets: the one shape of errors, and the security headers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from askfirst.clock import http_date
from askfirst.errors import (
    AskfirstError,
    Malformed,
    NotAllowed,
    NotFound,
    TooLarge,
    Unavailable,
)
from askfirst.sites import host_of, is_https
from askfirst.web.base_path import base_path
from askfirst.web.pages import UNFRAMED, Pages
from reports.authentication.sessions import Session
from reports.shell import Shell

FindSession = Callable[[Request], Awaitable[Session | None]]
"""Returns the valid session of signed-in staff that a request carries, or None."""

log = structlog.get_logger()

UNDATED = ("/consent", "/choice/")
"""Where no `Date` is sent: a browser shifts a cookie's expiry by the difference between `Date` and
its own clock, so the cookies of two visitors who refuse would differ by milliseconds (law 4)."""


HTTPS_ONLY = "max-age=31536000"
"""A year, and without `includeSubDomains`: the hosts beneath belong to others (RFC 6797)."""


class PrivateHeaders:
    """Adds the security headers; a page may load nothing from another host (law 9).

    Where `public_url` is https, pages requested under its host have the browser use https alone
    from then on. Other hosts do not: a site's own server may pass the tag and the choices on under
    the site's name, and it is not ours to decide that this name stays https for a year.
    """

    def __init__(self, app: ASGIApp, public_url: str = "") -> None:
        self._app = app
        # Under a path the host is shared with others, and is not ours to bind.
        alone = is_https(public_url) and not base_path(public_url)
        self._https_host = host_of(public_url) if alone else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to its answer."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                _add_headers(headers)
                if _is_page(headers) and self._is_asked_for(scope):
                    headers.setdefault("Strict-Transport-Security", HTTPS_ONLY)
                if not scope["path"].startswith(UNDATED):
                    headers.setdefault("Date", http_date())
            await send(message)

        await self._app(scope, receive, sending)

    def _is_asked_for(self, scope: Scope) -> bool:
        """Return whether a request came to the host of an https `public_url`."""
        hosts = [value.lower() for name, value in scope["headers"] if name == b"host"]
        ours = self._https_host
        return ours is not None and hosts == [ours.encode()]


def _is_page(headers: MutableHeaders) -> bool:
    return headers.get("content-type", "").startswith("text/html")


def _add_headers(headers: MutableHeaders) -> None:
    headers.setdefault("X-Content-Type-Options", "nosniff")
    if _is_page(headers):
        headers.setdefault("Content-Security-Policy", UNFRAMED)
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cache-Control", "no-store")


@dataclass(frozen=True)
class ErrorPage:
    """The context of templates/error.html: the sentence, a link to try again, and one back."""

    shell: Shell
    status: int
    message: str
    again: str
    """The address of the same page where it may be there later, or ''."""
    link: str
    link_text: str


class Errors:
    """Answers every error in the one shape: JSON, or a page where the browser asks for one."""

    def __init__(self, pages: Pages, find_session: FindSession) -> None:
        self._pages = pages
        self._find_session = find_session

    async def known(self, request: Request, error: Exception) -> Response:
        """Answer an error that we raised."""
        assert isinstance(error, AskfirstError)  # noqa: S101 - registered for this class alone
        if _wants_page(request):
            return self._page(error, await self._find_session(request), _again(request, error))
        return _json(error)

    async def of_routing(self, request: Request, error: Exception) -> Response:
        """Answer an error that the routing raised: no such address, method, or too large a body."""
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
        return await self.known(request, _known(error.status_code))

    async def left(self, _request: Request, _error: Exception) -> Response:
        """Answer, in vain, a client that left before its request was complete: no fault of ours."""
        return _json(Malformed("The body ended too early."))

    async def unknown(self, request: Request, error: Exception) -> Response:
        """Answer an internal error; the log has its trace, without the request."""
        log.error("internal_error", where="request", why=type(error).__name__, exc_info=error)
        told = AskfirstError("Something went wrong here; it is logged.")
        # The session is not looked up: the ledger may be what failed.
        return self._page(told, None) if _wants_page(request) else _json(told)

    def _page(self, error: AskfirstError, session: Session | None, again: str = "") -> Response:
        title = f"Error {error.status}"
        signed_in = session is not None
        context = ErrorPage(
            shell=Shell(title, session.email, session.csrf) if session else Shell(title),
            status=error.status,
            message=error.message,
            again=again,
            link="/?all" if signed_in else "/",
            link_text="To the list of sites" if signed_in else "To the start",
        )
        return self._pages.page("error.html", context, error.status, error.headers())


def _again(request: Request, error: AskfirstError) -> str:
    """Return the address, from itself, of a page that cannot be shown just now; '' of others."""
    if isinstance(error, Unavailable) and request.method in ("GET", "HEAD"):
        return f"?{request.url.query}"
    return ""


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _json(error: AskfirstError) -> Response:
    return JSONResponse(error.body(), error.status, error.headers())


def _known(status: int) -> AskfirstError:
    if status == 404:
        return NotFound("There is nothing at this address.")
    if status == 405:
        return NotAllowed("This address does not take this method.")
    if status == 413:
        return TooLarge("The body is longer than the limit.")
    return Malformed("The request could not be read.")
