"""A page that Chromium prerenders by a speculation rule (Speculation Rules API).

Playwright forbids prerendering, so this Chromium is driven by the DevTools protocol itself.
"""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
from websockets.asyncio.client import connect

from askfirst.sites import Site
from tests.browser.conftest import FLAGS, executable
from tests.browser.stage import ACCEPT, ERASURE, WITHDRAW, Stage
from tests.browser.website import open_website, page_of

PATIENCE = 60.0  # seconds that something in the browser may take on a busy machine
RULES = (
    '<script type="speculationrules">'
    '{"prerender": [{"urls": ["/two"], "eagerness": "immediate"}]}</script>'
)
READY = "<script>addEventListener('load', () => setTimeout(fetch, 500, '/ready'))</script>"
PRERENDERED = "performance.getEntriesByType('navigation')[0].activationStart > 0"


@dataclass
class Shown:
    """The page that a Chromium shows: another target once it activates a prerendered one."""

    base: str

    async def call(self, method: str, **params: Any) -> Any:
        async with httpx.AsyncClient(base_url=self.base) as client:
            targets = (await client.get("/json/list")).json()
        (page,) = (it for it in targets if it["type"] == "page")
        async with connect(page["webSocketDebuggerUrl"], proxy=None) as socket:
            await socket.send(json.dumps({"id": 1, "method": method, "params": params}))
            said: dict[str, Any] = {}
            while said.get("id") != 1:
                said = json.loads(await socket.recv())
        return said["result"]

    async def run(self, script: str) -> Any:
        said = await self.call("Runtime.evaluate", expression=script, returnByValue=True)
        return said["result"].get("value")

    async def until(self, script: str) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with suppress(Exception):  # the page is being left
                if await self.run(script):
                    return
            await asyncio.sleep(0.1)
        raise TimeoutError(script)

    async def click(self, selector: str) -> None:
        found = f"document.querySelector({json.dumps(selector)})"
        await self.until(f"!!{found}?.getClientRects()[0]")
        box = await self.run(f"{found}.getBoundingClientRect().toJSON()")
        place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        for kind in ("mousePressed", "mouseReleased"):
            await self.call(
                "Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place
            )


@asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator[Shown]:
    process = await asyncio.create_subprocess_exec(
        str(executable()),
        *(*FLAGS, "--headless=new", "--remote-debugging-port=0", f"--user-data-dir={folder}"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        named = folder / "DevToolsActivePort"
        end = time.monotonic() + PATIENCE
        while not (named.exists() and (port := re.match(r"\d+", named.read_text()))):
            assert time.monotonic() < end
            await asyncio.sleep(0.1)
        yield Shown(f"http://127.0.0.1:{port[0]}")
    finally:
        process.terminate()
        await process.wait()


async def wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    for _ in iter(lambda: holds() or time.monotonic() > end, True):
        await asyncio.sleep(0.1)


async def paths(stage: Stage, site: Site, number: int) -> list[str]:
    end = time.monotonic() + PATIENCE
    while True:
        found = [row["path"] for row in await stage.rows(site) if row["kind"] == "page_view"]
        if len(found) >= number or time.monotonic() > end:
            return found
        await asyncio.sleep(0.1)


async def test_law_1_a_prerendered_page_sends_nothing_and_counts_once_it_is_shown(
    stage: Stage, tmp_path: Path
):
    site = await stage.site()
    pages = {
        "/": page_of(site, "Start"),
        "/one": page_of(site, "<a href='/two'>Two</a>", RULES),
        "/two": page_of(site, READY),
    }
    async with open_website(stage.base, pages) as served, chromium(tmp_path) as page:
        await page.call("Page.navigate", url=served.base)
        await page.click(ACCEPT)
        await paths(stage, site, 1)
        await page.call("Page.navigate", url=f"{served.base}/one")
        before = await paths(stage, site, 2)
        await wait_for(lambda: "/ready" in served.prerendered)
        await page.click("a[href='/two']")
        await page.until(f"location.pathname === '/two' && {PRERENDERED}")
        after = await paths(stage, site, 3)
        await page.click(WITHDRAW)
        await page.until(f"!!document.querySelector('{ERASURE}')")

    assert served.prerendered == ["/two", "/tag.js", "/ready"]
    assert before == ["/", "/one"]
    assert after == ["/", "/one", "/two"]
