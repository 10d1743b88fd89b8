"""Visitors who are chosen for a page, such as those who reached a goal, and all of their visits.

A page keeps the relation `chosen`, and then the visits as the relation `matched`: whatever is asked
after that of the scope that `of_chosen` returns is about these visitors alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ibis

from askfirst.store.warehouse.logical.scope import Scope, matched
from askfirst.store.warehouse.logical.seen import closed_visits, open_visits
from reports.questions.goals.done import done
from reports.questions.goals.matchers import Matcher

if TYPE_CHECKING:
    from askfirst.store.warehouse.answering.page import Page

CHOSEN = {"visitor": "int32"}


def who_did(scope: Scope, matchers: tuple[Matcher, ...]) -> Any:
    """Return the visitors (visitor, each once) with an event that fits a matcher."""
    return done(scope, matchers).select("visitor").distinct()


def visits_of_chosen(scope: Scope) -> Any:
    """Return the visits (visit, each once) of chosen visitors.

    They are those with an event in the scope, and maybe others of the days beside it.
    """
    found = (closed_visits(scope, scope.start, scope.end), open_visits(scope))
    visits = ibis.union(*(one.select("visit", "visitor") for one in found))
    return visits.semi_join(ibis.table(CHOSEN, name="chosen"), "visitor").select("visit")


def of_chosen(page: Page, scope: Scope) -> Scope:
    """Find the visits of a page's chosen visitors, and return the scope of these; it blocks.

    It takes the place of `matched`: what is asked of other scopes has to be asked before.
    """
    page.keep("matched", visits_of_chosen, scope)
    return replace(matched(scope), only=scope.only)
