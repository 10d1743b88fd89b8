"""A site's choice cookie, as the server reads and sets it: one value for every no, or a token.

Its name carries the site's key, so that sites of one domain or of one host keep a choice each.
Earlier releases kept one cookie, `askfirst`, for all of them. It still holds: a no for every site
that has no choice of its own, a yes for the site that its token names.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from askfirst.clock import DAY_MS, as_datetime
from askfirst.consents import Tokens
from askfirst.sites import Site
from consent.http.origins import read_origin, shared_domain

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
class CookieContext:
    """From which origin a page sends its choice, and the host and `public_url` of this server.

    They decide the cookie's domain and whether it is `Secure`; `public_url` is '' where unset.
    """

    origin: str
    host: str
    public_url: str


@dataclass(frozen=True)
class ChoiceCookie:
    """The choice cookie of one site; `tokens` reads which site a token is of."""

    site: Site
    tokens: Tokens

    def read(self, request: Request) -> str:
        """Return what the browser keeps for this site: `NO`, a token of the site, or ''.

        Where the browser sends a name twice, a no wins, as in the tag's script.
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
        context: CookieContext,
    ) -> None:
        """Set the cookie where page and server share a host or a parent domain, else do nothing.

        Without `expires` it ends when the browser is closed. It is `Secure` where the request, the
        page that sent it (`Origin`) or the server's `public_url` is https: behind a proxy that the
        settings do not name an https request looks like http, and an https page can only send to
        https. The older cookie is deleted where it holds a token of this site, now replaced.
        """
        domain = shared_domain(context.origin, context.host)
        if domain is None:
            return
        secure = _is_secure(request, context)
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
    """Return every value but empty ones that the browser sends under a name (RFC 6265, 5.4).

    Cookies of a host and of its parent domains may share a name; `request.cookies` has only one.
    """
    pairs = (
        pair.strip().partition("=")
        for header in request.headers.getlist("cookie")
        for pair in header.split(";")
    )
    return [value for found, _, value in pairs if found == name and value]


def _is_secure(request: Request, context: CookieContext) -> bool:
    sent_by = read_origin(request.headers.get("origin")) or ""
    return request.scope["scheme"] == "https" or _is_https(sent_by) or _is_https(context.public_url)


def _is_https(address: str) -> bool:
    return address.startswith("https://")
