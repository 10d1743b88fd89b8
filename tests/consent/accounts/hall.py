"""A server that sends mail, browsers of visitors, and the mails that wait for them."""

import re
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest

from consent.accounts.accounts import VisitorAccounts
from consent.accounts.mails import VisitorMails
from server.app import consent_dependencies
from tests.factories import CHROME, a_view
from tests.world import Browser, World, open_world

SENDING = {
    "smtp_url": "smtp://127.0.0.1:2525",
    "mail_from": "Askfirst <stats@example.org>",
    "public_url": "http://askfirst.test",
}
EMAIL = "anna@example.org"
PASSWORD = "seven red boats at dawn"
FORM = "application/x-www-form-urlencoded"


class Guest:
    """One browser with its cookies, on the page of the account."""

    def __init__(self, world: World, key: str, address: str = "") -> None:
        self.key = key
        transport: Any = world.client._transport
        if address:
            transport = httpx2.ASGITransport(transport.app, client=(address, 1))
        self.client = httpx2.AsyncClient(
            transport=transport,
            base_url="http://askfirst.test",
            headers={"User-Agent": CHROME, "Sec-Fetch-Site": "same-origin"},
        )
        self.page = ""

    async def see(self, path: str = "") -> str:
        answer = await self.client.get(f"/account/{self.key}{path}?lang=en")
        self.page = answer.text
        return self.page

    async def do(self, do: str, *, path: str = "", **fields: str) -> httpx2.Response:
        """Send a form; with a session it carries the secret of the page that was seen last."""
        csrf = re.search(r'name="csrf" value="([^"]+)"', self.page)
        form = {**({"csrf": csrf[1]} if csrf else {}), **({"do": do} if do else {}), **fields}
        return await self.post(f"/account/{self.key}{path}?lang=en", form)

    async def post(self, path: str, form: Mapping[str, str], **headers: str) -> httpx2.Response:
        sent = {"Content-Type": FORM} | headers
        answer = await self.client.post(
            path, content=urlencode(form), headers=sent, follow_redirects=True
        )
        self.page = answer.text
        return answer

    async def open(self, link: str, **fields: str) -> httpx2.Response:
        """Open the link of a mail and press its button."""
        shown = await self.client.get(link)
        assert "set-cookie" not in shown.headers
        code = re.search(r'name="code" value="([^"]+)"', shown.text)
        form = {"code": code[1] if code else "none", **fields}
        return await self.post(link.partition("?")[0] + "?lang=en", form)

    @property
    def is_signed_in(self) -> bool:
        return "You are signed in as" in self.page


class Hall:
    """A world with mail, and what was written down to be sent."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.mails: list[tuple[str, dict[str, str]]] = []
        self.deps = consent_dependencies(world.services)
        self.accounts = VisitorAccounts(self.deps)

    def guest(self, key: str = "", address: str = "") -> Guest:
        return Guest(self.world, key or self.world.site.key, address)

    def mail(self, what: str) -> dict[str, str]:
        """Return the facts of the newest mail of a kind."""
        found = [facts for kind, facts in self.mails if kind == what]
        assert found, [kind for kind, _ in self.mails]
        return found[-1]

    @property
    def sent(self) -> list[str]:
        return [what for what, _ in self.mails]

    async def member(self, email: str = EMAIL, password: str = PASSWORD, token: str = "") -> Guest:
        """Make a confirmed account in a browser that is signed in then."""
        guest = self.guest()
        await guest.do("register", email=email, new_password=password, token=token)
        typed = {"password": password} if password else {}
        await guest.open(self.mail("confirm")["link"], **typed)
        assert guest.is_signed_in, guest.page
        return guest

    def owner(self, email: str) -> str:
        """Return the number of the account of an address."""
        wanted = self.accounts.email_hash(self.world.site.id, email)
        rows = self.table("visitor_accounts")
        return next((row["id"] for row in rows if row["email_hash"] == wanted), "")

    def table(self, name: str) -> list[dict[str, Any]]:
        """Read a table of the ledger as another process would."""
        path = self.world.services.settings.data_folder / "ledger.db"
        connection = sqlite3.connect(path)
        connection.row_factory = sqlite3.Row
        found = [dict(row) for row in connection.execute(f"SELECT * FROM {name}")]
        connection.close()
        return found


async def visited(hall: Hall) -> Browser:
    browser = hall.world.browser()
    await browser.accept()
    await browser.send(a_view())
    await hall.world.rows()
    return browser


def visitor_of(hall: Hall, browser: Browser) -> str:
    claims = hall.world.services.tokens.read(browser.token)
    assert claims
    return claims.visitor_id


@asynccontextmanager
async def open_hall(
    folder: Path, monkeypatch: pytest.MonkeyPatch, **settings: Any
) -> AsyncIterator[Hall]:
    """Open a hall; the mails are kept here beside being written down."""
    async with open_world(folder, **(SENDING | settings)) as world:
        hall = Hall(world)
        keep_mails(monkeypatch, hall.mails)
        yield hall


def keep_mails(monkeypatch: pytest.MonkeyPatch, kept: list[tuple[str, dict[str, str]]]) -> None:
    """Append what is written down to be sent: what a mail is, and its facts."""
    add = VisitorMails.add

    async def adding(
        self: VisitorMails, connection: Any, account_id: str, site: Any, what: str, *rest: Any
    ) -> None:
        await add(self, connection, account_id, site, what, *rest)
        kept.append((what, dict(rest[-1])))

    monkeypatch.setattr(VisitorMails, "add", adding)
