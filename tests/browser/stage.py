"""One running server for many tests, each of which creates its own site, policy and page."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import uvicorn
from playwright.async_api import BrowserContext, Page, Request, Route, expect

from askfirst.columns import ORIGIN_COLUMNS
from askfirst.sites import Site
from consent.policy.drafts import content_of, draft_of, statistics_columns
from consent.policy.wording import default_policy
from server.app import ServerApp
from server.http.serving import uvicorn_config
from server.services import Services
from tests.factories import settings_in

BANNER = "#askfirst-banner"
ACCEPT = f"{BANNER} [data-askfirst=accept]"
REFUSE = f"{BANNER} [data-askfirst=refuse]"
ONCE = f"{BANNER} [data-askfirst=once]"
DETAILS = f"{BANNER} [data-askfirst=preferences]"
CONTROL = "#askfirst-control [data-askfirst=control]"
WITHDRAW = "#askfirst-control [data-askfirst=withdraw]"
DIALOG = "#askfirst-preferences"
BOX = "#askfirst-purpose-{}"
SAVE = f"{DIALOG} [data-askfirst=save]"
CLOSE = f"{DIALOG} [data-askfirst=close]"
ERASURE = "#askfirst-erasure"

Until = Literal["commit", "domcontentloaded", "load"]

PATHS = "<p><a href='/stage/{}'>Another page</a></p>"
LONG = "".join(f"<p><a href='#part-{n}'>Part {n}</a> of a long page.</p>" for n in range(40))
VIDEOS = {"id": "videos", "columns": ["referrer", *ORIGIN_COLUMNS]}
VIDEO_WORDS = {
    "en": {"purposes.videos.title": "Videos", "purposes.videos.text": "To show you videos."},
    "ar": {"purposes.videos.title": "مقاطع مصورة", "purposes.videos.text": "لعرض مقاطع مصورة."},
}


def policy(**changes: Any) -> dict[str, Any]:
    """Build a policy's content in English and Arabic; `videos=True` adds a second purpose."""
    videos = changes.pop("videos", False)
    draft = draft_of(default_policy("Harbour", "Harbour Ltd", "privacy@harbour.test", ""))
    draft |= {"languages": ["en", "ar"], **changes}
    if videos:
        columns = list(statistics_columns([VIDEOS]))
        draft["purposes"] = [{"id": "statistics", "columns": columns}, VIDEOS]
        draft["own"] = VIDEO_WORDS
    return content_of(draft)


@dataclass
class Shown:
    """A site's pages in one browser profile, and the requests that they made to our server."""

    stage: "Stage"
    site: Site
    profile: BrowserContext
    body: str = LONG
    lang: str = "en"
    direction: str = "ltr"
    attributes: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    async def start(self) -> None:
        await self.profile.route("**/stage/**", self._serve)
        self.profile.on("request", self._note)

    def _note(self, request: Request) -> None:
        path = request.url.removeprefix(self.stage.base)
        if path != request.url and not path.startswith("/stage/"):
            self.requests.append(f"{request.method} {path.partition('?')[0]}")

    async def _serve(self, route: Route) -> None:
        await route.fulfill(body=self.html, content_type="text/html", headers=self.headers)

    @property
    def html(self) -> str:
        tag = f'<script src="/tag.js" data-site="{self.site.key}" {self.attributes}></script>'
        return (
            f'<!doctype html><html lang="{self.lang}" dir="{self.direction}"><head><title>Stage'
            '</title><meta name="viewport" content="width=device-width, initial-scale=1">'
            f"{tag}</head><body><main><h1>Harbour</h1>{self.body}</main></body></html>"
        )

    async def page(
        self, name: str = "one", *, size: tuple[int, int] | None = None, until: Until = "load"
    ) -> Page:
        page = await self.profile.new_page()
        if size:
            await page.set_viewport_size({"width": size[0], "height": size[1]})
        await page.goto(f"{self.stage.base}/stage/{name}", wait_until=until)
        return page

    async def asked(self, **options: Any) -> Page:
        """Open a page on which the banner shows."""
        page = await self.page(**options)
        await expect(page.locator(BANNER)).to_be_visible()
        return page

    async def granted(self) -> Page:
        """Open a page on which the visitor has just accepted."""
        page = await self.asked()
        async with page.expect_response("**/event"):
            await page.click(ACCEPT)
        return page

    async def stored(self) -> list[str]:
        """Return the values of the profile's cookies."""
        return [cookie["value"] for cookie in await self.profile.cookies()]


@dataclass
class Stage:
    """The running server, and what tests read from its stores."""

    services: Services
    base: str

    async def site(self, **changes: Any) -> Site:
        return await self.services.book.add(
            "Harbour", ("127.0.0.1",), "Europe/Berlin", policy(**changes)
        )

    async def show(self, profile: BrowserContext, site: Site | None = None, **look: Any) -> Shown:
        shown = Shown(self, site or await self.site(), profile, **look)
        await shown.start()
        return shown

    async def rows(self, site: Site) -> list[dict[str, Any]]:
        await self.services.shipper.ship_all()
        frame = await asyncio.to_thread(self.services.warehouse.events, site.id)
        return frame.to_dict("records")

    async def records(self, site: Site) -> list[dict[str, Any]]:
        """Return the site's consent records, oldest first."""
        async with self.services.ledger.read() as connection:
            ask = f"SELECT * FROM consent_records WHERE site_id = {site.id} ORDER BY seq"
            found = await connection.exec_driver_sql(ask)
            return [dict(row) for row in found.mappings()]


@asynccontextmanager
async def open_stage(folder: Path, path: str = "") -> AsyncIterator[Stage]:
    """Serve the server until the block ends; with a `path`, under it."""
    opened: asyncio.Future[Services] = asyncio.get_running_loop().create_future()
    bound = socket.create_server(("127.0.0.1", 0))

    async def when_open(services: Services) -> None:
        opened.set_result(services)

    base = f"http://127.0.0.1:{bound.getsockname()[1]}{path}"
    settings = {"choices_per_minute": 9999, **({"public_url": base} if path else {})}
    app = ServerApp(settings_in(folder / "data", **settings), when_open)
    server = uvicorn.Server(uvicorn_config(app))
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        yield Stage(await opened, base)
    finally:
        server.should_exit = True
        await serving
