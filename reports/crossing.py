"""Whether a page was opened by a click on a page of ours, and the one more click where not.

Cookies that are `SameSite=Lax` go along when another website sends the browser here, so a page
whose opening leaves an entry could be opened by anybody's link.
"""

import hashlib
import hmac
from functools import wraps
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from askfirst.settings import Settings
from askfirst.sites import host_of
from reports.access import Page
from reports.contexts import NoticePage, Shell
from reports.parts import Parts
from reports.sessions import Session

HERE = "here"
"""The field of an address that proves that the link was ours: only this session's pages have it."""
_TEXT = (
    "You came from another website, or your browser does not say from where. This page shows"
    " people who visited, and that it was shown is entered in their files, which they get from you"
    " on request. So it opens by your own click alone, and nothing was entered yet."
)


def only_from_here(parts: Parts, page: Page) -> Page:
    """Guard a page that leaves an entry: coming from elsewhere, a click on a page of ours is asked.

    Nothing is read or written for the page before that click.
    """

    @wraps(page)
    async def guarded(request: Request, session: Session) -> Response:
        if is_from_here(request, session, parts.settings):
            return await page(request, session)
        context = NoticePage(
            shell=Shell("One more click", session.email, session.csrf),
            text=_TEXT,
            link=_link(request, session),
            link_text="Open the page",
        )
        return parts.pages.page("reports/notice.html", context)

    return guarded


def is_from_here(request: Request, session: Session, settings: Settings) -> bool:
    """Tell whether the person behind a session opened an address: by our page, or by hand.

    `Sec-Fetch-Site` says it (W3C Fetch Metadata): `same-origin`, or `none` for a typed address or
    a bookmark. Browsers leave it out on plain HTTP, and older ones always; then `Referer` must
    name this host. `Origin` is not sent with links. Where neither is there, nothing tells a
    bookmark from a website that hides itself, so only the proof in the address counts.
    """
    if hmac.compare_digest(request.query_params.get(HERE, "").encode(), _proof(request, session)):
        return True
    if said := request.headers.get("sec-fetch-site"):
        return said in ("same-origin", "none")
    referrer = host_of(request.headers.get("referer", ""))
    ours = {request.headers.get("host", "").lower(), host_of(settings.public_url)}
    return referrer is not None and referrer in ours


def _proof(request: Request, session: Session) -> bytes:
    said = hmac.new(session.csrf.encode(), request.url.path.encode(), hashlib.sha256)
    return said.hexdigest()[:32].encode()


def _link(request: Request, session: Session) -> str:
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != HERE]
    query = urlencode([*asked, (HERE, _proof(request, session).decode())])
    return f"{request.url.path}?{query}"
