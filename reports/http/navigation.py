"""Where a browser comes from: a page of ours, another website, or a prefetch before any click."""

from starlette.requests import Request

from askfirst.settings import Settings
from askfirst.sites import host_of
from askfirst.web.urls import split_address

CLICK_PROOF = "here"
"""The field of an address that proves that the link was ours. Where it is there and proves nothing,
the page asks for one more click, wherever the browser says that it comes from."""


def is_own_navigation(request: Request, settings: Settings) -> bool:
    """Return whether somebody opened an address from a page of ours, or by hand.

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


def with_empty_proof(path: str) -> str:
    """Return a path with a proof that proves nothing, so that its page asks for one more click.

    E.g. `/sites/x/visitors?here=` for `/sites/x/visitors`; what follows `#` is left out. Pages that
    ask nobody take no notice of it.
    """
    parts = split_address(path)
    return (
        f"{parts.path}?{parts.query}&{CLICK_PROOF}="
        if parts.query
        else f"{parts.path}?{CLICK_PROOF}="
    )


def keeping_proof(request: Request, path: str) -> str:
    """Return the path that a page redirects to: it asks for a click where the page itself would."""
    return with_empty_proof(path) if CLICK_PROOF in request.query_params else path
