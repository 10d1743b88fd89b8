"""The owner's pages about a site's wording: the draft, its preview, its review, the publishing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from askfirst.errors import Malformed
from askfirst.sites import Site
from askfirst.store.ledger.site_book import Policy
from askfirst.web.pages import FRAMED, FRAMING
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.http.forms import Form
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.wording.fields import (
    SECTIONS,
    Colours,
    ProblemRow,
    PurposeFields,
    WordSection,
    colours_of,
    rows_of,
    sections_of,
    words_of,
)
from reports.wording.form import read_draft
from reports.wording_editor import Draft, Review, Shelf

FORM_SIZE = 8  # the words of a language and all facts are one form
MEANINGS = {"same": False, "other": True}
"""What an owner may say of a purpose's new words, and whether everybody is then asked again."""
SCRIPTS = ("tag", "banner", "preferences", "gates", "managers")


@dataclass(frozen=True)
class WordingPage:
    """`wording.html`: a draft, the words of one of its languages, and what is wrong with it.

    `parts` are the titles of the form's sections by their anchors.
    """

    shell: Shell
    draft: Draft
    language: str
    direction: str
    sections: tuple[WordSection, ...]
    purposes: tuple[PurposeFields, ...]
    shelf: Shelf
    placed: Mapping[str, str]
    colours: tuple[Colours, ...]
    parts: Mapping[str, str]
    problems: tuple[ProblemRow, ...]
    versions: tuple[Policy, ...]
    saved: bool
    published: bool


@dataclass(frozen=True)
class WordingReviewPage:
    """`wording_review.html`: what publishing the draft would change."""

    shell: Shell
    review: Review
    problems: tuple[ProblemRow, ...]
    stale: bool
    unanswered: bool


@dataclass(frozen=True)
class WordingPreview:
    """`wording_preview.html`: a page of a site on which the draft's banner asks."""

    site_key: str
    shown: Mapping[str, Any]


class WordingPages:
    """Serves `/sites/KEY/wording` and what lies under it."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._editing = deps.editing

    def routes(self) -> list[Route]:
        """Return the routes of the wording's pages."""
        path, page, action = "/sites/{key}/wording", self._guard.page, self._guard.action
        return [
            Route(path, page(self._form), methods=["GET"]),
            Route(path, action(self._save, FORM_SIZE), methods=["POST"]),
            Route(f"{path}/review", page(self._review), methods=["GET"]),
            Route(f"{path}/publish", action(self._publish), methods=["POST"]),
            Route(f"{path}/preview", page(self._preview), methods=["GET"]),
            # The preview's tag is the real one; what it asks for beside itself is the draft's.
            Route(f"{path}/draft/wording/{{site}}.json", page(self._words), methods=["GET"]),
            Route(f"{path}/draft/{{name}}.js", page(self._script), methods=["GET"]),
        ]

    async def _form(self, request: Request, session: Session) -> Response:
        site = self._deps.site(request)
        draft = await self._editing.draft(site)
        tag = _language(request.query_params.get("language", ""), draft)
        shelf = self._editing.shelf()
        context = WordingPage(
            shell=_shell("Wording", session, site),
            draft=draft,
            language=tag,
            direction=(await self._editing.shown(site, draft, tag))["direction"],
            sections=sections_of(self._editing.words(draft, tag)),
            purposes=words_of(self._editing.words(draft, tag), draft),
            shelf=shelf,
            placed={c: p["id"] for p in draft["purposes"] for c in p["columns"]},
            colours=colours_of(self._editing, draft),
            parts=SECTIONS,
            problems=await self._problems(draft),
            versions=tuple(await self._deps.book.versions(site)),
            saved="saved" in request.query_params,
            published="published" in request.query_params,
        )
        headers = {"Content-Security-Policy": FRAMING}
        return self._deps.pages.page("reports/wording/wording.html", context, headers=headers)

    async def _problems(self, draft: Draft) -> tuple[ProblemRow, ...]:
        return rows_of(await self._editing.check(draft), self._editing.shelf().languages)

    async def _save(self, request: Request, _session: Session, form: Form) -> Response:
        """Keep what was typed, and go where the pressed button leads."""
        site, wish = self._deps.site(request), form.get("do", "save")
        path = f"/sites/{site.key}/wording"
        if wish == "discard":
            await self._editing.drop(site)
            return RedirectResponse(f"{path}?saved", 303)
        tag = form.get("language", "")
        draft = await self._editing.change(
            site, lambda before: read_draft(form, before, self._editing, tag)
        )
        if wish == "keep":
            problems = await self._editing.check(draft)
            halves = colours_of(self._editing, draft)
            said = {one.mode: {"said": one.contrast, "good": one.is_good} for one in halves}
            return JSONResponse({"problems": len(problems), "contrasts": said})
        if wish == "review":
            return RedirectResponse(f"{path}/review", 303)
        shown = _language(form.get("show", ""), draft)
        anchor = "#preview" if wish == "preview" else ""
        return RedirectResponse(f"{path}?language={shown}&saved{anchor}", 303)

    async def _review(self, request: Request, session: Session) -> Response:
        site = self._deps.site(request)
        draft = await self._editing.draft(site)
        context = WordingReviewPage(
            shell=_shell("Review the wording", session, site, within=True),
            review=await self._editing.review(site, draft),
            problems=await self._problems(draft),
            stale="stale" in request.query_params,
            unanswered="unanswered" in request.query_params,
        )
        return self._deps.pages.page("reports/wording/wording_review.html", context)

    async def _publish(self, request: Request, session: Session, form: Form) -> Response:
        site = self._deps.site(request)
        path = f"/sites/{site.key}/wording"
        reviewed = form.get("fingerprint", "")
        try:
            await self._editing.publish(site, reviewed, asks_again=_asks_again(form))
        except Malformed as error:
            # The review says what is wrong: it changed meanwhile, or it cannot be published.
            why = "unanswered" if error.field == "meaning" else "stale"
            return RedirectResponse(f"{path}/review?{why}", 303)
        await self._guard.note_done(request, Act.POLICY_PUBLISHED, session.email, site.key)
        return RedirectResponse(f"{path}?published", 303)

    async def _preview(self, request: Request, _session: Session) -> Response:
        site = self._deps.site(request)
        draft = await self._editing.draft(site)
        tag = _language(request.query_params.get("language", ""), draft)
        context = WordingPreview(
            site_key=site.key, shown=await self._editing.shown(site, draft, tag)
        )
        # Without a referrer the tag's loading here counts as no page view of the site's.
        headers = {"Content-Security-Policy": FRAMED, "Referrer-Policy": "no-referrer"}
        return self._deps.pages.page(
            "reports/wording/wording_preview.html", context, headers=headers
        )

    async def _words(self, request: Request, _session: Session) -> Response:
        site = self._deps.site(request)
        draft = await self._editing.draft(site)
        query = request.query_params
        tag, layer = query.get("lang", "")[:35], query.get("layer", "")
        return JSONResponse(await self._editing.shown(site, draft, tag, layer))

    async def _script(self, request: Request, _session: Session) -> Response:
        name = request.path_params["name"]
        return RedirectResponse(f"/{name}.js" if name in SCRIPTS else "/tag.js", 307)


def _asks_again(form: Form) -> bool | None:
    """Return whether everybody is to be asked again, None where that was not said."""
    if form.get("meaning") in MEANINGS:
        return MEANINGS[form["meaning"]]
    return True if "asks_again" in form else None


def _shell(title: str, session: Session, site: Site, within: bool = False) -> Shell:
    return Shell(title, session.email, session.csrf, site.key, site.name, "wording", within)


def _language(wanted: str, draft: Draft) -> str:
    """Return the wanted language where it is turned on, else the default or the first."""
    tags = draft["languages"] or ["en"]
    default = draft["default_language"]
    return wanted if wanted in tags else default if default in tags else tags[0]
