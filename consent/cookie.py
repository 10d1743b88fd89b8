"""The choice cookie as the server sets it: one value for every no, the token for a yes."""

from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from askfirst.clock import DAY_MS, as_datetime
from consent.origins import shared_domain

NAME = "askfirst"
NO = "no"


def no_expires(now: int, choice_days: int) -> datetime:
    """Give when a no ends: at midnight UTC, so that every no of a day has the same bytes."""
    return as_datetime(now - now % DAY_MS + choice_days * DAY_MS)


def set_choice(
    response: Response,
    request: Request,
    origin: str,
    value: str,
    expires: datetime | None,
    own_host: str | None = None,
) -> None:
    """Set the cookie where page and server share a host or a parent domain, else do nothing.

    Without `expires` it ends when the browser is closed. `own_host` is the name by which the
    browser reaches the server, where it is not the request's `Host`.
    """
    domain = shared_domain(origin, own_host or request.headers.get("host", ""))
    if domain is None:
        return
    response.set_cookie(
        NAME,
        value,
        expires=expires,
        path="/",
        domain=domain or None,
        secure=request.scope["scheme"] == "https",
        httponly=False,
        samesite="lax",
    )
