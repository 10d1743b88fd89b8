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

from askfirst.errors import Unavailable
from askfirst.settings import Settings
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.http.opened_from import HERE, is_ahead, is_from_here
from reports.shell import NoticePage, Shell
from reports.staff.guard import Page

_TEXT = (
    "You came from another website, or your browser does not say from where. This page shows"
    " people who visited, and that it was shown is entered in their files, which they get from you"
    " on request. So it opens by your own click alone, and nothing was entered yet."
)


def only_from_here(deps: Dependencies, page: Page) -> Page:
    """Guard a page that leaves an entry: coming from elsewhere, a click on a page of ours is asked.

    Nothing is read or written for the page before that click, nor where a browser fetches it ahead
    of one: browsers throw what is refused to them then away, and ask again.
    """

    @wraps(page)
    async def guarded(request: Request, session: Session) -> Response:
        if is_ahead(request):
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
    if HERE in request.query_params:
        given = request.query_params[HERE].encode()
        return hmac.compare_digest(given, _proof(request, session))
    return is_from_here(request, settings)


def _proof(request: Request, session: Session) -> bytes:
    said = hmac.new(session.csrf.encode(), request.url.path.encode(), hashlib.sha256)
    return said.hexdigest()[:32].encode()


def _link(request: Request, session: Session) -> str:
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != HERE]
    query = urlencode([*asked, (HERE, _proof(request, session).decode())])
    return f"{request.url.path}?{query}"
