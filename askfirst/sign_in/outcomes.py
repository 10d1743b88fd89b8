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
    """Proves that an act of this session led to an address, by a cookie of this name.

    `session` is the cookie with the session's secret, which is the key: other sessions of the same
    account see its hash in their list. A browser proves one act at a time: where two tabs act at
    once, the page of the first says nothing.
    """

    def __init__(self, name: str, session: PrivateCookie, settings: Settings) -> None:
        self._cookie = PrivateCookie(name, LIFE_S, settings)
        self._session = session

    def keep(self, request: Request, response: Response, opened: str = "") -> None:
        """Let the browser prove where an act sends it; nothing where its address has no query.

        `opened` is the secret of a session that the act has opened, '' for that of the request.
        """
        secret = opened or self._session.read(request)
        parts = split_address(response.headers.get("location", ""))
        if secret and parts.query:
            self._cookie.set_cookie(request, response, _proof(secret, parts.path, parts.query))

    def led_to(self, request: Request) -> bool:
        """Return whether an act of the request's session has just led to its address."""
        secret = self._session.read(request)
        query = request.scope["query_string"].decode("latin-1")
        given, right = self._cookie.read(request), _proof(secret, request.scope["path"], query)
        return bool(secret) and hmac.compare_digest(given.encode(), right.encode())

    def take_back(self, request: Request, response: Response) -> None:
        """Take the proof back once it was read: a page that is loaded anew says nothing."""
        self._cookie.take_back(request, response)


def _proof(secret: str, path: str, query: str) -> str:
    """Return the proof of an address; browsers may write the same query in other signs."""
    fields = urlencode(parse_qsl(query, keep_blank_values=True))
    key, said = secret.encode("utf-8", "replace"), f"outcome:{path}?{fields}".encode()
    return hmac.new(key, said, hashlib.sha256).hexdigest()
