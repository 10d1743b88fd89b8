"""A visitor's own page in a test: browsers with visits, posted forms, and an account."""

import secrets
from typing import Any
from urllib.parse import urlencode

import httpx2
from sqlalchemy import select

from askfirst.sites import Site
from askfirst.store.ledger.tables import account_sessions
from consent.accounts.accounts import VisitorAccounts
from consent.accounts.sessions import AccountSessions
from consent.policy.wording import default_policy
from server.app import consent_dependencies
from tests.factories import a_view
from tests.world import Browser, World

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MAIL = {
    "smtp_url": "smtp://127.0.0.1:2525",
    "mail_from": "Example <site@example.org>",
    "public_url": "http://askfirst.test",
}
"""Settings that name a mail server: accounts are offered."""


async def posted(world: World, path: str, cookie: str = "", **form: str) -> httpx2.Response:
    world.client.cookies.clear()
    headers = {**FORM, **({"Cookie": cookie} if cookie else {})}
    address = f"{path}/{world.site.key}?lang=en"
    return await world.client.post(address, content=urlencode(form), headers=headers)


async def press(world: World, token: str, do: str = "", **more: str) -> httpx2.Response:
    return await posted(world, "/my-data", token=token, **({"do": do} if do else {}), **more)


async def visited(world: World, *paths: str, **accepted: Any) -> tuple[Browser, str]:
    """Say yes in a new browser and open pages; return it with its receipt code."""
    browser = world.browser()
    answer = await browser.accept(**accepted)
    assert answer.status_code == 200, answer.text
    for path in paths:
        world.clock.move(minutes=1)
        await browser.send(a_view(url=f"https://example.org{path}", title=f"Title of {path}"))
    await world.rows()
    return browser, answer.json()["receipt"]["code"]


async def other_site(world: World) -> Site:
    policy = default_policy("Other", "Other Ltd", "other@example.org", "")
    return await world.services.book.add("Other", ["example.org"], "Europe/Berlin", policy)


def visitor_of(world: World, browser: Browser) -> str:
    claims = world.services.tokens.read(browser.token)
    assert claims is not None
    return claims.visitor_id


async def table(world: World, which: Any) -> list[dict[str, Any]]:
    async with world.services.ledger.read() as connection:
        return [dict(row) for row in (await connection.execute(select(which))).mappings()]


class Account:
    """An account of a site with a session, as signing in makes it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.id = secrets.token_hex(16)
        self.deps = consent_dependencies(world.services)
        self.csrf = self._secret = ""

    async def open(self, *browsers: Browser, email: str = "anna@example.com") -> "Account":
        accounts = VisitorAccounts(self.deps)
        now, site_id = self.world.clock(), self.world.site.id
        async with self.world.services.ledger.write() as connection:
            made = await accounts.add(connection, site_id, self.id, email, "en")
            await accounts.confirm(connection, made, "x")
            for one in browsers:
                assert await accounts.join(connection, made, visitor_of(self.world, one), now)
        await self.sign_in()
        return self

    async def sign_in(self) -> None:
        sessions = AccountSessions(self.deps)
        async with self.world.services.ledger.write() as connection:
            self._secret = await sessions.begin(connection, self.id)
        rows = await table(self.world, account_sessions)
        self.csrf = next(row["csrf"] for row in rows if row["account_id"] == self.id)

    @property
    def cookie(self) -> str:
        return f"askfirst_account_{self.world.site.key}={self._secret}"

    async def page(self, *others: str) -> httpx2.Response:
        self.world.client.cookies.clear()
        headers = {"Cookie": "; ".join((self.cookie, *others))}
        return await self.world.client.get(
            f"/my-data/{self.world.site.key}?lang=en", headers=headers
        )

    async def press(self, do: str, **more: str) -> httpx2.Response:
        return await posted(self.world, "/my-data", self.cookie, token=self.csrf, do=do, **more)
