"""The choice cookie as the server sets it: one value for every no, the token for a yes."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from askfirst.clock import DAY_MS, as_datetime
from consent.origins import read_origin, shared_domain

NAME = "askfirst"
NO = "no"


def no_expires(now: int, choice_days: int) -> datetime:
    """Give when a no ends: at midnight UTC, so that every no of a day has the same bytes."""
    return as_datetime(now - now % DAY_MS + choice_days * DAY_MS)


@dataclass(frozen=True)
class Reached:
    """How browsers reach this server: by which host, and its `public_url`, '' where none is set."""

    host: str
    public_url: str


def set_choice(
    response: Response,
    request: Request,
    origin: str,
    value: str,
    expires: datetime | None,
    reached: Reached,
) -> None:
    """Set the cookie where page and server share a host or a parent domain, else do nothing.

    Without `expires` it ends when the browser is closed. It is `Secure` where the request, the
    page that sent it (`Origin`) or the server's `public_url` is https: a proxy that the settings do
    not name passes https on as http, and a page by https can send to https alone.
    """
    domain = shared_domain(origin, reached.host)
    if domain is None:
        return
    sent_by = read_origin(request.headers.get("origin")) or ""
    response.set_cookie(
        NAME,
        value,
        expires=expires,
        path="/",
        domain=domain or None,
        secure=request.scope["scheme"] == "https"
        or _is_https(sent_by)
        or _is_https(reached.public_url),
        httponly=False,
        samesite="lax",
    )


def _is_https(address: str) -> bool:
    return address.startswith("https://")
