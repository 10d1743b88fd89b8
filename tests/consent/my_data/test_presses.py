"""Leaving takes no more presses than joining, and no more than staying: every press is counted."""

from collections.abc import AsyncIterator
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest

from consent.http.cookie import cookie_name
from tests.consent.accounts.hall import EMAIL, FORM, PASSWORD, Hall, open_hall
from tests.consent.public_pages import plain
from tests.factories import CHROME, a_view

HOSTS = ("askfirst.test",)
"""The site of the pages, so that they reach the cookie of the choice."""
YES = ("Accept statistics",)
ACCOUNT = (
    "Make an account or sign in",
    "Make an account",
    "The mail's link",
    "Confirm your address",
)


class Buttons(HTMLParser):
    """What can be pressed on a page, by its words: a link's address, or a form's and its fields."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: dict[str, str] = {}
        self.buttons: dict[str, tuple[str, dict[str, str]]] = {}
        self._form: tuple[str, dict[str, str]] = ("", {})
        self._pressed: dict[str, str] = {}
        self._href = self._text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = (given.get("action", ""), {})
        elif tag == "input" and given.get("type") == "hidden" and "name" in given:
            self._form[1][given["name"]] = given.get("value", "")
        elif tag in ("a", "button"):
            self._href, self._text = given.get("href", ""), ""
            self._pressed = {given["name"]: given.get("value", "")} if "name" in given else {}

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        words = " ".join(self._text.split())
        if tag == "a":
            self.links.setdefault(words, self._href)
        elif tag == "button":
            address, fields = self._form
            self.buttons.setdefault(words, (address, fields | self._pressed))


class Visitor:
    """A browser with its cookies, which presses what stands on the page that it shows."""

    def __init__(self, hall: Hall) -> None:
        self.hall, self.key = hall, hall.world.site.key
        self.page = ""
        self.client = httpx2.AsyncClient(
            transport=hall.world.client._transport,
            base_url="http://askfirst.test",
            headers={
                "User-Agent": CHROME,
                "Sec-Fetch-Site": "same-origin",
                "Origin": "http://askfirst.test",
            },
            follow_redirects=True,
        )

    async def at(self, path: str) -> None:
        self.page = (await self.client.get(f"{path}/{self.key}?lang=en")).text

    async def presses(self, *buttons: str, **typed: str) -> int:
        """Press one after another what has these words, type into the fields; return how many."""
        for words in buttons:
            await self._press(words, typed)
        return len(buttons)

    async def _press(self, words: str, typed: dict[str, str]) -> None:
        on_page = Buttons(self.page)
        if words == "The mail's link":
            answer = await self.client.get(self.hall.mail("confirm")["link"])
        elif words in on_page.buttons:
            address, fields = on_page.buttons[words]
            sent = urlencode(fields | typed)
            answer = await self.client.post(address, content=sent, headers={"Content-Type": FORM})
        else:
            answer = await self.client.get(on_page.links[words])
        assert answer.status_code == 200, (words, plain(answer.text))
        self.page = answer.text
        self._keep_choice(answer)

    def _keep_choice(self, answer: httpx2.Response) -> None:
        """Keep the cookie of the choice, which ends by the stopped clock of the server."""
        name = cookie_name(self.key)
        for text in answer.headers.get_list("set-cookie"):
            held = SimpleCookie(text)
            if name in held:
                self.client.cookies.set(name, held[name].value)

    async def is_recorded(self) -> bool:
        """Send a page view as the tag does; return whether it is taken."""
        self.hall.world.clock.move(minutes=1)
        token = self.client.cookies.get(cookie_name(self.key), "")
        event = {"site": self.key, "token": token, "events": [a_view(url="http://askfirst.test/")]}
        sender = self.hall.world.browser()
        answer = await sender.post("/event", event, Origin="http://askfirst.test")
        return answer.is_success


@pytest.fixture
async def hall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hall]:
    async with open_hall(tmp_path, monkeypatch, hosts=HOSTS) as opened:
        yield opened


@pytest.fixture
async def visitor(hall: Hall) -> Visitor:
    visitor = Visitor(hall)
    await visitor.at("/choice")
    assert await visitor.presses(*YES) == 1
    assert await visitor.is_recorded()
    assert len(await hall.world.rows()) == 1
    return visitor


async def with_account(visitor: Visitor) -> int:
    """Make an account from the visitor's own page; return how many presses it takes."""
    await visitor.at("/my-data")
    typed = {"email": EMAIL, "new_password": PASSWORD, "password": PASSWORD}
    taken = await visitor.presses(*ACCOUNT, **typed)
    assert f"You are signed in as {EMAIL}" in plain(visitor.page)
    return taken


@pytest.mark.parametrize("leaving", ["Withdraw consent", "Erase what was recorded"])
async def test_law_5_where_one_press_says_yes_one_press_ends_it_or_erases_everything(
    visitor: Visitor, leaving: str
):
    await visitor.at("/choice")

    assert await visitor.presses(leaving) <= len(YES)
    assert not await visitor.is_recorded()
    left = await visitor.hall.world.rows()
    assert len(left) == (1 if leaving == "Withdraw consent" else 0)


@pytest.mark.parametrize("leaving", ["Stop recording", "Stop and erase", "Erase everything"])
async def test_law_5_on_the_page_of_ones_own_one_press_ends_the_recording_or_erases_everything(
    visitor: Visitor, leaving: str
):
    """What cannot be brought back is said before the press, and not asked after it."""
    await visitor.at("/my-data")
    before = plain(visitor.page)

    assert await visitor.presses(leaving) <= len(YES)
    assert not await visitor.is_recorded()
    left = await visitor.hall.world.rows()
    assert len(left) == (1 if leaving == "Stop recording" else 0)
    assert "Stop and erase: Nobody can bring it back afterwards." in before


async def test_law_5_after_stopping_one_press_erases_everything(visitor: Visitor):
    await visitor.at("/my-data")
    await visitor.presses("Stop recording")

    assert "Erase everything: Nobody can bring it back afterwards." in plain(visitor.page)
    assert await visitor.presses("Erase everything") <= len(YES)
    assert "Everything is erased" in plain(visitor.page)
    assert await visitor.hall.world.rows() == []


@pytest.mark.parametrize(
    ("closing", "rows"),
    [("Close it and keep my statistics", 1), ("Close it and erase my statistics", 0)],
)
async def test_law_5_closing_an_account_takes_no_more_presses_than_making_it_or_than_keeping_it(
    visitor: Visitor, closing: str, rows: int
):
    joined = await with_account(visitor)
    await visitor.at("/my-data")
    left = await visitor.presses("Your account", "Close the account")
    question = Buttons(visitor.page)

    assert "Keep the account" in question.links  # one press, too
    assert left + await visitor.presses(closing) <= joined
    assert "Your account is closed" in plain(visitor.page)
    assert visitor.hall.table("visitor_accounts") == []
    assert len(await visitor.hall.world.rows()) == rows


async def test_law_5_with_an_account_erasing_everything_takes_fewer_presses_than_joining(
    visitor: Visitor,
):
    joined = len(YES) + await with_account(visitor)
    await visitor.at("/my-data")

    assert await visitor.presses("Stop and erase") <= joined
    assert await visitor.hall.world.rows() == []
