"""The guard before every page of staff: no page without a session, no form without its secret."""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import quote

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from askfirst.sign_in.client import key_of
from askfirst.sign_in.posted_forms import check_csrf
from askfirst.sign_in.try_limiter import TryLimiter
from askfirst.web.accept_language import preferred_languages
from askfirst.web.ip_addresses import address_of
from reports.authentication.accounts import Account, Accounts, has_not_changed
from reports.authentication.known_browsers import KnownBrowsers
from reports.authentication.sessions import Session, Sessions
from reports.dependencies import Dependencies
from reports.formatting.readers import write_for
from reports.http.forms import Form, read_form
from reports.http.outcome import mark_outcome
from reports.staff.audit_log import Act, StaffActs
from reports.url.kept import keeping, kept_query

log = structlog.get_logger()

Page = Callable[[Request, Session], Awaitable[Response]]
Action = Callable[[Request, Session, Form], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]
AccountWork = Callable[[AsyncConnection], Awaitable[Account | None]]
"""Changes or checks an account within a transaction and returns it, or None where that fails."""

LONGEST_AGENT = 512


class Guard:
    """Lets only signed-in staff through to a page, opens their sessions and notes what they do."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self.accounts = Accounts(deps.ledger, deps.clock)
        self.sessions = Sessions(deps.ledger, deps.clock, deps.settings)
        self.browsers = KnownBrowsers(deps.clock, deps.settings)
        self.acts = StaffActs(deps.ledger, deps.clock)
        self._outcomes = self.sessions.outcomes()
        self.codes = TryLimiter(deps.settings.sign_ins_per_minute, deps.clock)

    def page(self, handler: Page) -> Endpoint:
        """Guard a page: without a session the browser is sent to the sign-in form.

        What its address says of an act is believed once, where an act of the session led there.
        """

        async def guarded(request: Request) -> Response:
            if (session := await self.session(request)) is None:
                return _to_sign_in(request)
            if not self._outcomes.led_to(request):
                return private(await handler(request, session))
            mark_outcome(request)
            response = await handler(request, session)
            self._outcomes.take_back(request, response)
            return private(response)

        return guarded

    def action(self, handler: Action, size: int = 1) -> Endpoint:
        """Guard a posted form: besides the session it must carry the session's secret.

        `size` is how many times the usual limits of a form it may take. Where it leads to a page of
        the same site, that keeps what the form's address has of period, comparison and filters.
        """

        async def guarded(request: Request) -> Response:
            if (session := await self.session(request)) is None:
                return _to_sign_in(request)
            form = await read_form(request, size)
            check_csrf(form, session.csrf)
            response = _keeping(request, await handler(request, session, form))
            return private(self.saying(request, response))

        return guarded

    def saying(self, request: Request, response: Response) -> Response:
        """Let the page that an act leads to say what was done, in its session or the opened one."""
        self._outcomes.keep(request, response, getattr(request.state, "opened", ""))
        return response

    async def session(self, request: Request) -> Session | None:
        """Return the session of a request, or None; what follows is written for its reader."""
        if session := await self.sessions.find(request):
            header = request.headers.get("accept-language", "")
            write_for((session.language,) if session.language else preferred_languages(header))
        return session

    async def open_session(self, request: Request, work: AccountWork, path: str) -> Response | None:
        """Open a session for the account that `work` returns, and send the browser to a path.

        All of it is one transaction: the work, the end of the browser's old session and the new
        one. None, and no session, where `work` returns no account. From then on the browser is
        known to the account.
        """
        agent = request.headers.get("user-agent", "")[:LONGEST_AGENT]
        browser = await asyncio.to_thread(self._deps.browser_of, agent)
        async with self._deps.ledger.write() as connection:
            if (account := await work(connection)) is None:
                return None
            await self.sessions.close(connection, request)
            secret = await self.sessions.open(connection, account.id, browser)
        request.state.opened = secret
        response = RedirectResponse(path, 303)
        self.sessions.set_cookie(request, response, secret)
        self.browsers.set_cookie(request, response, account)
        return private(response)

    async def sign_in(self, request: Request, account: Account, path: str) -> Response | None:
        """Sign in somebody who has just proved the password that `account` was read with.

        None where the account has another password by now.
        """

        async def signed_in(connection: AsyncConnection) -> Account | None:
            if not await has_not_changed(connection, account):
                return None
            await self.note(request, Act.SIGNED_IN, account.email, within=connection)
            return account

        return await self.open_session(request, signed_in, path)

    async def refuse_code(self, request: Request) -> None:
        """Count and note a one-time code that is not valid; raises `TooFast`.

        Codes are looked up first and only failures are counted: nobody guesses 256 bits, and a
        valid code works whatever was tried from its address before.
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

        Without a transaction the note comes before the act: what cannot be noted is not done.
        """
        await self.acts.note(act, who, site_key, address_of(request), within)

    async def note_done(self, request: Request, act: Act, who: str, site_key: str) -> None:
        """Note what is already done and cannot be noted in the same transaction.

        A failure to note it only goes to the server's log: the answer must say what was done.
        """
        try:
            await self.note(request, act, who, site_key)
        except SQLAlchemyError as error:
            log.error("staff_act_not_kept", act=act.value, cause=type(error).__name__)  # noqa: TRY400


def _to_sign_in(request: Request) -> Response:
    # Starlette's `request.url` cannot be asked where the Host header is no host.
    query = request.scope["query_string"].decode("latin-1")
    path = request.scope["path"] + (f"?{query}" if query else "")
    path = path if request.method in ("GET", "HEAD") else "/"
    return RedirectResponse(f"/sign-in?next={quote(path, safe='')}", 303)


def _keeping(request: Request, response: Response) -> Response:
    to = response.headers.get("location", "")
    if to.startswith(f"/sites/{request.path_params.get('key', '')}") and kept_query(
        request.query_params
    ):
        response.headers["location"] = keeping(to, request.query_params)
    return response


def private(response: Response) -> Response:
    """Mark a page as one that no cache may keep, and whose dates are in its reader's form."""
    response.headers["Cache-Control"] = "no-store"
    response.headers.add_vary_header("Accept-Language")
    return response
