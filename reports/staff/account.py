"""The page of one's own account: its address, password, form of dates and open sessions."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.errors import Malformed
from askfirst.sign_in.client import ClientKey, key_of
from askfirst.sign_in.email_addresses import email_error, tidy_email
from askfirst.sign_in.passwords import password_error
from askfirst.sign_in.try_limiter import TryLimiter
from askfirst.store.ledger.tables import staff
from askfirst.web.ip_addresses import address_of
from reports.authentication.accounts import Account
from reports.authentication.sessions import OpenSession, Session, end_session, end_sessions
from reports.dependencies import Dependencies
from reports.formatting.languages import CHOICES
from reports.http.forms import BAD_INPUT, Form
from reports.http.outcome import outcome_of
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import AccountWork, Guard

WRONG_PASSWORD = "This is not your password now."  # noqa: S105 - a sentence
TAKEN = "Another account has this address."
UNCHANGED = "This is your address already. Nothing was changed, and no session has ended."
UNKNOWN = "The language is one of the list."
SAVED = {
    "language": "Dates and numbers are written so from now on, in mail as well.",
    "email": "The address is changed. Every other session has ended.",
    "password": "The password is set. Every other session has ended.",
    "sessions": "Ended.",
}


@dataclass(frozen=True)
class AccountPage:
    """`account.html`: the sessions of an account, its form of dates, its address, its password."""

    shell: Shell
    email: str
    """The address, as it is or as it was typed."""
    errors: Mapping[str, str]
    """What is wrong, by the field's name; empty at first."""
    sessions: tuple[OpenSession, ...]
    """The account's open sessions, the last used first."""
    mine: str
    """The name of this session among them."""
    languages: Mapping[str, str]
    """The languages whose form of dates can be chosen: names by tag."""
    language: str
    """The one that is chosen, '' for that of the browser."""
    now: int
    """The time now (ms), as an example of the form."""
    sample: tuple[int, float]
    """A number and a share, as an example: of constants Jinja would keep the first reader's."""
    saved: str
    """What was changed just now, as a sentence, or ''."""


class AccountHandler:
    """Serves `/account` and its forms."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._tries = TryLimiter(deps.settings.sign_ins_per_minute, deps.clock)

    def routes(self) -> list[Route]:
        """Return the routes of the account's page."""
        action = self._guard.action
        return [
            Route("/account", self._guard.page(self._page), methods=["GET"]),
            Route("/account/email", action(self._change_email), methods=["POST"]),
            Route("/account/password", action(self._change_password), methods=["POST"]),
            Route("/account/sessions", action(self._end), methods=["POST"]),
            Route("/account/language", action(self._write_in), methods=["POST"]),
        ]

    async def _page(self, request: Request, session: Session) -> Response:
        saved = SAVED.get(outcome_of(request, "saved"), "")
        return await self._shown(session, session.email, {}, saved)

    async def _change_email(self, request: Request, session: Session, form: Form) -> Response:
        account, email = await self._account(session), tidy_email(form.get("email", ""))
        if email == account.email:
            return await self._shown(session, email, {}, UNCHANGED)
        errors = await self._proved(request, account, form, "email_password")
        if wrong := email_error(email):
            errors["email"] = wrong
        elif not errors and await self._is_anothers(email, account):
            errors["email"] = TAKEN
        if errors:
            return await self._shown(session, form.get("email", ""), errors)
        change = self._change(request, account, Act.EMAIL_CHANGED, email=email)
        answer = await self._guard.open_session(request, change, "/account?saved=email")
        return answer or await self._outdated(session, "email_password")

    async def _change_password(self, request: Request, session: Session, form: Form) -> Response:
        account, new = await self._account(session), form.get("password_new", "")
        errors = await self._proved(request, account, form, "password_now")
        if not errors and (wrong := await asyncio.to_thread(password_error, new, account.email)):
            errors["password_new"] = wrong
        if errors:
            return await self._shown(session, session.email, errors)
        hashed = await self._guard.accounts.hash(new)
        change = self._change(request, account, Act.PASSWORD_CHANGED, password_hash=hashed)
        answer = await self._guard.open_session(request, change, "/account?saved=password")
        return answer or await self._outdated(session, "password_now")

    def _change(
        self,
        request: Request,
        account: Account,
        act: Act,
        email: str | None = None,
        password_hash: str | None = None,
    ) -> AccountWork:
        """Return the work that changes an account and notes it, under its address before."""

        async def change(connection: AsyncConnection) -> Account | None:
            accounts = self._guard.accounts
            changed = await accounts.change(connection, account, email, password_hash)
            if changed:
                await self._guard.note(request, act, account.email, within=connection)
            return changed

        return change

    async def _end(self, request: Request, session: Session, form: Form) -> Response:
        """End one session, or every other one."""
        async with self._deps.ledger.write() as connection:
            if "all" in form:
                ended = await end_sessions(connection, session.staff_id, but=session.id_hash)
            else:
                ended = await end_session(connection, session.staff_id, form.get("session", ""))
            if ended:
                done = Act.SESSIONS_ENDED
                await self._guard.note(request, done, session.email, within=connection)
        return RedirectResponse("/account?saved=sessions" if ended else "/account", 303)

    async def _write_in(self, _request: Request, session: Session, form: Form) -> Response:
        """Choose the language that dates and numbers are written in; '' is that of the browser."""
        language = form.get("dates", "")
        if language and language not in CHOICES:
            raise Malformed(UNKNOWN, field="dates")
        mine = update(staff).where(staff.c.id == session.staff_id)
        async with self._deps.ledger.write() as connection:
            await connection.execute(mine.values(language=language))
        return RedirectResponse("/account?saved=language", 303)

    async def _is_anothers(self, email: str, account: Account) -> bool:
        found = await self._guard.accounts.find(email)
        return found is not None and found.id != account.id

    async def _account(self, session: Session) -> Account:
        account = await self._guard.accounts.by_id(session.staff_id)
        assert account is not None  # noqa: S101 - a session is found by its account
        return account

    async def _proved(
        self, request: Request, account: Account, form: Form, field: str
    ) -> dict[str, str]:
        """Check the password in a form: whoever only found an open session does not know it."""
        name = str(account.id)
        self._tries.take(name)
        client_key = ClientKey(key_of(request), known=True)
        if not await self._guard.accounts.fits(account, form.get(field, ""), client_key):
            await self._guard.acts.note_failure(
                account.email, address_of(request), Act.PASSWORD_WRONG
            )
            return {field: WRONG_PASSWORD}
        self._tries.give_back(name)
        return {}

    async def _outdated(self, session: Session, field: str) -> Response:
        """Answer when the password that was checked has been changed meanwhile."""
        return await self._shown(session, session.email, {field: WRONG_PASSWORD})

    async def _shown(
        self, session: Session, email: str, errors: Mapping[str, str], saved: str = ""
    ) -> Response:
        context = AccountPage(
            shell=Shell("Your account", session.email, session.csrf, tab="account"),
            email=email,
            errors=errors,
            sessions=tuple(await self._guard.sessions.living(session.staff_id)),
            mine=session.id_hash.hex(),
            languages=CHOICES,
            language=session.language,
            now=self._deps.clock(),
            sample=(12345, 0.421),
            saved=saved,
        )
        status = BAD_INPUT if errors else 200
        return self._deps.pages.page("reports/staff/account.html", context, status)
