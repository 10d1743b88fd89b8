"""Visitors who are on the demo's website now: they ask the server as browsers do, gently."""

import asyncio
import json
import random
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from urllib.request import Request, urlopen

from server.demo import crowd
from server.demo.browsers import BROWSERS, Browser
from server.demo.website import title_of

HERE = 4
"""How many are on the website at a time."""
PAUSE = 15
"""Seconds between two page views."""
_STAYS = 0.7  # the probability that somebody goes on to another page, and does not leave
_TIMEOUT = 10
_CAME_FROM = crowd.Odds((("", 4), ("https://www.google.com/", 4), ("https://mastodon.social/", 1)))
_HINTS = ("Sec-CH-UA", "Sec-CH-UA-Mobile", "Sec-CH-UA-Platform")

Ask = Callable[[str, bytes | None, Mapping[str, str]], Awaitable[bytes]]
"""Asks the server for a path, by POST where there is a body; raises `OSError` for a refusal."""


@dataclass
class _Visitor:
    browser: Browser
    token: str
    path: str


class LiveVisitors:
    """Lets a few visitors come, say yes, read on and leave, until `run` is cancelled."""

    def __init__(self, ask: Ask, key: str, origin: str, made_by: random.Random) -> None:
        self._ask = ask
        self._key = key
        self._origin = origin
        self._random = made_by
        self._here: list[_Visitor] = []
        self._words: dict[str, object] = {}
        self._notice: dict[str, object] = {}

    async def run(self) -> None:
        """Go on for ever; a server that is away, or refuses, is asked again later."""
        while True:
            try:
                await self.step()
                is_full = len(self._here) == HERE
            except (OSError, HTTPException, ValueError, KeyError):
                is_full = True
                self._here.clear()
            await asyncio.sleep(PAUSE if is_full else 2)

    async def step(self) -> None:
        """Let one page be viewed: by somebody new, or by somebody who is here."""
        if len(self._here) < HERE:
            one = await self._asked()
            if self._random.random() > crowd.COVERAGE:
                await self._send(one, "/consent", {"choice": "refuse", **self._words})
                return
            await self._agree(one)
            self._here.append(one)
            return
        one = self._here.pop(0)
        await self._read(one)
        if self._random.random() < _STAYS:
            before, one.path = one.path, self._random.choice(crowd.FOLLOWING[one.path])
            await self._load(one)
            await self._view(one, f"{self._origin}{before}")
            self._here.append(one)

    async def _asked(self) -> _Visitor:
        browser, path = BROWSERS.draw(self._random), crowd.FIRST_PAGES.draw(self._random)
        one = _Visitor(browser, "", path)
        await self._load(one)
        address = f"/wording/{self._key}.json"
        await self._ask(f"{address}?layer=first&lang=en", None, self._headers(one))
        shown = json.loads(await self._ask(f"{address}?lang=en", None, self._headers(one)))
        self._words = {"language": shown["language"], "version": shown["version"]}
        self._notice = {
            "notice": shown["hash"],
            "purposes": [purpose["id"] for purpose in shown["purposes"]],
        }
        return one

    async def _agree(self, one: _Visitor) -> None:
        yes = {"choice": "accept", **self._words, **self._notice, "method": "banner", "gpc": False}
        one.token = (await self._send(one, "/consent", yes))["token"]
        await self._view(one, _CAME_FROM.draw(self._random))

    async def _read(self, one: _Visitor) -> None:
        told = {"engaged_ms": self._random.randrange(4_000, 50_000), "scroll_from": 0}
        await self._tell(one, kind="engagement", **told, scroll=self._random.randrange(30, 101))

    async def _load(self, one: _Visitor) -> None:
        await self._ask("/tag.js", None, self._headers(one))

    async def _view(self, one: _Visitor, referrer: str) -> None:
        await self._tell(one, kind="page_view", referrer=referrer, title=title_of(one.path))

    async def _tell(self, one: _Visitor, **what: object) -> None:
        url = f"{self._origin}{one.path}"
        event = {"id": secrets.token_urlsafe(16), "age": 0, "url": url, **what}
        screen = one.browser.screens[0]
        told = {"token": one.token, "screen": screen, "touch": one.browser.touch, "events": [event]}
        await self._send(one, "/event", told)

    async def _send(self, one: _Visitor, path: str, body: dict[str, object]) -> dict[str, str]:
        content = json.dumps({"site": self._key, **body}).encode()
        answer = await self._ask(path, content, self._headers(one))
        found: dict[str, str] = json.loads(answer or b"{}")
        return found

    def _headers(self, one: _Visitor) -> dict[str, str]:
        hints = dict(zip(_HINTS, one.browser.hints or (), strict=False))
        return {
            "Origin": self._origin,
            "Referer": f"{self._origin}{one.path}",
            "User-Agent": one.browser.user_agent,
            "Accept-Language": "en-GB,en;q=0.9",
            "Content-Type": "text/plain",
            **hints,
        }


def over_http(address: str) -> Ask:
    """Return what asks the server at an address such as `http://127.0.0.1:8000`."""

    def read(path: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
        asked = Request(f"{address}{path}", body, dict(headers))  # noqa: S310 - our own server's
        with urlopen(asked, timeout=_TIMEOUT) as answer:  # noqa: S310
            found: bytes = answer.read()
            return found

    async def ask(path: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
        return await asyncio.to_thread(read, path, body, headers)

    return ask
