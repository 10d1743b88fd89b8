"""The page of the first start, which a one-time link opens: it creates the owner and a site."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.clock import Clock
from askfirst.sign_in.email_addresses import email_error, tidy_email
from askfirst.sign_in.passwords import password_error
from askfirst.sign_in.posted_forms import check_same_origin
from askfirst.store.ledger.database import Ledger
from reports.authentication.accounts import Account, count_staff
from reports.authentication.one_time_codes import SETUP_LIFE_MS, end_codes, is_setup_code, new_code
from reports.dependencies import Dependencies
from reports.http.forms import BAD_INPUT, Form, read_form
from reports.notice import NoticePage
from reports.shell import Shell
from reports.sites.form import (
    NewSite,
    SiteForm,
    as_context,
    first_form,
    read_site,
    site_form,
)
from reports.sites.new_site import add_site, policy_errors
from reports.staff.audit_log import Act
from reports.staff.guard import Guard

GONE = 410
WRONG_CODE = {
    "code": "This code is not good, or not any more: it works once, for one day. If nobody has set"
    " up this server yet, start it again: it prints a new one."
}


async def make_setup_link(ledger: Ledger, clock: Clock) -> str | None:
    """Make the one-time path that creates the owner, e.g. `/setup#code=...`.

    It is valid for a day and ends every older one. None where there is an owner.
    """
    async with ledger.write() as connection:
        if await count_staff(connection):
            return None
        return f"/setup#code={await new_code(connection, clock(), SETUP_LIFE_MS)}"


@dataclass(frozen=True)
class SetupPage:
    """`setup.html`: the form that creates the owner and the first site."""

    shell: Shell
    code: str
    """The one-time code as it was typed; a script fills it in from the link."""
    old_link: bool
    """Whether the address carries a token, as links of older versions did."""
    email: str
    """The owner's address as it was typed."""
    typed: SiteForm
    """What the fields of the site hold."""
    errors: Mapping[str, str]
    """What is wrong, by the field's name; empty at first."""
    time_zones: tuple[str, ...]
    """The names of the time zones to choose from."""
    languages: Mapping[str, str]
    """The languages of the banner to choose from: their own names by their tags."""


class SetupHandler:
    """Serves `/setup` until there is an owner."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard

    def routes(self) -> list[Route]:
        """Return the routes of the first start."""
        return [
            Route("/setup", self._form, methods=["GET"]),
            Route("/setup", self._create, methods=["POST"]),
        ]

    async def _form(self, request: Request) -> Response:
        if await self._guard.accounts.any():
            return self._gone()
        options = self._deps.wording_editor.options()
        return self._shown(
            {}, first_form(request, options.languages), {}, old_link="token" in request.query_params
        )

    async def _create(self, request: Request) -> Response:
        check_same_origin(request, self._deps.settings)
        form = await read_form(request)
        if await self._guard.accounts.any():
            return self._gone()
        typed = site_form(form)
        async with self._deps.ledger.read() as connection:
            good = await self._is_good(connection, form)
        if not good:
            await self._guard.refuse_code(request)
            return self._shown(form, typed, WRONG_CODE)
        site, errors = await asyncio.to_thread(read_site, typed)
        errors = await policy_errors(self._deps, site) | errors | await _owner_errors(form)
        return self._shown(form, typed, errors) if errors else await self._made(request, form, site)

    async def _made(self, request: Request, form: Form, site: NewSite) -> Response:
        password_hash = await self._guard.accounts.hash(form["password"])
        async with self._deps.ledger.write() as connection:
            if await count_staff(connection) or not await self._is_good(connection, form):
                return self._gone()
            email = tidy_email(form["email"])
            number = await self._guard.accounts.add(connection, email, password_hash)
            await end_codes(connection, None)
            await self._guard.note(request, Act.OWNER_CREATED, email, within=connection)
        added = await add_site(self._deps, site)
        owner = Account(number, email, password_hash)
        await self._guard.note_done(request, Act.SITE_ADDED, email, added.key)
        entered = await self._guard.sign_in(request, owner, f"/sites/{added.key}/install")
        return entered or RedirectResponse("/sign-in", 303)

    async def _is_good(self, connection: AsyncConnection, form: Form) -> bool:
        return await is_setup_code(connection, form.get("code", ""), self._deps.clock())

    def _shown(
        self, form: Form, typed: SiteForm, errors: Mapping[str, str], old_link: bool = False
    ) -> Response:
        context = SetupPage(
            shell=Shell(title="Set up Askfirst"),
            code=form.get("code", ""),
            old_link=old_link,
            email=form.get("email", ""),
            languages=self._deps.wording_editor.options().languages,
            **as_context(typed, dict(errors)),
        )
        status = BAD_INPUT if errors else 200
        answer = self._deps.pages.page("reports/sites/setup.html", context, status)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _gone(self) -> Response:
        context = NoticePage(
            shell=Shell(title="This server has an owner"),
            text="It was set up already. If you own it and have lost the password, the command "
            "askfirst staff reset prints a link that sets a new one.",
            link="/sign-in",
            link_text="Sign in",
        )
        return self._deps.pages.page("reports/notice.html", context, GONE)


async def _owner_errors(form: Form) -> dict[str, str]:
    email = tidy_email(form.get("email", ""))
    found = {
        "email": email_error(email),
        "password": await asyncio.to_thread(password_error, form.get("password", ""), email),
    }
    return {name: sentence for name, sentence in found.items() if sentence}
