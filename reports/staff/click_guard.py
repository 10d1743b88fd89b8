"""The guard before pages that enter who saw a visitor: they open by a click on our pages alone.

Browsers send `SameSite=Lax` cookies along when another website leads here, so that without this
anybody's link could open such a page and leave an entry.
"""

import hashlib
import hmac
from functools import wraps
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from askfirst.errors import Unavailable
from askfirst.settings import Settings
from askfirst.web.browser_signals import fetches_ahead
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.http.navigation import CLICK_PROOF, is_own_navigation
from reports.notice import NoticePage
from reports.shell import Shell
from reports.staff.guard import Page

_TEXT = (
    "You came from another website, or your browser does not say from where. This page shows"
    " people who visited, and that it was shown is entered in their files, which they get from you"
    " on request. So it opens by your own click alone, and nothing was entered yet."
)


def only_by_own_click(deps: Dependencies, page: Page) -> Page:
    """Guard a page that leaves an entry: whoever comes from elsewhere is asked for one more click.

    Nothing is read or written for the page before that click, nor where a browser prefetches it:
    browsers discard a refused prefetch, and ask again on the click.
    """

    @wraps(page)
    async def guarded(request: Request, session: Session) -> Response:
        if fetches_ahead(request.headers):
            raise Unavailable("This page opens by a click alone.", retry_after=1)
        if _opens(request, session, deps.settings):
            return await page(request, session)
        context = NoticePage(
            shell=Shell("One more click", session.email, session.csrf),
            text=_TEXT,
            link=_link(request, session),
            link_text="Open the page",
        )
        return deps.pages.page("reports/notice.html", context)

    return guarded


def _opens(request: Request, session: Session, settings: Settings) -> bool:
    if CLICK_PROOF in request.query_params:
        given = request.query_params[CLICK_PROOF].encode()
        return hmac.compare_digest(given, _proof(request, session))
    return is_own_navigation(request, settings)


def _proof(request: Request, session: Session) -> bytes:
    said = hmac.new(session.csrf.encode(), request.url.path.encode(), hashlib.sha256)
    return said.hexdigest()[:32].encode()


def _link(request: Request, session: Session) -> str:
    asked = [
        (name, value) for name, value in request.query_params.multi_items() if name != CLICK_PROOF
    ]
    query = urlencode([*asked, (CLICK_PROOF, _proof(request, session).decode())])
    return f"{request.url.path}?{query}"
