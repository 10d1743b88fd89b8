"""What somebody who is signed in does on the page: sessions, browsers, password, address, close."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from askfirst.errors import Malformed
from askfirst.sign_in.email_addresses import is_email, tidy_email
from askfirst.sites import Site
from askfirst.store.ledger.rights.access_ends import ended_among
from consent.accounts.account_page.arrivals import Arrivals
from consent.accounts.account_page.context import AccountPages
from consent.accounts.account_page.passwords import Passwords
from consent.accounts.account_page.said import NOTHING_SAID, Done, Said, too_many, wrong
from consent.accounts.accounts import VisitorAccounts
from consent.accounts.closing import Closing
from consent.accounts.entrance import Entrance
from consent.accounts.mails import VisitorMails
from consent.accounts.opened_links import OpenedLinks
from consent.accounts.posted_browser import visitor_of_token
from consent.accounts.sessions import AccountSessions, SessionOver, SignedIn
from consent.choice.endpoint import unavailable_on_store_error
from consent.dependencies import Dependencies

_Act = Callable[[Request, Site, SignedIn, Mapping[str, str]], Awaitable[Response]]
BEFORE_PASSWORD = frozenset({"password", "sign_out", "sign_out_all"})
"""What can be done before a new password is set, where one is needed."""


class MemberActs:
    """Carries out the buttons of the page that need a session."""

    def __init__(
        self,
        deps: Dependencies,
        pages: AccountPages,
        arrivals: Arrivals,
        entrance: Entrance,
        passwords: Passwords,
    ) -> None:
        self._deps = deps
        self._pages = pages
        self._arrivals = arrivals
        self._entrance = entrance
        self._passwords = passwords
        self._accounts = VisitorAccounts(deps)
        self._sessions = AccountSessions(deps)
        self._links = OpenedLinks(deps, entrance)
        self._closing = Closing(deps, entrance)
        self._mails = VisitorMails(deps)
        self.by_name: dict[str, _Act] = {
            "sign_out": partial(self._sign_out, everywhere=False),
            "sign_out_all": partial(self._sign_out, everywhere=True),
            "end_session": self._end_session,
            "join": self._join,
            "part": self._part,
            "password": self._password,
            "move": self._move,
            "close": self._ask,
            "close_keep": partial(self._close, erase=False),
            "close_erase": partial(self._close, erase=True),
        }

    async def carry_out(
        self, request: Request, site: Site, signed: SignedIn, form: Mapping[str, str]
    ) -> Response:
        """Do what the pressed button says, `do` in the form; raises `Malformed` for another."""
        act = self.by_name.get(form.get("do", ""))
        if act is None:
            raise Malformed("No button of the page was pressed.", field="do")
        if signed.account.needs_password and form["do"] not in BEFORE_PASSWORD:
            return await self._pages.answer(request, site, signed)
        try:
            async with unavailable_on_store_error():
                return await act(request, site, signed, form)
        except SessionOver:  # it ended while the request was under way, or all access did
            now = await self._sessions.signed_in(request, site, before_password=True)
            said = NOTHING_SAID if now else Said("signed_out")
            return await self._pages.answer(request, site, now, said)

    async def _sign_out(
        self,
        request: Request,
        site: Site,
        signed: SignedIn,
        _form: Mapping[str, str],
        *,
        everywhere: bool,
    ) -> Response:
        acting = self._sessions.acting(signed, before_password=True)
        async with acting as (connection, account):
            if everywhere:
                await self._sessions.end_all(connection, account.id)
            else:
                await self._sessions.end(connection, account.id, signed.id_hash.hex())
        if everywhere:
            self._deps.own_files.forget_account(account.id)
        response = await self._pages.answer(request, site, None, Said("signed_out"))
        self._sessions.take_back(request, response, site)
        return response

    async def _end_session(
        self, request: Request, site: Site, signed: SignedIn, form: Mapping[str, str]
    ) -> Response:
        async with self._sessions.acting(signed) as (connection, account):
            await self._sessions.end(connection, account.id, form.get("session", ""))
        return await self._arrivals.to_account(request, site, "saved")

    async def _join(
        self, request: Request, site: Site, signed: SignedIn, form: Mapping[str, str]
    ) -> Response:
        if visitor_id := await visitor_of_token(self._deps, site, form.get("token", "")):
            now, browser = self._deps.clock(), await self._arrivals.browser(request)
            async with self._sessions.acting(signed) as (connection, account):
                is_mine = await self._accounts.join(connection, account, visitor_id, now, browser)
            said = "saved" if is_mine else ""
            return await self._arrivals.to_account(request, site, said)
        return await self._arrivals.to_account(request, site)

    async def _part(
        self, request: Request, site: Site, signed: SignedIn, form: Mapping[str, str]
    ) -> Response:
        async with self._sessions.acting(signed) as (connection, account):
            await self._accounts.part(connection, account, form.get("browser", ""))
        return await self._arrivals.to_account(request, site, "saved")

    async def _password(
        self, request: Request, site: Site, signed: SignedIn, form: Mapping[str, str]
    ) -> Response:
        account, password = signed.account, form.get("new_password", "")
        if account.has_password and not account.needs_password:
            typed = form.get("password", "")
            if not await self._is_current(request, site, signed, typed):
                said = wrong("password", "account_password_wrong")
                return await self._pages.answer(request, site, signed, said)
        if error := await self._passwords.fault(password, account.email):
            said = wrong("password", error)
            return await self._pages.answer(request, site, signed, said)
        hashed, but = await self._passwords.hash(request, password), signed.id_hash
        # A new password comes first where access was ended before the page was read: not since.
        acting = self._sessions.acting(signed, before_password=account.needs_password)
        async with acting as (connection, account):
            await self._links.change_password(connection, site, account, hashed, but)
        now = await self._sessions.signed_in(request, site)
        return await self._pages.answer(request, site, now, Said("password"))

    async def _is_current(self, request: Request, site: Site, signed: SignedIn, typed: str) -> bool:
        async with self._deps.ledger.read() as connection:
            proven = await self._accounts.proven(connection, signed.account.id)
        known = proven.password_hash if proven else None
        return await self._passwords.fits(request, site, signed.account.email, known, typed)

    async def _move(
        self, request: Request, site: Site, signed: SignedIn, form: Mapping[str, str]
    ) -> Response:
        email = tidy_email(form.get("email", ""))
        if not is_email(email) or email == signed.account.email:
            said = wrong("move", "account_bad_email", email)
            return await self._pages.answer(request, site, signed, said)
        if not self._mails.are_sent:
            said = wrong("move", "account_no_mail", email)
            return await self._pages.answer(request, site, signed, said)
        async with self._sessions.acting(signed) as (connection, account):
            is_sent = await self._entrance.move(connection, site, account, email)
        said = Said("moving") if is_sent else too_many("move", "account_address_many", email)
        return await self._pages.answer(request, site, signed, said)

    async def _ask(
        self, request: Request, site: Site, signed: SignedIn, _form: Mapping[str, str]
    ) -> Response:
        return await self._pages.answer(request, site, signed, Said("sure"))

    async def _close(
        self,
        request: Request,
        site: Site,
        signed: SignedIn,
        _form: Mapping[str, str],
        *,
        erase: bool,
    ) -> Response:
        done = await self._left(site, signed)
        if erase and done != "closed_only":  # which had no browser, so that nothing was erased
            done = "closed_erased"
        await self._closing.close(site, signed, erase=erase)
        response = await self._pages.answer(request, site, None, Said(done))
        self._sessions.take_back(request, response, site)
        return response

    async def _left(self, site: Site, signed: SignedIn) -> Done:
        """Return what is said of the browsers that are left when the account is closed alone."""
        browsers = await self._accounts.browsers(signed.account.id)
        if not browsers:
            return "closed_only"
        async with self._deps.ledger.read() as connection:
            ended = await ended_among(connection, site.id, browsers)
        return "closed_stay" if ended else "closed_kept"
