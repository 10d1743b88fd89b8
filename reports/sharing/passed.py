"""The cookie of a browser in which the password of a share link was typed."""

import hashlib
import hmac

from starlette.requests import Request
from starlette.responses import Response

from askfirst.clock import Clock
from askfirst.settings import Settings
from askfirst.sign_in.cookies import PrivateCookie
from reports.saved.share_links import ShareLink

LIFE_S = 12 * 3600


class PassedBrowsers:
    """Sets and checks the cookies; the server keeps nothing about these browsers.

    A cookie says until when it holds, signed by the hash of the link's password, which only the
    ledger has. It opens nothing without the secret of the address.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def has(self, request: Request, link: ShareLink) -> bool:
        """Return whether a request comes from a browser in which the password was typed."""
        until, _, given = self._cookie(link).read(request).partition(".")
        if not (until.isascii() and until.isdigit() and len(until) < 16):
            return False
        return self._clock() < int(until) and hmac.compare_digest(
            given.encode(), _signature(link, until).encode()
        )

    def set_cookie(self, request: Request, response: Response, link: ShareLink) -> None:
        """Set the cookie, which holds for twelve hours."""
        until = str(self._clock() + LIFE_S * 1000)
        value = f"{until}.{_signature(link, until)}"
        self._cookie(link).set_cookie(request, response, value)

    def _cookie(self, link: ShareLink) -> PrivateCookie:
        return PrivateCookie(f"askfirst_share_{link.id}", LIFE_S, self._settings)


def _signature(link: ShareLink, until: str) -> str:
    key = link.password_hash.encode()
    return hmac.new(key, f"{link.id}.{until}".encode(), hashlib.sha256).hexdigest()
