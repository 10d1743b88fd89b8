"""Asks for the walks through a funnel, and for the visits of chosen visitors; all of it blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from askfirst.store.warehouse.logical.scope import Scope, raw
from reports.goals.walks import Ints, Walks, tied_times, walks_of
from reports.questions.goals.chosen import of_chosen
from reports.questions.goals.matchers import Matcher
from reports.questions.goals.steps import step_events, tied_events

if TYPE_CHECKING:
    from askfirst.store.warehouse.answering.page import Page


def walks_through(page: Page, scope: Scope, matchers: tuple[Matcher, ...], within_ms: int) -> Walks:
    """Return the walks of every visitor of a scope through these steps."""
    events = page.rows(step_events, raw(scope), matchers, not within_ms)
    times, tied = tied_times(events), None
    if times.num_rows:
        page.keep_rows("tied", times)
        tied = page.rows(tied_events, raw(scope), matchers)
    return walks_of(events, tied, len(matchers), within_ms)


def keep_chosen(page: Page, visitors: Ints) -> None:
    """Choose visitors, by their keys, for a page."""
    page.keep_rows("chosen", pa.table({"visitor": pa.array(visitors, pa.int64()).cast(pa.int32())}))


def find_chosen(page: Page, scope: Scope) -> Scope:
    """Return the scope of the visits of a page's chosen visitors."""
    return of_chosen(page, raw(scope))
