"""From where a browser comes: a page of ours, another website, or ahead of any click."""

from starlette.requests import Request

from askfirst.settings import Settings
from askfirst.sites import host_of
from askfirst.web.urls import split_address

HERE = "here"
"""The field of an address that proves that the link was ours. Where it is there and proves nothing,
the page asks for one more click, wherever the browser says it comes from."""


def is_from_here(request: Request, settings: Settings) -> bool:
    """Return whether a person opened an address by a page of ours, or by hand.

    `Sec-Fetch-Site` says it (W3C Fetch Metadata): `same-origin`, or `none` for a typed address or
    a bookmark; through redirects it keeps saying where they began. Browsers leave it out on plain
    HTTP, and older ones always; then `Referer` must name this host. `Origin` is not sent with
    links. Where neither is there, nothing tells a bookmark from a website that hides itself.
    """
    if said := request.headers.get("sec-fetch-site"):
        return said in ("same-origin", "none")
    referrer = host_of(request.headers.get("referer", ""))
    ours = {request.headers.get("host", "").lower(), host_of(settings.public_url)}
    return referrer is not None and referrer in ours


def is_ahead(request: Request) -> bool:
    """Return whether a browser fetches a page before anybody asked for it.

    Chromium says `Sec-Purpose: prefetch` (also for prerendering), others `Purpose` or `X-Moz`.
    """
    said = (request.headers.get(name, "") for name in ("sec-purpose", "purpose", "x-moz"))
    return any("prefetch" in value.lower() for value in said)


def asking(path: str) -> str:
    """Return a path of ours in the form in which its page asks for one more click, if it ever does.

    E.g. `/sites/x/visitors?here=` for `/sites/x/visitors`; what follows `#` is left out.
    """
    parts = split_address(path)
    return f"{parts.path}?{parts.query}&{HERE}=" if parts.query else f"{parts.path}?{HERE}="


def led_on(request: Request, path: str) -> str:
    """Return the path to which a page leads on: it asks where the page's own address would."""
    return asking(path) if HERE in request.query_params else path
