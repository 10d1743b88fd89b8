"""The browser whose token is shown: it is joined with the account that is signed in to."""

from starlette.requests import Request
from starlette.responses import Response

from askfirst.sign_in.cookies import PrivateCookie
from askfirst.sites import Site
from askfirst.store.ledger.visitor_links import linked_ids
from consent.accounts.access import Access
from consent.accounts.mailing.kinds import CONFIRM_MS
from consent.dependencies import Dependencies
from consent.http.link_cookie import forget_link, link_cookie


async def visitor_of_token(deps: Dependencies, site: Site, token: str) -> str:
    """Return the visitor id of a site's token, '' where it is none or access to it was ended."""
    claims = deps.tokens.read(token)
    if claims is None or claims.site_id != site.id:
        return ""
    async with deps.ledger.read() as connection:
        ids = await linked_ids(connection, site.id, claims.visitor_id)
        ended = await Access(deps).ended_at(connection, site.id, ids)
    return "" if ended is not None and claims.given_at <= ended else claims.visitor_id


class AskingBrowser:
    """The browser in which a link was asked for, which alone may join when the link is pressed.

    It shows its token by a cookie, set where the form that asked carried the token along. So who
    asks for a link to somebody else's mailbox does not join a browser with that account.
    """

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    def keep(self, request: Request, response: Response, site: Site, token: str) -> None:
        """Let the browser keep its token until a link can be pressed."""
        self._cookie(site).set_cookie(request, response, token)

    async def visitor(self, request: Request, site: Site) -> str:
        """Return the visitor id of the browser that presses a link, '' where none is shown."""
        return await visitor_of_token(self._deps, site, self._cookie(site).read(request))

    def forget(self, request: Request, response: Response, site: Site) -> None:
        """Take the token back, where the browser has it."""
        forget_link(request, response, site, self._deps.settings)

    def _cookie(self, site: Site) -> PrivateCookie:
        return link_cookie(site, self._deps.settings, CONFIRM_MS // 1000)
