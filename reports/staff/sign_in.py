"""The page on which staff sign in, and signing out."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.sign_in.email_addresses import tidy_email
from askfirst.sign_in.posted_forms import check_same_origin
from askfirst.sign_in.sign_in_limits import SignInLimits
from askfirst.web.ip_addresses import address_of
from askfirst.web.urls import NO_ADDRESS, split_address
from reports.authentication.accounts import Account
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.http.forms import Form, read_form
from reports.http.navigation import is_own_navigation, with_empty_proof
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard, private

SIGN_IN_FAILED = "This email and password do not belong together."
UNAUTHORIZED = 401


@dataclass(frozen=True)
class SignInPage:
    """`sign_in.html`: the form for an email address and a password."""

    shell: Shell
    email: str
    """The address as it was typed, '' at first."""
    next_path: str
    """Where the browser goes afterwards; a path of this server."""
    error: str
    """Why the last try failed, or ''."""
    has_owner: bool
    """False on a server that nobody has set up yet; the page then names the one-time link."""


def local_path(text: str) -> str:
    """Return a path of this server that is safe to send a browser to, else `/`."""
    parts = split_address(text) if text.isascii() and text.isprintable() else NO_ADDRESS
    plain = parts != NO_ADDRESS and not parts.scheme and not parts.netloc
    plain = plain and text.startswith("/") and text[1:2] not in ("/", "\\")
    # Browsers resolve dots, also escaped ones: they would lead out of the path that we lie under.
    climbs = any(unquote(one) in (".", "..") for one in re.split(r"[/\\]", parts.path))
    return text if plain and not climbs else "/"


class SignInHandler:
    """Serves `/sign-in` and `/sign-out`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._limits = SignInLimits(deps.settings.sign_ins_per_minute, deps.clock)

    def routes(self) -> list[Route]:
        """Return the routes of signing in and out."""
        return [
            Route("/sign-in", self._form, methods=["GET"]),
            Route("/sign-in", self._sign_in, methods=["POST"]),
            Route("/sign-out", self._guard.action(self._sign_out), methods=["POST"]),
        ]

    async def _form(self, request: Request) -> Response:
        path = local_path(request.query_params.get("next", "/"))
        if not is_own_navigation(request, self._deps.settings):
            path = with_empty_proof(
                path
            )  # the answer to the form is a page of ours, whoever led here
        if await self._guard.sessions.find(request):
            return RedirectResponse(path, 303)
        return await self._shown(path)

    async def _shown(self, next_path: str, email: str = "", error: str = "") -> Response:
        context = SignInPage(
            shell=Shell(title="Sign in"),
            email=email,
            next_path=local_path(next_path),
            error=error,
            has_owner=await self._guard.accounts.any(),
        )
        status = UNAUTHORIZED if error else 200
        return private(self._deps.pages.page("reports/staff/sign_in.html", context, status))

    async def _sign_in(self, request: Request) -> Response:
        check_same_origin(request, self._deps.settings)
        form = await read_form(request)
        email = tidy_email(form.get("email", ""))
        account = await self._guard.accounts.find(email)
        next_path = form.get("next", "/")
        if await self._is_right(request, email, account, form.get("password", "")):
            assert account is not None  # noqa: S101 - nobody's password is right
            if entered := await self._guard.sign_in(request, account, local_path(next_path)):
                return entered
        await self._guard.acts.note_failure(account.email if account else "", address_of(request))
        return await self._shown(next_path, email, SIGN_IN_FAILED)

    async def _is_right(
        self, request: Request, email: str, account: Account | None, password: str
    ) -> bool:
        known = self._guard.browsers.name(request, account) if account else None
        one_try = self._limits.take(address_of(request), email, known)
        wrong = False
        try:
            wrong = not await self._guard.accounts.fits(account, password, one_try.client_key)
        finally:  # also where so many wait that it was not even looked at
            if not wrong:
                one_try.give_back()
        return not wrong

    async def _sign_out(self, request: Request, session: Session, _form: Form) -> Response:
        async with self._deps.ledger.write() as connection:
            await self._guard.sessions.close(connection, request)
            await self._guard.note(request, Act.SIGNED_OUT, session.email, within=connection)
        response = RedirectResponse("/sign-in", 303)
        self._guard.sessions.take_back(request, response)
        return response
