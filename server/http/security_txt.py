"""`/.well-known/security.txt`: where a weakness of this server is reported (RFC 9116)."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from askfirst.clock import Clock, as_datetime
from askfirst.errors import NotFound
from askfirst.settings import Settings
from askfirst.sites import host_of

PATH = "/.well-known/security.txt"
_VALID = timedelta(days=90)
"""RFC 9116, 2.5.5 recommends less than a year; the file is made anew for each request."""


def security_routes(settings: Settings, clock: Clock) -> list[Route]:
    """Return the route of the file, which is there when `security_contact` is set."""

    async def answer(_request: Request) -> Response:
        if not settings.security_contact:
            raise NotFound("There is nothing at this address.")
        return PlainTextResponse(security_txt(settings, clock()))

    return [Route(PATH, answer)]


def security_txt(settings: Settings, now: int) -> str:
    """Return the file's text; `now` is milliseconds since the epoch."""
    expires = as_datetime(now).replace(hour=0, minute=0, second=0, microsecond=0) + _VALID
    lines = [
        f"Contact: {settings.security_contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
    ]
    if canonical := _canonical(settings.public_url):
        lines.append(f"Canonical: {canonical}")
    return "".join(f"{line}\n" for line in lines)


def _canonical(public_url: str) -> str:
    """Return the address of the file, if it is known and at the root of an https host."""
    origin = f"https://{host_of(public_url)}"
    return f"{origin}{PATH}" if public_url.lower() == origin else ""
