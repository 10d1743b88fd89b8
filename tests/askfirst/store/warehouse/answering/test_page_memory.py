"""What a page has found leaves memory with it: no collection of cycles has to come first."""

import gc
import weakref
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from askfirst.local_days import day_start, local_day
from askfirst.store.warehouse.answering.page import Page
from askfirst.store.warehouse.filters.conditions import Condition, Segment
from askfirst.store.warehouse.filters.matching import keep_matching, narrowed
from askfirst.store.warehouse.logical.opened import keep_opened
from askfirst.store.warehouse.logical.scope import Scope, scope_between
from askfirst.store.warehouse.warehouse import Warehouse
from reports.questions.figures_by.columns import By, listing
from reports.questions.figures_by.figures_by import figures_by
from reports.questions.figures_by.in_parts import keep_counted
from reports.questions.lists import lists
from reports.questions.totals import totals
from tests.askfirst.conftest import NOON, events

KEPT = ("all", "path", "browser")


def _opened(page: Page, scope: Scope) -> None:
    kept = keep_opened(page, scope, KEPT)
    page.rows(totals, kept)
    page.rows(lists, kept, KEPT[1:], 10)


def _filtered(page: Page, scope: Scope) -> None:
    segment = Segment((Condition("browser", "is", ("A",)),))
    keep_matching(page, scope, segment)
    page.rows(totals, narrowed(scope, segment))


def _counted(page: Page, scope: Scope) -> None:
    by = By("path")
    page.rows(figures_by, keep_counted(page, scope, by), by, listing(), 10)


def _kept_and_never_asked(page: Page, scope: Scope) -> None:
    page.keep("unread", totals, scope)


@pytest.mark.parametrize("ask", [_opened, _filtered, _counted, _kept_and_never_asked])
def test_a_page_and_its_rows_are_gone_as_soon_as_it_is_left(
    tmp_path: Path, ask: Callable[[Page, Scope], None]
):
    with closing(Warehouse(tmp_path / "warehouse.duckdb")) as warehouse:
        warehouse.append(events({"event_id": "e", "path": "/", "browser": "A"}), "j", 1)
        end = day_start(local_day(NOON, "UTC") + 1, "UTC")
        scope = scope_between(1, end - 604_800_000, end, "UTC", warehouse.summarised(1))
        gc.collect()
        gc.disable()
        try:
            page = warehouse.page(1)
            ask(page, scope)
            left = weakref.ref(page)
            del page
            assert left() is None
        finally:
            gc.enable()
