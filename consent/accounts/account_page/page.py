"""`/account/{site}`: who is not signed in signs in or registers, who is sees to the account.

A token that is posted without a button is that of the browser's own page: it is carried on by the
forms, and its browser joins the account that is signed in to or made.
"""

from collections.abc import Mapping
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response

from askfirst.errors import Refused
from askfirst.sign_in.posted_forms import check_csrf, check_same_origin
from askfirst.sites import Site
from consent.accounts.account_page.arrivals import Arrivals
from consent.accounts.account_page.context import AccountPages
from consent.accounts.account_page.guest_acts import GuestActs
from consent.accounts.account_page.link_page import LinkPageHandler
from consent.accounts.account_page.member_acts import MemberActs
from consent.accounts.account_page.passwords import Passwords
from consent.accounts.account_page.said import arrived
from consent.accounts.entrance import Entrance
from consent.accounts.sessions import AccountSessions
from consent.dependencies import Dependencies
from consent.receipts.posted_form import read_form


class AccountHandler:
    """Serves `/account/{site}`; `links` serves what mails lead to."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._pages = AccountPages(deps)
        self._sessions = AccountSessions(deps)
        self._arrivals = Arrivals(deps, self._pages)
        entrance, passwords = Entrance(deps), Passwords(deps)
        shared = (deps, self._pages, self._arrivals, entrance, passwords)
        self._guest = GuestActs(*shared)
        self._member = MemberActs(*shared)
        self.links = LinkPageHandler(*shared)

    async def show(self, request: Request) -> Response:
        """Answer `GET /account/{site}`."""
        site = self._site(request)
        signed = await self._sessions.signed_in(request, site, before_password=True)
        outcomes = self._sessions.outcomes(site)
        if signed is None or not outcomes.led_to(request):
            return await self._pages.answer(request, site, signed)
        said = arrived(request.query_params.get("said", ""))
        response = await self._pages.answer(request, site, signed, said)
        outcomes.take_back(request, response)
        return response

    async def act(self, request: Request) -> Response:
        """Answer `POST /account/{site}`: a button of the page, or a token that is posted along."""
        site = self._site(request)
        form = await read_form(request, self._deps.settings.max_body_bytes)
        signed = await self._sessions.signed_in(request, site, before_password=True)
        if "do" not in form:
            token = self._own_token(request, form)
            return await self._pages.answer(request, site, signed, token=token)
        check_same_origin(request, self._deps.settings)
        if guest_act := self._guest.by_name.get(form["do"]):
            return await guest_act(request, site, form)
        if signed is None:  # signed out meanwhile
            return await self._arrivals.to_account(request, site)
        check_csrf(form, signed.csrf)
        return await self._member.carry_out(request, site, signed, form)

    def _own_token(self, request: Request, form: Mapping[str, str]) -> str:
        """Return the token that a page of ours posted; '' from another website.

        It could post a token of its own, whose browser would join the account of who signs in.
        """
        with suppress(Refused):
            check_same_origin(request, self._deps.settings)
            return form.get("token", "")
        return ""

    def _site(self, request: Request) -> Site:
        return self._deps.book.get(request.path_params["site"])
