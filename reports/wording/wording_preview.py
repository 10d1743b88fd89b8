"""The page, framed by the form, on which the banner of a draft asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from askfirst.web.pages import FRAMED
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.staff.guard import Guard
from reports.wording.fields import shown_language

SCRIPTS = ("tag", "banner", "preferences", "gates", "managers")


@dataclass(frozen=True)
class WordingPreviewPage:
    """`wording_preview.html`: a page of a site, with the draft's banner."""

    site_key: str
    """The site's key, for the tag."""
    shown: Mapping[str, Any]
    """The wording of the draft in one language, as the banner gets it."""


class WordingPreviewHandler:
    """Serves `/sites/KEY/wording/preview`, and to its tag the words and scripts of the draft."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._editor = deps.wording_editor

    def routes(self) -> list[Route]:
        """Return the routes of the page and of what its tag asks for."""
        path, page = "/sites/{key}/wording", self._guard.page
        return [
            Route(f"{path}/preview", page(self._page), methods=["GET"]),
            # The preview's tag is the real one; it is answered with the words of the draft.
            Route(f"{path}/draft/wording/{{site}}.json", page(self._words), methods=["GET"]),
            Route(f"{path}/draft/{{name}}.js", page(self._script), methods=["GET"]),
        ]

    async def _page(self, request: Request, _session: Session) -> Response:
        site = self._deps.site(request)
        draft = await self._editor.draft(site)
        tag = shown_language(request.query_params.get("language", ""), draft)
        context = WordingPreviewPage(
            site_key=site.key, shown=await self._editor.shown(site, draft, tag)
        )
        # Without a referrer the tag's loading here counts as no page view of the site's.
        headers = {"Content-Security-Policy": FRAMED, "Referrer-Policy": "no-referrer"}
        return self._deps.pages.page(
            "reports/wording/wording_preview.html", context, headers=headers
        )

    async def _words(self, request: Request, _session: Session) -> Response:
        site = self._deps.site(request)
        draft = await self._editor.draft(site)
        query = request.query_params
        tag, layer = query.get("lang", "")[:35], query.get("layer", "")
        return JSONResponse(await self._editor.shown(site, draft, tag, layer))

    async def _script(self, request: Request, _session: Session) -> Response:
        name = request.path_params["name"]
        return RedirectResponse(f"/{name}.js" if name in SCRIPTS else "/tag.js", 307)
