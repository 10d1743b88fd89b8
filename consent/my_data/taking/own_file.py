"""The page of a large file: `/my-data/KEY/files/NAME` tells how far it is, and hands it out once.

What looks again by itself is a frame in it (`?progress`): a page that is loaded anew takes the
focus away from whoever goes through it by keyboard, or listens to it. Whoever knows the random name
may do both; the page itself tells nothing of the person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.clock import as_datetime
from askfirst.errors import Malformed
from askfirst.sites import Site
from askfirst.web.pages import FRAMED, FRAMING
from consent.dependencies import Dependencies
from consent.my_data.page_words import page_words
from consent.my_data.taking.taking import PRIVATE, saved
from consent.policy.languages.times import LocalTimes
from consent.policy.page_links import LanguageLink
from consent.receipts.posted_form import read_form
from consent.rights.own_files import OwnFile

State = Literal["making", "ready", "failed", "none"]
_LOOKS_AGAIN = {"Refresh": "3"}
"""Seconds after which the browser asks again, without a script."""
_TEMPLATES = "consent/my_data/taking"
_FRAME = "progress"
"""The part of the page that does: a name in its query."""


@dataclass(frozen=True)
class OwnFilePage:
    """`own_file.html`."""

    shown: dict[str, Any]
    """The site's wording in force in the page's language."""
    words: Mapping[str, str]
    """The page's own words in that language."""
    choices: tuple[LanguageLink, ...]
    """The languages of the policy, for the menu."""
    action: str
    """Where the forms are posted to: this page in its language."""
    state: State
    """How far the file is; `none` where there is none (any more)."""
    until: str
    """Until when it can be saved, of the site's zone and in the page's language."""
    back: str
    """The address of the person's own page."""


@dataclass(frozen=True)
class OwnProgressPage:
    """`own_progress.html`, the frame in that page."""

    shown: dict[str, Any]
    """The site's wording in force in the page's language."""
    words: Mapping[str, str]
    """The page's own words in that language."""
    action: str
    """The address of the page around it."""
    state: State
    """How far the file is."""
    percent: int
    """How much of it is done, of 100."""


class OwnFileHandler:
    """Serves `/my-data/{site}/files/{name}`."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._files = deps.own_files

    def routes(self) -> list[Route]:
        """Return the routes of the page and of its buttons."""
        path = "/my-data/{site}/files/{name}"
        return [
            Route(path, self._show, methods=["GET"]),
            Route(path, self._act, methods=["POST"]),
        ]

    async def _show(self, request: Request) -> Response:
        site = self._site(request)
        file = self._find(request, site)
        if _FRAME in request.query_params:
            return await self._progress(request, site, file)
        return await self._page(request, site, file)

    async def _act(self, request: Request) -> Response:
        site = self._site(request)
        form = await read_form(request, self._deps.settings.max_body_bytes)
        if form.get("do") == "save":
            return await self._save(request, site)
        if form.get("do") != "cancel":
            raise Malformed("No button of the page was pressed.", field="do")
        if file := self._find(request, site):
            self._files.drop(file)
        words = await page_words(self._deps, request, site)
        return RedirectResponse(f"/my-data/{site.key}?lang={words.tag}", 303, PRIVATE)

    async def _save(self, request: Request, site: Site) -> Response:
        if packed := self._files.take(site.id, request.path_params["name"]):
            return saved(packed)
        return await self._page(request, site, self._find(request, site))

    def _site(self, request: Request) -> Site:
        return self._deps.book.get(request.path_params["site"])

    def _find(self, request: Request, site: Site) -> OwnFile | None:
        return self._files.find(site.id, request.path_params["name"])

    async def _page(self, request: Request, site: Site, file: OwnFile | None) -> Response:
        told = await page_words(self._deps, request, site)
        state = _state(file)
        context = OwnFilePage(
            shown=told.shown,
            words=told.words,
            choices=told.choices,
            action=told.action,
            state=state,
            until=_moment(file.until, site, told.tag) if file else "",
            back=f"/my-data/{site.key}?lang={told.tag}",
        )
        headers = PRIVATE | {"Content-Security-Policy": FRAMING}
        status = 404 if state == "none" else 200
        return self._deps.pages.page(f"{_TEMPLATES}/own_file.html", context, status, headers)

    async def _progress(self, request: Request, site: Site, file: OwnFile | None) -> Response:
        told = await page_words(self._deps, request, site)
        state = _state(file)
        context = OwnProgressPage(
            shown=told.shown,
            words=told.words,
            action=told.action,
            state=state,
            percent=file.percent if file else 0,
        )
        again = _LOOKS_AGAIN if state == "making" else {}
        headers = PRIVATE | again | {"Content-Security-Policy": FRAMED}
        return self._deps.pages.page(f"{_TEMPLATES}/own_progress.html", context, headers=headers)


def _state(file: OwnFile | None) -> State:
    return "none" if file is None or file.state == "dropped" else file.state


def _moment(milliseconds: int, site: Site, tag: str) -> str:
    at = as_datetime(milliseconds).replace(tzinfo=None)
    return LocalTimes(tag, site.time_zone).moment(at)
