"""Cookies of who is signed in: no script or other site uses them, with https no other host."""

from starlette.requests import Request
from starlette.responses import Response

from askfirst.settings import Settings
from askfirst.sites import is_https

HOST_ONLY = "__Host-"
"""Only this host, over https, can set a cookie with this prefix (RFC 6265bis, 4.1.3.2)."""


class PrivateCookie:
    """One cookie, by name and lifetime in seconds; the settings say whether https is in use."""

    def __init__(self, name: str, max_age: int, settings: Settings) -> None:
        self._name = name
        self._max_age = max_age
        self._https = is_https(settings.public_url)

    def read(self, request: Request) -> str:
        """Return the cookie's value, or ''."""
        return request.cookies.get(self._named(request), "")

    def set_cookie(self, request: Request, response: Response, value: str) -> None:
        """Set the cookie."""
        self._set(request, response, value, self._max_age)

    def take_back(self, request: Request, response: Response) -> None:
        """Delete the cookie from the browser."""
        self._set(request, response, "", 0)

    def _set(self, request: Request, response: Response, value: str, max_age: int) -> None:
        response.set_cookie(
            self._named(request),
            value,
            max_age=max_age,
            secure=self._is_secure(request),
            httponly=True,
            samesite="lax",
        )

    def _named(self, request: Request) -> str:
        return f"{HOST_ONLY if self._is_secure(request) else ''}{self._name}"

    def _is_secure(self, request: Request) -> bool:
        # A proxy that the settings do not name may speak http to us and https to the browser.
        return self._https or request.scope["scheme"] == "https"
