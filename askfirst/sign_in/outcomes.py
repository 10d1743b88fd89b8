"""What a page says after an act: to whoever did it alone, and once.

An act sends the browser on to an address that says what was done, e.g. `/account?saved=password`.
Anybody can put such an address in a link, so that alone it says nothing.
"""

import hashlib
import hmac
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import Response

from askfirst.settings import Settings
from askfirst.sign_in.cookies import PrivateCookie
from askfirst.web.urls import split_address

LIFE_S = 60
"""How long the way from the act to the page may take."""


class Outcomes:
    """Proves that an act of this session led to an address, by a cookie of this name."""

    def __init__(self, name: str, settings: Settings) -> None:
        self._cookie = PrivateCookie(name, LIFE_S, settings)

    def keep(self, request: Request, response: Response, session: bytes) -> None:
        """Let the browser prove where an act sends it; nothing where its address has no query.

        `session` is the hash of the session's secret, which is the key.
        """
        parts = split_address(response.headers.get("location", ""))
        if parts.query:
            self._cookie.set_cookie(request, response, _proof(session, parts.path, parts.query))

    def led_to(self, request: Request, session: bytes) -> bool:
        """Return whether an act of this session has just led to the address of a request."""
        query = request.scope["query_string"].decode("latin-1")
        given, right = self._cookie.read(request), _proof(session, request.scope["path"], query)
        return hmac.compare_digest(given.encode(), right.encode())

    def take_back(self, request: Request, response: Response) -> None:
        """Take the proof back once it was read: a page that is loaded anew says nothing."""
        self._cookie.take_back(request, response)


def _proof(session: bytes, path: str, query: str) -> str:
    """Return the proof of an address; browsers may write the same query in other signs."""
    fields = urlencode(parse_qsl(query, keep_blank_values=True))
    return hmac.new(session, f"outcome:{path}?{fields}".encode(), hashlib.sha256).hexdigest()
