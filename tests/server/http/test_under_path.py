"""Under a base path of a host, every link, redirect, script and cookie of ours has the path."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx2
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from askfirst.web.base_path import OURS, is_ours
from reports.lazy_routes import LOADED
from reports.sites.setup import make_setup_link
from server.app import _routes, build_app
from tests.reports.reading import Reading
from tests.world import World, open_world

HOST = "https://www.example.org"
BASE = "/askfirst"
OWNER = {"email": "owner@example.org", "password": "a quiet river by the old mill"}
SITE = {
    "name": "Second",
    "hosts": "second.example",
    "time_zone": "Europe/Berlin",
    "controller": "Example",
    "contact": "privacy@example.org",
    "ip_mode": "whole",
}
LEADING = ("href", "src", "action", "formaction", "data-wait")
HIDDEN = re.compile(r"(/sites/[^/]+)/visitors/([^/]+)/(export|erase).*|.*/sign-out|.*/export")


def stripping(app: ASGIApp, base: str) -> ASGIApp:
    """Act as a proxy that strips the path before it passes a request on."""

    async def stripped(scope: Scope, receive: Receive, send: Send) -> None:
        path, raw = scope["path"], scope["raw_path"]
        assert path.startswith(unquote(base)), path
        path = path.removeprefix(unquote(base)) or "/"
        raw = raw.removeprefix(base.encode()) or b"/"
        await app({**scope, "path": path, "raw_path": raw}, receive, send)

    return stripped


def passing(app: ASGIApp, _base: str) -> ASGIApp:
    return app


WAYS = pytest.mark.parametrize("way", [passing, stripping])
Way = Callable[[ASGIApp, str], ASGIApp]


@asynccontextmanager
async def placed(
    folder: Path, way: Way = passing, base: str = BASE, **settings: Any
) -> AsyncIterator[World]:
    """Open a world under a path whose client comes through a proxy."""
    hosts = ("example.org", "www.example.org")
    async with open_world(folder, hosts=hosts, public_url=f"{HOST}{base}/", **settings) as world:
        transport = httpx2.ASGITransport(way(build_app(world.services), base))
        same = {"Origin": HOST, "Sec-Fetch-Site": "same-origin"}
        world.client = httpx2.AsyncClient(transport=transport, base_url=HOST, headers=same)
        yield world


async def signed_in(world: World, base: str = BASE) -> str:
    """Create the owner and a second site by the one-time link; return the redirect."""
    link = await make_setup_link(world.services.ledger, world.clock)
    code = str(link).partition("#code=")[2]
    data = {**OWNER, **SITE, "code": code}
    made = await world.client.post(f"{base}/setup", data=data)
    assert made.status_code == 303, made.text
    return str(made.headers["location"])


def leading(page: Reading) -> set[str]:
    """Return the addresses on this host that a page leads to."""
    found = {given[name] for _, given in page.tags for name in LEADING if name in given}
    return {
        one for one in found if not one.startswith(("https://", "http://", "#", "mailto:", "?"))
    }


def kind_of(address: str) -> str:
    """Return an address without what differs between sites, versions and periods."""
    path, _, query = address.partition("?")
    names = "&".join(sorted(one.partition("=")[0] for one in query.split("&")))
    return f"{re.sub('[0-9a-f]{16,32}|(?<=/)[0-9]+(?=/|$)', '*', path)}?{names}"


LEADS_NOWHERE = re.compile(r"(.*/)(?:files|charts)/[^/]+(\.[a-z]+)|.*/static/.*")
"""Paths of files: one of each ending is opened, as their tables have tests of their own."""


async def crawled(world: World, base: str, kinds: int, *starts: str) -> set[str]:
    """Follow links of each kind on our pages, and return the paths that were opened.

    The choices of a report combine without end, so this many kinds of each path have to do.
    """
    opened: dict[str, str] = {}
    times: Counter[str] = Counter()
    waiting = list(starts)
    while waiting:
        address = waiting.pop(0).partition("#")[0]
        kind = kind_of(address)
        path = kind.partition("?")[0]
        if file := LEADS_NOWHERE.fullmatch(path):
            path = "".join(file.groups("")) or path
        most = 1 if file else kinds
        if kind in opened or HIDDEN.fullmatch(address) or times[path] >= most:
            continue
        times[path] += 1
        opened[kind] = address
        answer = await world.client.get(address)
        assert answer.status_code in (200, 303, 307, 405), (address, answer.text)
        if "location" in answer.headers:
            found = {answer.headers["location"]}
        elif answer.headers["content-type"].startswith("text/html"):
            found = leading(Reading(answer.text))
        else:
            found = set()
        wrong = {one for one in found if one and not one.startswith((f"{base}/", f"{base}?"))}
        assert not wrong, (address, wrong)
        waiting += sorted(found - {""})
    return {one.partition("?")[0] for one in opened}


@pytest.mark.parametrize(
    ("way", "base", "kinds"),
    [
        (passing, BASE, 1),
        (stripping, "/Stats/Ask%20f%C3%BCrst", 1),
        pytest.param(passing, BASE, 3, marks=pytest.mark.faults),
    ],
)
async def test_every_link_of_every_page_leads_under_the_path(
    tmp_path: Path, way: Way, base: str, kinds: int
):
    async with placed(tmp_path, way, base) as world:
        browser = world.browser()
        world.client.base_url = httpx2.URL(f"{HOST}{base}")
        await browser.accept()
        await browser.send()
        await world.services.shipper.ship_all()
        world.client.base_url = httpx2.URL(HOST)
        second = await signed_in(world, base)
        policy = f"{base}/policy/{world.site.key}"
        people = f"{base}/sites/{world.site.key}/visitors"
        opened = await crawled(world, base, kinds, policy, second, f"{base}/?all", people)

    paths = {one.removeprefix(base) for one in opened}
    for wanted in (
        "/sites/*",
        "/sites/*/visitors",
        "/sites/*/visitors/*",
        "/sites/*/choices",
        "/sites/*/install",
        "/sites/*/install/state",
        "/sites/*/wording",
        "/sites/*/settings",
        "/sites/*/records",
        "/account",
        "/policy/*",
        "/verify/*",
    ):
        assert wanted in paths, (wanted, sorted(paths))
    assert "/static/css/staff.css" in paths


@WAYS
async def test_a_visitors_way_works_under_the_path(tmp_path: Path, way: Way):
    async with placed(tmp_path, way) as world:
        world.client.base_url = httpx2.URL(f"{HOST}{BASE}")
        browser = world.browser()
        accepted = await browser.accept()
        recorded = await browser.send()
        rows = await world.rows()
        asked = {"site": world.site.key, "token": browser.token}
        receipt = (await browser.post("/consent/receipt", asked)).text
        withdrawn = await browser.withdraw()
        late = await browser.send()

    assert accepted.json()["receipt_url"] == f"{BASE}/receipt/{world.site.key}"
    assert recorded.status_code == 202
    assert len(rows) == 1
    assert f"{HOST}{BASE}/choice/{world.site.key}" in receipt
    assert f"{HOST}/choice" not in receipt
    assert withdrawn.status_code == 200
    assert late.status_code == 403


async def test_law_4_the_cookie_of_a_choice_is_the_same_under_a_path(tmp_path: Path):
    cookies = []
    for base in ("", BASE):
        async with placed(tmp_path / f"at{len(base)}", base=base) as world:
            world.client.base_url = httpx2.URL(f"{HOST}{base}")
            answer = await world.browser().refuse()
            assert "date" not in answer.headers
            cookies.append(answer.headers["set-cookie"].replace(world.site.key, "KEY"))
    assert cookies[0] == cookies[1]
    assert "Path=/;" in cookies[0]


async def test_staff_is_led_to_sign_in_and_back_under_the_path(tmp_path: Path):
    async with placed(tmp_path) as world:
        install = await signed_in(world)
        client, key = world.client, install.split("/")[3]
        assert install == f"{BASE}/sites/{key}/install"
        held = client.cookies.jar
        assert {(one.name, one.path) for one in held} == {
            ("__Host-askfirst_staff", "/"),
            ("__Host-askfirst_browser", "/"),
        }
        snippet = unescape((await client.get(install)).text)
        assert f'src="{HOST}{BASE}/tag.js" data-site="{key}"' in snippet

        client.cookies.clear()
        away = await client.get(f"{BASE}/sites/{key}/visitors?page=2")
        asked = away.headers["location"]
        form = Reading((await client.get(asked)).text)
        data = {**form.fields, **OWNER}
        back = await client.post(f"{BASE}/sign-in", data=data)
        plain = await client.post(f"{BASE}/sign-in", data={**OWNER, "next": f"{BASE}/account"})

    assert asked.startswith(f"{BASE}/sign-in?next=")
    assert back.headers["location"].startswith(f"{BASE}/sites/{key}/visitors?page=2")
    assert plain.headers["location"] == f"{BASE}/account"


@pytest.mark.parametrize("path", [BASE, f"{BASE}/", "/"])
async def test_the_path_itself_opens_the_start(tmp_path: Path, path: str):
    async with placed(tmp_path) as world:
        answer = await world.client.get(path)
    assert answer.headers["location"].startswith(f"{BASE}/sign-in?next=")


async def test_a_slash_too_many_leads_to_the_page_under_the_path(tmp_path: Path):
    async with placed(tmp_path) as world:
        answer = await world.client.get(f"{BASE}/sign-in/")
    assert answer.headers["location"] == f"{BASE}/sign-in"


@pytest.mark.parametrize("path", ["/askfirstx/tag.js", "/Askfirst/tag.js", f"{BASE}{BASE}/tag.js"])
async def test_another_path_is_not_ours(tmp_path: Path, path: str):
    async with placed(tmp_path) as world:
        assert (await world.client.get(path)).status_code == 404
        assert (await world.client.get(f"{BASE}/tag.js")).status_code == 200


async def test_nobody_is_led_to_another_host(tmp_path: Path):
    async with placed(tmp_path) as world:
        await signed_in(world)
        world.client.cookies.clear()
        for wish in ("//evil.example", "/\\evil.example", "https://evil.example", f"{BASE}//evil"):
            data = {**OWNER, "next": wish}
            answer = await world.client.post(f"{BASE}/sign-in", data=data)
            assert answer.headers["location"].startswith(f"{BASE}/"), wish


async def test_a_host_that_is_shared_is_not_bound_to_https(tmp_path: Path):
    """The tag's server under a path of a website does not decide for all of the website."""
    async with placed(tmp_path) as world:
        answer = await world.client.get(f"{BASE}/sign-in")
    assert "strict-transport-security" not in answer.headers


async def test_files_for_tools_name_addresses_under_the_path(tmp_path: Path):
    async with placed(tmp_path) as world:
        key = world.site.key
        told = (await world.client.get(f"{BASE}/manifest/{key}.json")).json()
        keys = await world.client.get(f"{BASE}/.well-known/askfirst/{key}.json")
        opened = [await world.client.get(path) for path in told["scripts"]]

    assert all(path.startswith(f"{BASE}/") for path in told["endpoints"].values())
    assert [one["url"] for one in told["versions"]] == [f"{BASE}/policy/{key}/1"]
    assert told["endpoints"]["public_key"] == f"{BASE}/.well-known/askfirst/{key}.json"
    assert [one.status_code for one in (keys, *opened)] == [200] * (1 + len(opened))


async def test_no_base_may_begin_as_an_address_of_ours_does(tmp_path: Path):
    async with open_world(tmp_path) as world:
        paths = [getattr(route, "path", "/sites/{key}") for route in _routes(world.services)]
    first = {path.split("/")[1] for path in paths} - {""}
    later = set(
        re.findall(r"(?:^|\|)/([\w.-]+)", LOADED.pattern)
    )  # what is loaded by the first request

    assert {"across", "vega"} <= later
    assert [one for one in first | later if not is_ours(one)] == []
    assert {"event", *later} | first >= OURS
