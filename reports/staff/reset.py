"""The page that sets a new password, which a one-time link opens."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.clock import Clock
from askfirst.sign_in.passwords import password_error
from askfirst.sign_in.posted_forms import check_same_origin
from askfirst.store.ledger.database import Ledger
from reports.authentication.accounts import Account, Accounts
from reports.authentication.one_time_codes import RESET_LIFE_MS, account_of_code, new_code
from reports.dependencies import Dependencies
from reports.http.forms import BAD_INPUT, read_form
from reports.shell import Shell
from reports.staff.audit_log import Act, StaffActs
from reports.staff.guard import AccountWork, Guard

WRONG_CODE = (
    "This code is not good, or not any more: it works once, for an hour. The command"
    " askfirst staff reset prints a new link."
)


async def make_reset_link(ledger: Ledger, clock: Clock, email: str) -> str | None:
    """Make the one-time path that sets an account's password, e.g. `/reset#code=...`.

    It is valid for an hour and ends every older one of the account. None without an account.
    """
    account = await Accounts(ledger, clock).find(email)
    if account is None:
        return None
    async with ledger.write() as connection:
        code = await new_code(connection, clock(), RESET_LIFE_MS, account.id)
        acts = StaffActs(ledger, clock)
        await acts.note(Act.RESET_LINK_MADE, account.email, within=connection)
    return f"/reset#code={code}"


@dataclass(frozen=True)
class ResetPage:
    """`reset.html`: the form for a new password."""

    shell: Shell
    code: str
    """The one-time code as it was typed; a script fills it in from the link."""
    errors: Mapping[str, str]
    """What is wrong, by the field's name; empty at first."""


class ResetHandler:
    """Serves `/reset`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard

    def routes(self) -> list[Route]:
        """Return the routes of the link."""
        return [
            Route("/reset", self._form, methods=["GET"]),
            Route("/reset", self._set, methods=["POST"]),
        ]

    async def _form(self, _request: Request) -> Response:
        return self._shown("", {})

    async def _set(self, request: Request) -> Response:
        check_same_origin(request, self._deps.settings)
        form = await read_form(request)
        code, new = form.get("code", ""), form.get("password_new", "")
        if (account := await self._account_of(code)) is None:
            await self._guard.refuse_code(request)
            return self._shown(code, {"code": WRONG_CODE})
        if wrong := await asyncio.to_thread(password_error, new, account.email):
            return self._shown(code, {"password_new": wrong})
        deed = self._deed(request, code, account, await self._guard.accounts.hash(new))
        answer = await self._guard.open_session(request, deed, "/account?saved=password")
        if answer is None:
            return self._shown(code, {"code": WRONG_CODE})
        return self._guard.saying(request, answer)

    def _deed(self, request: Request, code: str, account: Account, hashed: str) -> AccountWork:
        async def reset(connection: AsyncConnection) -> Account | None:
            if await account_of_code(connection, code, self._deps.clock()) != account.id:
                return None
            accounts, note = self._guard.accounts, self._guard.note
            if done := await accounts.change(connection, account, password_hash=hashed):
                for act in (Act.PASSWORD_RESET, Act.SIGNED_IN):
                    await note(request, act, account.email, within=connection)
            return done

        return reset

    async def _account_of(self, code: str) -> Account | None:
        async with self._deps.ledger.read() as connection:
            number = await account_of_code(connection, code, self._deps.clock())
        return None if number is None else await self._guard.accounts.by_id(number)

    def _shown(self, code: str, errors: Mapping[str, str]) -> Response:
        context = ResetPage(Shell("Set a new password"), code, errors)
        status = BAD_INPUT if errors else 200
        answer = self._deps.pages.page("reports/staff/reset.html", context, status)
        answer.headers["Cache-Control"] = "no-store"
        return answer
