"""A site's choice cookie, as the server reads and sets it: one value for every no, or a token.

Its name carries the site's key, so that sites of one domain or of one host keep a choice each.
Releases before kept one cookie, `askfirst`, for all of them. What it says goes on: a no for every
site that has no choice of its own, a yes for the site that its token names.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from askfirst.clock import DAY_MS, as_datetime
from askfirst.consents import Tokens
from askfirst.sites import Site
from consent.requests.origins import read_origin, shared_domain

OLDER_NAME = "askfirst"
NO = "no"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def cookie_name(key: str) -> str:
    """Return the name of the cookie that holds the choice for the site of a key."""
    return f"{OLDER_NAME}_{key}"


def no_expires(now: int, days: int) -> datetime:
    """Return when a no ends: at midnight UTC, so that every no of a day has the same bytes."""
    return as_datetime(now - now % DAY_MS + days * DAY_MS)


@dataclass(frozen=True)
class Reached:
    """How browsers reach this server: from a page of this origin, by this host and `public_url`.

    `public_url` is '' where none is set.
    """

    origin: str
    host: str
    public_url: str


@dataclass(frozen=True)
class ChoiceCookie:
    """The cookie of one site; `tokens` tell which token is the site's."""

    site: Site
    tokens: Tokens

    def read(self, request: Request) -> str:
        """Return what the browser keeps for this site: `NO`, a token of the site, or ''.

        Where a name is there twice a no decides, as for the tag's script.
        """
        own = _values(request, cookie_name(self.site.key))
        found = own or _values(request, OLDER_NAME)
        return NO if NO in found else next(filter(self._is_own, found), "")

    def _is_own(self, token: str) -> bool:
        claims = self.tokens.read(token)
        return claims is not None and claims.site_id == self.site.id

    def set(
        self,
        response: Response,
        request: Request,
        value: str,
        expires: datetime | None,
        reached: Reached,
    ) -> None:
        """Set the cookie where page and server share a host or a parent domain, else do nothing.

        Without `expires` it ends when the browser is closed. It is `Secure` where the request, the
        page that sent it (`Origin`) or the server's `public_url` is https: a proxy that the
        settings do not name passes https on as http, and a page by https can send to https alone.
        This site's token in the cookie of before is used up then, and that cookie goes.
        """
        domain = shared_domain(reached.origin, reached.host)
        if domain is None:
            return
        secure = _is_secure(request, reached)
        where = {"path": "/", "domain": domain or None, "samesite": "lax", "secure": secure}
        name = cookie_name(self.site.key)
        _set(response, name, value, expires, where)
        if any(map(self._is_own, _values(request, OLDER_NAME))):
            _set(response, OLDER_NAME, "", _LONG_AGO, where)


def _set(
    response: Response, name: str, value: str, expires: datetime | None, where: dict[str, Any]
) -> None:
    response.set_cookie(name, value, expires=expires, httponly=False, **where)


def _values(request: Request, name: str) -> list[str]:
    """Return every value that the browser sends under a name (RFC 6265, 5.4), but for empty ones.

    Cookies of a host and of its parent domains may have one name; a look-up by name gives one.
    """
    pairs = (
        pair.strip().partition("=")
        for header in request.headers.getlist("cookie")
        for pair in header.split(";")
    )
    return [value for found, _, value in pairs if found == name and value]


def _is_secure(request: Request, reached: Reached) -> bool:
    sent_by = read_origin(request.headers.get("origin")) or ""
    return request.scope["scheme"] == "https" or _is_https(sent_by) or _is_https(reached.public_url)


def _is_https(address: str) -> bool:
    return address.startswith("https://")
