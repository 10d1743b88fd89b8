"""Asks the questions of a report about its segment, whose visits are found once for all of them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import pandas as pd

from askfirst.errors import TookTooLong
from askfirst.store.warehouse.answering.page import Page
from askfirst.store.warehouse.compiled import Question
from askfirst.store.warehouse.filters.matching import keep_matching, narrowed
from reports.dependencies import Dependencies
from reports.questions.figures_by.columns import By, Listing
from reports.questions.figures_by.figures_by import figures_by
from reports.questions.figures_by.in_parts import keep_counted
from reports.questions.scope import Scope, Summarised
from reports.url.periods import Window
from reports.url.report_query import ReportQuery, scope_of
from reports.url.report_view import ReportView

T = TypeVar("T")


async def in_time(answer: Awaitable[T]) -> T | None:
    """Return an answer, or None where the warehouse took too long for it."""
    try:
        return await answer
    except TookTooLong:
        return None


class Asked:
    """Answers questions about a view. `page` is the warehouse's, for what questions share.

    `known` is how far the summaries of the site went when it was made.
    """

    def __init__(self, page: Page, view: ReportView, known: Summarised) -> None:
        self.page = page
        self._view = view
        self._found: Window | None = None
        self.known = known
        self._running: set[asyncio.Task[pd.DataFrame]] = set()

    def scope(self, window: Window | None = None) -> Scope:
        """Return the scope of a window, or of the view's period, on the view's segment.

        Raises `LookupError` where the segment's visits in the window were not looked for.
        """
        view, window = self._view, window or self._view.period.window
        whole = scope_of(view.site, window, self.known)
        if not view.is_filtered:
            return whole
        found = self._found
        if found is None or window.start < found.start or window.end > found.end:
            raise LookupError("Visits of a filter are looked for before a window is asked about.")
        return narrowed(whole, view.segment)

    async def ask(self, question: Question, *values: Any) -> pd.DataFrame:
        """Answer a question in a thread, which goes on where nobody waits for it any more."""
        return await self._in_thread(self.page.ask, question, *values)

    async def figures_by(
        self, scope: Scope, by: By, wanted: Listing, limit: int, offset: int = 0
    ) -> pd.DataFrame:
        """Answer `figures_by`, part by part where the scope is long."""

        def found() -> pd.DataFrame:
            counted = keep_counted(self.page, scope, by)
            return self.page.ask(figures_by, counted, by, wanted, limit, offset)

        return await self._in_thread(found)

    async def _in_thread(self, ask: Callable[..., pd.DataFrame], *values: Any) -> pd.DataFrame:
        task = asyncio.create_task(asyncio.to_thread(ask, *values))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def settled(self) -> None:
        """Return when no question is being answered: one may have failed before the others."""
        await asyncio.gather(*self._running, return_exceptions=True)

    def find_visits(self, windows: Sequence[Window]) -> None:
        """Find the visits of the segment in windows; it blocks."""
        view = self._view
        start = min(window.start for window in windows)
        end = max(window.end for window in windows)
        self._found = Window(start, end)
        keep_matching(self.page, scope_of(view.site, self._found, self.known), view.segment)


async def answered(
    deps: Dependencies,
    view: ReportView,
    answer: Callable[[Asked], Awaitable[T]],
    *others: Window,
) -> T:
    """Return what `answer` makes of the questions of a view.

    `others` are windows that it asks about beside the view's period. It may be called again, as
    `ReportQuery.answered` says.
    """

    async def once(known: Summarised) -> T:
        return await _settled(await _begun(deps, view, known, others), answer)

    return await ReportQuery(deps).answered(view.site, once)


async def continued(
    deps: Dependencies,
    view: ReportView,
    asked: Asked,
    answer: Callable[[Asked], Awaitable[T]],
    *others: Window,
) -> T:
    """Return what `answer` makes of further questions, with what `asked` has found already.

    Where summaries have changed since, it is called with another `Asked`, as by `answered`.
    """

    async def once(known: Summarised) -> T:
        same = known == asked.known
        return await _settled(asked if same else await _begun(deps, view, known, others), answer)

    return await ReportQuery(deps).answered(view.site, once)


async def _settled(asked: Asked, answer: Callable[[Asked], Awaitable[T]]) -> T:
    """Return the answer; where it fails, only once no thread reads for it any more."""
    try:
        return await answer(asked)
    finally:
        await asked.settled()


async def _begun(
    deps: Dependencies, view: ReportView, known: Summarised, others: Sequence[Window]
) -> Asked:
    asked = Asked(deps.warehouse.page(view.site.id), view, known)
    if view.is_filtered:
        await asyncio.to_thread(asked.find_visits, (view.period.window, *others))
    return asked
