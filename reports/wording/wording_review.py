"""The page that says what publishing a draft changes, and publishing it."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.errors import Malformed
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.http.forms import Form
from reports.http.outcome import outcome
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.wording.fields import ProblemRow, problem_rows, shell_of
from reports.wording_editor import Meaning, Review


@dataclass(frozen=True)
class WordingReviewPage:
    """`wording_review.html`: what publishing the draft would change."""

    shell: Shell
    review: Review
    """The changes, language by language, and whether everybody is asked again."""
    problems: tuple[ProblemRow, ...]
    """Why the draft cannot be published."""
    stale: bool
    """Whether publishing failed just now: the draft was changed since, or has problems."""
    unanswered: bool
    """Whether publishing failed just now because nobody said what a purpose's new words mean."""


class WordingReviewHandler:
    """Serves `/sites/KEY/wording/review` and `/sites/KEY/wording/publish`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._editor = deps.wording_editor

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        path = "/sites/{key}/wording"
        return [
            Route(f"{path}/review", self._guard.page(self._page), methods=["GET"]),
            Route(f"{path}/publish", self._guard.action(self._publish), methods=["POST"]),
        ]

    async def _page(self, request: Request, session: Session) -> Response:
        site = self._deps.site(request)
        draft = await self._editor.draft(site)
        context = WordingReviewPage(
            shell=shell_of("Review the wording", session, site, within=True),
            review=await self._editor.review(site, draft),
            problems=await problem_rows(self._editor, draft),
            stale=bool(outcome(request, "stale")),
            unanswered=bool(outcome(request, "unanswered")),
        )
        return self._deps.pages.page("reports/wording/wording_review.html", context)

    async def _publish(self, request: Request, session: Session, form: Form) -> Response:
        site = self._deps.site(request)
        path = f"/sites/{site.key}/wording"
        reviewed = form.get("fingerprint", "")
        try:
            await self._editor.publish(site, reviewed, meaning=_meaning(form))
        except Malformed as error:
            # The review says what is wrong: it changed meanwhile, or it cannot be published.
            why = "unanswered" if error.field == "meaning" else "stale"
            return RedirectResponse(f"{path}/review?{why}", 303)
        await self._guard.note_done(request, Act.POLICY_PUBLISHED, session.email, site.key)
        return RedirectResponse(f"{path}?published", 303)


def _meaning(form: Form) -> Meaning:
    """Return what the owner says of the new words; without a reworded purpose it is a tick."""
    said = form.get("meaning")
    if said == "same":
        return "same"
    return "other" if said == "other" or "asks_again" in form else "not said"
