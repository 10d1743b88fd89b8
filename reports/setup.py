"""The one-time link: the form that creates the owner and the first site."""

import asyncio
from dataclasses import fields, replace

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.sites import Site
from askfirst.store.tables import setup_links
from reports.access import Access
from reports.accounts import Account, count_staff, email_error, tidy_email
from reports.comers import key_of
from reports.contexts import NoticePage, SetupPage, Shell
from reports.forms import Form, check_same_origin, read_form
from reports.parts import Parts
from reports.passwords import password_error
from reports.secret_hash import secret_hash
from reports.site_form import NewSite, SiteForm, as_context, policy_values, read_site, site_form

BAD_INPUT = 422
GONE = 410


class Setup:
    """Serves `/setup` while its link is good."""

    def __init__(self, parts: Parts, access: Access) -> None:
        self._parts = parts
        self._access = access

    def routes(self) -> list[Route]:
        """Give the routes of the first start."""
        return [
            Route("/setup", self._form, methods=["GET"]),
            Route("/setup", self._create, methods=["POST"]),
        ]

    async def _form(self, request: Request) -> Response:
        token = request.query_params.get("token", "")
        async with self._parts.ledger.read() as connection:
            if not await self._is_good(connection, token):
                return self._gone()
        return self._shown(token, "", SiteForm(), {})

    async def _create(self, request: Request) -> Response:
        check_same_origin(request, self._parts.settings)
        self._access.codes.take(key_of(request))
        form = await read_form(request)
        async with self._parts.ledger.read() as connection:
            if not await self._is_good(connection, form.get("token", "")):
                return self._gone()
        typed = site_form(form)
        site, errors = read_site(typed)
        errors = await policy_errors(self._parts, site) | errors | await _owner_errors(form)
        if errors:
            return self._shown(form.get("token", ""), form.get("email", ""), typed, errors)
        return await self._made(request, form, site)

    async def _made(self, request: Request, form: Form, site: NewSite) -> Response:
        password_hash = await self._access.accounts.hash(form["password"])
        async with self._parts.ledger.write() as connection:
            if not await self._is_good(connection, form.get("token", "")):
                return self._gone()
            email = tidy_email(form["email"])
            number = await self._access.accounts.add(connection, email, password_hash)
            await connection.execute(delete(setup_links))
        added = await add_site(self._parts, site)
        owner = Account(number, email, password_hash)
        return await self._access.welcome(request, owner, f"/sites/{added.key}/install")

    async def _is_good(self, connection: AsyncConnection, token: str) -> bool:
        good = select(setup_links.c.token_hash).where(
            setup_links.c.token_hash == secret_hash(token),
            setup_links.c.expires_at > self._parts.clock(),
        )
        known = (await connection.execute(good)).first() is not None
        return known and await count_staff(connection) == 0

    def _shown(self, token: str, email: str, typed: SiteForm, errors: dict[str, str]) -> Response:
        context = SetupPage(
            shell=Shell(title="Set up Askfirst"),
            token=token,
            email=email,
            **as_context(typed, errors),
        )
        status = BAD_INPUT if errors else 200
        answer = self._parts.pages.page("reports/setup.html", context, status)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _gone(self) -> Response:
        context = NoticePage(
            shell=Shell(title="This link is no longer good"),
            text="A set-up link works once, for one day, until there is an owner. "
            "If nobody has set up this server yet, start it again: it prints a new link.",
            link="/sign-in",
            link_text="Sign in",
        )
        return self._parts.pages.page("reports/notice.html", context, GONE)


async def policy_errors(parts: Parts, site: NewSite) -> dict[str, str]:
    """Say by field why the first policy of a site could not be published with its names."""
    content = parts.default_policy(*policy_values(replace(site, privacy_url="")))
    problems = await parts.editing.check(content)
    typed = {one.name for one in fields(NewSite)}
    return {one.field: one.sentence for one in problems if one.field in typed}


async def add_site(parts: Parts, site: NewSite) -> Site:
    """Add a site with its first policy."""
    content = parts.default_policy(*policy_values(site))
    return await parts.book.add(site.name, site.hosts, site.time_zone, content, site.ip_mode)


async def _owner_errors(form: Form) -> dict[str, str]:
    email = tidy_email(form.get("email", ""))
    found = {
        "email": email_error(email),
        "password": await asyncio.to_thread(password_error, form.get("password", ""), email),
    }
    return {name: sentence for name, sentence in found.items() if sentence}
