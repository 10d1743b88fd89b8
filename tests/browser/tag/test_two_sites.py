"""Two sites of one domain, or on two paths of one host, in Chromium: each has its own choice."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from html import escape
from itertools import count
from typing import Any
from urllib.parse import urlencode

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import BrowserContext, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from askfirst.sites import Site
from consent.http.cookie import OLDER_NAME, cookie_name
from tests.browser.conftest import NewProfile
from tests.browser.stage import (
    ACCEPT,
    BANNER,
    CONTROL,
    DIALOG,
    ERASURE,
    REFUSE,
    SAVE,
    WITHDRAW,
    Stage,
    policy,
)

NUMBERS = count(1)
SETTINGS = {
    "near": ("www.{}.test", "shop.{}.test", "askfirst.{}.test"),
    "far": ("www.{}.test", "shop.{}.test", "askfirst.elsewhere.test"),
    "one host": ("www.{}.test", "www.{}.test", "www.{}.test"),
}
"""The hosts of both sites' pages and of the tag: cookies are set by HTTP, except in `far`."""


@dataclass
class Two:
    """One browser, and two sites whose pages it opens; each site has a path of its own."""

    stage: Stage
    profile: BrowserContext
    first: Site
    second: Site
    hosts: tuple[str, str, str]
    domain: str
    port: int

    def host_of(self, site: Site) -> str:
        return self.hosts[0 if site.key == self.first.key else 1]

    def address(self, site: Site, name: str = "start") -> str:
        tag = f"http://{self.hosts[2]}:{self.stage.base.rpartition(':')[2]}/tag.js"
        host = f"{self.host_of(site)}:{self.port}"
        return f"http://{host}/{site.key}/{name}?{urlencode({'tag': tag})}"

    async def open(self, site: Site, name: str = "start") -> Page:
        page = await self.profile.new_page()
        await page.goto(self.address(site, name))
        return page

    async def asked(self, site: Site) -> Page:
        page = await self.open(site)
        await expect(page.locator(BANNER)).to_be_visible()
        return page

    async def is_granted(self, site: Site) -> Page:
        page = await self.profile.new_page()
        async with page.expect_response("**/event") as recorded:
            await page.goto(self.address(site))
        assert (await recorded.value).status == 202
        await expect(page.locator(WITHDRAW)).to_be_visible()
        assert await page.locator(BANNER).count() == 0
        return page

    async def is_refused(self, site: Site) -> Page:
        page = await self.open(site)
        await expect(page.locator(CONTROL)).to_be_visible()
        assert await page.evaluate("askfirst.consent.get().choice") == "refused"
        assert await page.locator(BANNER).count() == 0
        return page

    async def accept(self, site: Site) -> Page:
        page = await self.asked(site)
        async with page.expect_response("**/event"):
            await page.click(ACCEPT)
        return page

    async def refuse(self, site: Site) -> Page:
        page = await self.asked(site)
        async with page.expect_response("**/consent"):
            await page.click(REFUSE)
        await self.cookies()
        return page

    async def withdraw(self, page: Page) -> None:
        async with page.expect_response("**/consent"):
            await page.click(WITHDRAW)
        await expect(page.locator(ERASURE)).to_be_visible()

    async def cookies(self) -> dict[str, str]:
        """Return the cookies once no two share a name: the script leaves the server's alone."""
        async with asyncio.timeout(60):
            while True:
                found = await self.profile.cookies()
                kept = {cookie["name"]: cookie["value"] for cookie in found}
                if len(kept) == len(found):
                    return kept
                await asyncio.sleep(0.05)

    async def visitors(self, site: Site) -> int:
        return len({row["visitor_id"] for row in await self.stage.rows(site)})

    async def go_back_to_before(self, value: str | None = None) -> None:
        """Move the first site's cookie, or this value, into the one cookie of earlier releases."""
        value = value or (await self.cookies())[cookie_name(self.first.key)]
        await self.profile.clear_cookies()
        where = {"domain": f".{self.domain}", "path": "/", "sameSite": "Lax"}
        later: Any = {"name": OLDER_NAME, "value": value, "expires": 4_000_000_000, **where}
        await self.profile.add_cookies([later])

    async def accept_as_before(self) -> str:
        """Accept on the first site as in an earlier release; return the older cookie's value."""
        await self.accept(self.first)
        await self.go_back_to_before()
        return (await self.cookies())[OLDER_NAME]


Open = Callable[[str], Awaitable[Two]]


async def show(request: Request) -> HTMLResponse:
    """Answer with a page of the site that the address names."""
    key, tag = escape(request.path_params["key"]), escape(request.query_params["tag"])
    script = f'<script src="{tag}" data-site="{key}"></script>'
    head = f'<!doctype html><html lang="en"><head><title>Two</title>{script}</head>'
    return HTMLResponse(f"{head}<body><main><h1>Two</h1></main></body></html>")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pages() -> AsyncIterator[int]:
    """Serve the pages of all sites; yield the port."""
    app = Starlette(routes=[Route("/{key}/{name}", show)])
    bound = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    yield bound.getsockname()[1]
    server.should_exit = True
    await serving


@pytest.fixture
def two(stage: Stage, new_profile: NewProfile, pages: int) -> Open:
    async def opened(setting: str) -> Two:
        name = f"town{next(NUMBERS)}"
        www, shop, tag = (host.format(name) for host in SETTINGS[setting])
        add = stage.services.book.add
        first = await add("First", (www,), "UTC", policy())
        second = await add("Second", (shop,), "UTC", policy())
        profile = await new_profile()
        return Two(stage, profile, first, second, (www, shop, tag), f"{name}.test", pages)

    return opened


@pytest.mark.parametrize("setting", SETTINGS)
async def test_law_1_a_yes_to_one_site_leaves_the_other_undecided(two: Open, setting: str) -> None:
    """However often the visitor switches sites, each has one visitor and one consent."""
    sites = await two(setting)
    await sites.accept(sites.first)
    page = await sites.asked(sites.second)
    assert await page.evaluate("askfirst.consent.get().choice") == "none"
    assert await sites.stage.rows(sites.second) == []
    await sites.is_granted(sites.first)

    await sites.accept(sites.second)
    for site in (sites.first, sites.second, sites.first, sites.second):
        await sites.is_granted(site)
    for site in (sites.first, sites.second):
        assert await sites.visitors(site) == 1
        assert len(await sites.stage.records(site)) == 1
    assert set(await sites.cookies()) == {
        cookie_name(sites.first.key),
        cookie_name(sites.second.key),
    }


@pytest.mark.parametrize("setting", SETTINGS)
async def test_law_4_a_no_to_one_site_is_none_to_the_other(two: Open, setting: str) -> None:
    sites = await two(setting)
    await sites.refuse(sites.first)
    await sites.accept(sites.second)
    await sites.is_refused(sites.first)
    await sites.is_granted(sites.second)
    assert await sites.stage.rows(sites.first) == []
    assert (await sites.cookies())[cookie_name(sites.first.key)] == "no"


@pytest.mark.parametrize("setting", SETTINGS)
async def test_law_5_withdrawing_at_one_site_leaves_the_other_recording(
    two: Open, setting: str
) -> None:
    """In the same tab too, the other site shows no offer to erase, and the first keeps its own."""
    sites = await two(setting)
    await sites.accept(sites.first)
    await sites.accept(sites.second)
    page = await sites.is_granted(sites.first)
    elsewhere = await sites.is_granted(sites.second)
    async with page.expect_response("**/consent") as told:
        await page.click(WITHDRAW)
    assert (await told.value).status == 200
    await expect(page.locator(ERASURE)).to_be_visible()
    assert await elsewhere.evaluate("askfirst.consent.get().choice") == "granted"

    async with page.expect_response("**/event") as recorded:
        await page.goto(sites.address(sites.second))
    assert (await recorded.value).status == 202
    assert await page.locator(ERASURE).count() == 0
    await page.goto(sites.address(sites.first))
    await expect(page.locator(ERASURE)).to_be_visible()
    await sites.is_refused(sites.first)


@pytest.mark.parametrize("setting", ["near", "far"])
async def test_a_yes_of_before_serves_its_own_site_and_says_nothing_at_the_other(
    two: Open, setting: str
) -> None:
    """One cookie used to serve all sites of a domain; the visitor keeps their id."""
    sites = await two(setting)
    older = await sites.accept_as_before()

    await sites.asked(sites.second)
    assert await sites.stage.rows(sites.second) == []
    assert await sites.cookies() == {OLDER_NAME: older}
    await sites.is_granted(sites.first)
    await sites.refuse(sites.second)
    await sites.is_granted(sites.first)
    assert await sites.visitors(sites.first) == 1
    assert len(await sites.stage.records(sites.first)) == 1

    page = await sites.is_granted(sites.first)
    await sites.withdraw(page)
    names = (cookie_name(sites.first.key), cookie_name(sites.second.key))
    assert await sites.cookies() == dict.fromkeys(names, "no")
    await sites.is_refused(sites.first)


@pytest.mark.parametrize("setting", ["near", "far"])
async def test_law_1_a_choice_at_the_other_site_leaves_a_yes_of_before_alone(
    two: Open, setting: str
) -> None:
    sites = await two(setting)
    older = await sites.accept_as_before()
    page = await sites.accept(sites.second)
    await sites.withdraw(page)
    assert (await sites.cookies())[OLDER_NAME] == older
    await sites.is_granted(sites.first)


@pytest.mark.parametrize("setting", ["near", "far"])
async def test_law_4_a_no_of_before_holds_at_every_site_until_it_chooses_anew(
    two: Open, setting: str
) -> None:
    sites = await two(setting)
    await sites.go_back_to_before("no")
    for site in (sites.first, sites.second):
        page = await sites.is_refused(site)
    assert await sites.cookies() == {OLDER_NAME: "no"}

    await page.click(CONTROL)
    await page.locator(DIALOG).locator("input[type=checkbox]").check()
    async with page.expect_response("**/event") as recorded:
        await page.click(SAVE)
    assert (await recorded.value).status == 202
    await sites.is_granted(sites.second)
    await sites.is_refused(sites.first)


async def test_law_4_two_who_refuse_a_site_have_the_same_bytes_whatever_they_chose_elsewhere(
    new_profile: NewProfile, two: Open
) -> None:
    sites = await two("near")
    kept = []
    for elsewhere in (sites.accept, sites.refuse, None):
        sites.profile = await new_profile()
        if elsewhere:
            await elsewhere(sites.second)
        await sites.refuse(sites.first)
        found = await sites.profile.cookies()
        kept.append([one for one in found if one["name"] == cookie_name(sites.first.key)])
    assert len(kept[0]) == 1
    assert kept[0] == kept[1] == kept[2]
