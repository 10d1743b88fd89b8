"""The page on which the owner edits the draft of a site's wording."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from askfirst.store.ledger.sites.policies import Policy
from askfirst.web.pages import FRAMING
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.http.forms import Form
from reports.http.outcome import outcome
from reports.shell import Shell
from reports.staff.guard import Guard
from reports.wording.fields import (
    SECTIONS,
    Colours,
    ProblemRow,
    PurposeFields,
    WordSection,
    colours_of,
    problem_rows,
    purposes_of,
    sections_of,
    shell_of,
    shown_language,
)
from reports.wording.form import read_draft
from reports.wording_editor import Draft, WordingOptions

FORM_SIZE = 8  # the words of a language and all facts are one form


@dataclass(frozen=True)
class WordingPage:
    """`wording.html`: a draft, the words of one of its languages, and what is wrong with it."""

    shell: Shell
    draft: Draft
    """The facts of the draft."""
    changed: bool
    """Whether the draft is another wording than the one in force."""
    language: str
    """The tag of the language whose words are edited."""
    direction: str
    """The direction in which that language is written, `ltr` or `rtl`."""
    sections: tuple[WordSection, ...]
    """The words of the banner in that language."""
    purposes: tuple[PurposeFields, ...]
    """The purposes, with their words in that language."""
    options: WordingOptions
    """What there is to choose from: languages, columns, consent managers."""
    placed: Mapping[str, str]
    """The id of the purpose for which each column is recorded."""
    colours: tuple[Colours, ...]
    """The banner's colours, for light and for dark screens."""
    parts: Mapping[str, str]
    """The titles of the form's sections by their anchors."""
    problems: tuple[ProblemRow, ...]
    """Why the draft cannot be published."""
    versions: tuple[Policy, ...]
    """The published versions, newest first."""
    untold: tuple[str, ...]
    """What this release can record and the published version does not tell of."""
    saved: bool
    """Whether the draft was kept just now, which the page confirms."""
    published: bool
    """Whether the draft was published just now, which the page confirms."""


class WordingHandler:
    """Serves `/sites/KEY/wording`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._editor = deps.wording_editor

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        path = "/sites/{key}/wording"
        return [
            Route(path, self._guard.page(self._form), methods=["GET"]),
            Route(path, self._guard.action(self._save, FORM_SIZE), methods=["POST"]),
        ]

    async def _form(self, request: Request, session: Session) -> Response:
        site = self._deps.site(request)
        draft = await self._editor.draft(site)
        tag = shown_language(request.query_params.get("language", ""), draft)
        options = self._editor.options()
        context = WordingPage(
            shell=shell_of("Wording", session, site),
            draft=draft,
            changed=self._editor.is_changed(site, draft),
            language=tag,
            direction=(await self._editor.shown(site, draft, tag))["direction"],
            sections=sections_of(self._editor.words(draft, tag)),
            purposes=purposes_of(self._editor.words(draft, tag), draft),
            options=options,
            placed={c: p["id"] for p in draft["purposes"] for c in p["columns"]},
            colours=colours_of(self._editor, draft),
            parts=SECTIONS,
            problems=await problem_rows(self._editor, draft),
            versions=tuple(await self._deps.book.versions(site)),
            untold=tuple(self._editor.untold(site)),
            saved=bool(outcome(request, "saved")),
            published=bool(outcome(request, "published")),
        )
        headers = {"Content-Security-Policy": FRAMING}
        return self._deps.pages.page("reports/wording/wording.html", context, headers=headers)

    async def _save(self, request: Request, _session: Session, form: Form) -> Response:
        """Keep what was typed, and go where the pressed button leads."""
        site, action = self._deps.site(request), form.get("do", "save")
        path = f"/sites/{site.key}/wording"
        if action == "discard":
            await self._editor.drop(site)
            return RedirectResponse(f"{path}?saved", 303)
        tag = form.get("language", "")
        draft = await self._editor.change(
            site, lambda before: read_draft(form, before, self._editor, tag)
        )
        if action == "keep":
            problems = await self._editor.check(draft)
            halves = colours_of(self._editor, draft)
            said = {one.mode: {"said": one.contrast, "good": one.is_good} for one in halves}
            return JSONResponse({"problems": len(problems), "contrasts": said})
        if action == "review":
            return RedirectResponse(f"{path}/review", 303)
        shown = shown_language(form.get("show", ""), draft)
        anchor = "#preview" if action == "preview" else ""
        return RedirectResponse(f"{path}?language={shown}&saved{anchor}", 303)
