"""The door for staff: signing in and out, and the guard before every page."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote, unquote

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.web.ip_addresses import address_of
from askfirst.web.urls import NO_ADDRESS, split_address
from reports.authentication.accounts import (
    Account,
    Accounts,
    has_not_changed,
    tidy_email,
)
from reports.authentication.known_browsers import KnownBrowsers
from reports.authentication.sessions import Session, Sessions
from reports.authentication.sign_in_limits import SignInLimits
from reports.authentication.throttle import Throttle
from reports.dependencies import Dependencies
from reports.http.client import key_of
from reports.http.forms import Form, check_csrf, check_same_origin, read_form
from reports.http.opened_from import asking, is_from_here
from reports.shell import Shell
from reports.staff.audit_log import Act, StaffActs

log = structlog.get_logger()

Page = Callable[[Request, Session], Awaitable[Response]]
Action = Callable[[Request, Session, Form], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]
Deed = Callable[[AsyncConnection], Awaitable[Account | None]]
"""What is done within a transaction, and for whom a session is opened in it."""

LONGEST_AGENT = 512
SIGN_IN_FAILED = "This email and password do not belong together."
UNAUTHORIZED = 401


@dataclass(frozen=True)
class SignInPage:
    """`sign_in.html`."""

    shell: Shell
    email: str
    next_path: str
    error: str
    has_owner: bool


def local_path(text: str) -> str:
    """Return a path of this server that is safe to send a browser to, else `/`."""
    parts = split_address(text) if text.isascii() and text.isprintable() else NO_ADDRESS
    plain = parts != NO_ADDRESS and not parts.scheme and not parts.netloc
    plain = plain and text.startswith("/") and text[1:2] not in ("/", "\\")
    # Browsers resolve dots, also escaped ones: they would lead out of the path that we lie under.
    climbs = any(unquote(one) in (".", "..") for one in re.split(r"[/\\]", parts.path))
    return text if plain and not climbs else "/"


class Access:
    """Signs staff in and out, and lets only them through to the pages."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self.accounts = Accounts(deps.ledger, deps.clock)
        self.sessions = Sessions(deps.ledger, deps.clock, deps.settings)
        self.browsers = KnownBrowsers(deps.clock, deps.settings)
        self.acts = StaffActs(deps.ledger, deps.clock)
        self.codes = Throttle(deps.settings.sign_ins_per_minute)
        self._limits = SignInLimits(deps.settings.sign_ins_per_minute, deps.clock)

    def routes(self) -> list[Route]:
        """Return the routes of signing in and out."""
        return [
            Route("/sign-in", self._form, methods=["GET"]),
            Route("/sign-in", self._sign_in, methods=["POST"]),
            Route("/sign-out", self.action(self._sign_out), methods=["POST"]),
        ]

    def page(self, handler: Page) -> Endpoint:
        """Guard a page: without a session the browser is sent to the sign-in form."""

        async def guarded(request: Request) -> Response:
            if (session := await self.sessions.find(request)) is None:
                return _to_sign_in(request)
            return _private(await handler(request, session))

        return guarded

    def action(self, handler: Action, size: int = 1) -> Endpoint:
        """Guard a posted form: besides the session it must carry the session's secret.

        `size` is how many times the usual limits of a form it may take.
        """

        async def guarded(request: Request) -> Response:
            if (session := await self.sessions.find(request)) is None:
                return _to_sign_in(request)
            form = await read_form(request, size)
            check_csrf(form, session.csrf)
            return _private(await handler(request, session, form))

        return guarded

    async def enter(self, request: Request, deed: Deed, path: str) -> Response | None:
        """Open a session for the account that a deed gives, and send the browser to a path.

        All of it is one transaction: the deed, the end of the browser's old session and the new
        one. Where the deed gives no account there is no session, and the answer is None. From then
        on the browser is known to the account.
        """
        agent = request.headers.get("user-agent", "")[:LONGEST_AGENT]
        browser = await asyncio.to_thread(self._deps.browser_of, agent)
        async with self._deps.ledger.write() as connection:
            if (account := await deed(connection)) is None:
                return None
            await self.sessions.close(connection, request)
            secret = await self.sessions.open(connection, account.id, browser)
        response = RedirectResponse(path, 303)
        self.sessions.set_cookie(request, response, secret)
        self.browsers.set_cookie(request, response, account)
        return _private(response)

    async def welcome(self, request: Request, account: Account, path: str) -> Response | None:
        """Sign somebody in who has proved the password that an account was read with.

        None where the account has another password by now.
        """

        async def signed_in(connection: AsyncConnection) -> Account | None:
            if not await has_not_changed(connection, account):
                return None
            await self.note(request, Act.SIGNED_IN, account.email, within=connection)
            return account

        return await self.enter(request, signed_in, path)

    async def refuse_code(self, request: Request) -> None:
        """Count and note a one-time code that is not good; raises `TooFast`.

        Codes are looked up first and failures alone counted: nobody guesses 256 bits, and a right
        code works whatever was tried at its address before.
        """
        self.codes.take(key_of(request))
        await self.acts.note_failure("", address_of(request), Act.CODE_WRONG)

    async def note(
        self,
        request: Request,
        act: Act,
        who: str,
        site_key: str = "",
        within: AsyncConnection | None = None,
    ) -> None:
        """Note what an account (its email address) did by a request, `within` a transaction.

        Outside of one this comes before the deed: what cannot be noted is not done.
        """
        await self.acts.note(act, who, site_key, address_of(request), within)

    async def note_done(self, request: Request, act: Act, who: str, site_key: str) -> None:
        """Note what is done already and cannot be noted with the deed.

        Where that fails it stands in the server's log alone: the answer must say what was done.
        """
        try:
            await self.note(request, act, who, site_key)
        except SQLAlchemyError as error:
            log.error("staff_act_not_kept", act=act.value, cause=type(error).__name__)  # noqa: TRY400

    async def _form(self, request: Request) -> Response:
        path = local_path(request.query_params.get("next", "/"))
        if not is_from_here(request, self._deps.settings):
            path = asking(path)  # the answer to the form is a page of ours, whoever led here
        if await self.sessions.find(request):
            return RedirectResponse(path, 303)
        return await self._shown(path)

    async def _shown(self, next_path: str, email: str = "", error: str = "") -> Response:
        context = SignInPage(
            shell=Shell(title="Sign in"),
            email=email,
            next_path=local_path(next_path),
            error=error,
            has_owner=await self.accounts.any(),
        )
        status = UNAUTHORIZED if error else 200
        return _private(self._deps.pages.page("reports/staff/sign_in.html", context, status))

    async def _sign_in(self, request: Request) -> Response:
        check_same_origin(request, self._deps.settings)
        form = await read_form(request)
        email = tidy_email(form.get("email", ""))
        account = await self.accounts.find(email)
        next_path = form.get("next", "/")
        if await self._is_right(request, email, account, form.get("password", "")):
            assert account is not None  # noqa: S101 - nobody's password is right
            if entered := await self.welcome(request, account, local_path(next_path)):
                return entered
        await self.acts.note_failure(account.email if account else "", address_of(request))
        return await self._shown(next_path, email, SIGN_IN_FAILED)

    async def _is_right(
        self, request: Request, email: str, account: Account | None, password: str
    ) -> bool:
        known = self.browsers.name(request, account) if account else None
        one_try = self._limits.take(address_of(request), email, known)
        wrong = False
        try:
            wrong = not await self.accounts.fits(account, password, one_try.comer)
        finally:  # also where so many wait that it was not even looked at
            if not wrong:
                one_try.give_back()
        return not wrong

    async def _sign_out(self, request: Request, session: Session, _form: Form) -> Response:
        async with self._deps.ledger.write() as connection:
            await self.sessions.close(connection, request)
            await self.note(request, Act.SIGNED_OUT, session.email, within=connection)
        response = RedirectResponse("/sign-in", 303)
        self.sessions.take_back(request, response)
        return response


def _to_sign_in(request: Request) -> Response:
    # Starlette's `request.url` cannot be asked where the Host header is no host.
    query = request.scope["query_string"].decode("latin-1")
    path = request.scope["path"] + (f"?{query}" if query else "")
    path = path if request.method in ("GET", "HEAD") else "/"
    return RedirectResponse(f"/sign-in?next={quote(path, safe='')}", 303)


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
