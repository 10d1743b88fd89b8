"""A cookie of staff: closed to scripts and other sites, and tied to this host where it is https."""

from starlette.requests import Request
from starlette.responses import Response

from askfirst.settings import Settings
from askfirst.sites import is_https

HOST_ONLY = "__Host-"
"""Only this host, and only by https, can set a cookie of such a name (RFC 6265bis, 4.1.3.2)."""


class StaffCookie:
    """One cookie by its name, its life in seconds and the settings that say how we are reached."""

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
        """Let the browser forget the cookie."""
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
        # A proxy that is not named in the settings speaks http to us, and https to the browser.
        return self._https or request.scope["scheme"] == "https"
