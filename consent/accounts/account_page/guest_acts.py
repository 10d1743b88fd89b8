"""What somebody who is not signed in does on the page: sign in, have a link sent, register.

The answers are the same, and come as fast, whether an address has an account or not: passwords are
hashed in any case, and what else is to be done is done after the answer.
"""

from collections.abc import Awaitable, Callable, Mapping

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from askfirst.errors import NotFound, TooFast
from askfirst.rate_limits import MINUTE_MS, AddressRateLimiter, Limit
from askfirst.sign_in.email_addresses import is_email, tidy_email
from askfirst.sites import Site
from askfirst.web.ip_addresses import address_of, shortened_address
from consent.accounts.account_page.arrivals import Arrivals
from consent.accounts.account_page.context import AccountPages
from consent.accounts.account_page.passwords import Passwords
from consent.accounts.account_page.said import UNAUTHORIZED, Said, wrong
from consent.accounts.accounts import VisitorAccounts
from consent.accounts.entrance import Entrance
from consent.accounts.links import Detail
from consent.accounts.mails import VisitorMails
from consent.accounts.posted_browser import AskingBrowser, visitor_of_token
from consent.accounts.sessions import AccountSessions
from consent.dependencies import Dependencies

_log = structlog.get_logger()
_Act = Callable[[Request, Site, Mapping[str, str]], Awaitable[Response]]


class GuestActs:
    """Carries out the buttons of the page that need no session."""

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
        self._mails = VisitorMails(deps)
        self._browsers = AskingBrowser(deps)
        per_minute = Limit(deps.settings.sign_ins_per_minute, MINUTE_MS)
        self._asking = AddressRateLimiter(per_minute)
        self.by_name: dict[str, _Act] = {
            "sign_in": self._sign_in,
            "link": self._link,
            "forgot": self._forgot,
            "register": self._register,
        }

    async def _sign_in(self, request: Request, site: Site, form: Mapping[str, str]) -> Response:
        email, password = tidy_email(form.get("email", "")), form.get("password", "")
        async with self._deps.ledger.read() as connection:
            found = await self._accounts.of_email(connection, site.id, email)
        usable = found is not None and not found.account.needs_password
        known = found.password_hash if found and usable else None
        if await self._passwords.fits(request, site, email, known, password):
            assert found is not None  # noqa: S101 - nobody's password is right
            if secret := await self._begun(request, site, found.account.id, known, form):
                return await self._arrivals.entered(request, site, secret)
        said = Said(form="sign_in", error="account_wrong", email=email, status=UNAUTHORIZED)
        return await self._pages.answer(request, site, None, said, form.get("token", ""))

    async def _begun(
        self,
        request: Request,
        site: Site,
        account_id: str,
        known: str | None,
        form: Mapping[str, str],
    ) -> str:
        """Begin a session and return its secret; '' where the password changed meanwhile."""
        visitor_id = await visitor_of_token(self._deps, site, form.get("token", ""))
        browser = await self._arrivals.browser(request)
        async with self._deps.ledger.write() as connection:
            proven = await self._accounts.proven(connection, account_id)
            if proven is None or proven.password_hash != known or proven.account.needs_password:
                return ""
            if visitor_id:
                now = self._deps.clock()
                await self._accounts.join(connection, proven.account, visitor_id, now, browser)
            return await self._sessions.begin(connection, account_id, browser)

    async def _link(self, request: Request, site: Site, form: Mapping[str, str]) -> Response:
        return await self._asked(request, site, form, "link")

    async def _forgot(self, request: Request, site: Site, form: Mapping[str, str]) -> Response:
        return await self._asked(request, site, form, "forgot")

    async def _asked(
        self, request: Request, site: Site, form: Mapping[str, str], name: str
    ) -> Response:
        email, token = tidy_email(form.get("email", "")), form.get("token", "")
        self._count(request)
        if not is_email(email):
            said = wrong(name, "account_bad_email", email)
            return await self._pages.answer(request, site, None, said, token)
        visitor_id = await visitor_of_token(self._deps, site, token)
        what, detail = "sign_in" if name == "link" else "password", Detail(visitor_id=visitor_id)
        asked = (site, email, what, detail, _network(request))
        sending = BackgroundTask(_quietly, self._entrance.ask_for, *asked)
        return await self._sent(request, site, sending, token if visitor_id else "")

    async def _register(self, request: Request, site: Site, form: Mapping[str, str]) -> Response:
        email, token = tidy_email(form.get("email", "")), form.get("token", "")
        password = form.get("new_password", "")
        self._count(request)
        error = "" if is_email(email) else "account_bad_email"
        if not error and password:
            error = await self._passwords.fault(password, email)
        if error:
            said = wrong("register", error, email)
            return await self._pages.answer(request, site, None, said, token)
        detail = Detail(
            password_hash=await self._passwords.hash(request, password) if password else "",
            visitor_id=await visitor_of_token(self._deps, site, token),
        )
        language = (await self._pages.frame(request, site)).shown["language"]
        asked = (site, email, language, detail, _network(request))
        making = BackgroundTask(_quietly, self._entrance.register, *asked)
        return await self._sent(request, site, making, token if detail.visitor_id else "")

    async def _sent(
        self, request: Request, site: Site, sending: BackgroundTask, token: str
    ) -> Response:
        response = await self._pages.answer(request, site, None, Said("sent"))
        if token:
            self._browsers.keep(request, response, site, token)
        response.background = sending
        return response

    def _count(self, request: Request) -> None:
        """Count what has mail sent; raises `TooFast`, and `NotFound` where no mail is sent."""
        if not self._mails.are_sent:
            raise NotFound("This server sends no mail, so it offers no accounts.")
        wait = self._asking.wait_for(address_of(request), self._deps.clock())
        if wait:
            raise TooFast("There were too many tries. Wait a little.", retry_after=wait)


def _network(request: Request) -> str:
    return shortened_address(address_of(request)) or "unknown"


async def _quietly(act: Callable[..., Awaitable[None]], *args: object) -> None:
    """Do what a form asked for after its answer; a failure is told to the log alone."""
    try:
        await act(*args)
    except (SQLAlchemyError, OSError) as error:
        _log.warning("account_mail_not_kept", why=type(error).__name__)
