"""Where a browser goes that has just signed in, and what its session says of it."""

import asyncio

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from askfirst.sites import Site
from consent.accounts.account_page.context import AccountPages
from consent.accounts.posted_browser import AskingBrowser
from consent.accounts.sessions import AccountSessions
from consent.dependencies import Dependencies


class Arrivals:
    """Sends browsers to the page of the account."""

    def __init__(self, deps: Dependencies, pages: AccountPages) -> None:
        self._deps = deps
        self._pages = pages
        self._sessions = AccountSessions(deps)
        self._asking = AskingBrowser(deps)

    async def browser(self, request: Request) -> str:
        """Return what the list of sessions says of a request's browser, '' where it is unknown."""
        agent = request.headers.get("user-agent", "")
        return await asyncio.to_thread(self._deps.browser_of, agent)

    async def entered(self, request: Request, site: Site, secret: str, said: str = "") -> Response:
        """Send a browser to the account with the secret of its new session as its cookie.

        `said` is what the page says first, one of `Done`.
        """
        response = await self.to_account(request, site, said, secret)
        self._sessions.set_cookie(request, response, site, secret)
        self._asking.forget(request, response, site)
        return response

    async def to_account(
        self, request: Request, site: Site, said: str = "", opened: str = ""
    ) -> Response:
        """Send a browser to the page of the account, in the language of its request.

        The page of its session alone says `said`; `opened` is the secret of one that was opened.
        """
        frame = await self._pages.frame(request, site)
        address = f"{frame.action}&said={said}" if said else frame.action
        response = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
        if said:
            self._sessions.outcomes(site).keep(request, response, opened)
        return response
