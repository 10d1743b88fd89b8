"""The longer questions of an analyst: a funnel of five steps, cohorts, a flow."""

from collections.abc import Callable
from typing import Any

from askfirst.store.ledger.goals import Deed
from askfirst.store.warehouse.answering.page import Page
from askfirst.store.warehouse.warehouse import Warehouse
from benchmarks.warehouse.window import Asked
from reports.goals.asking import walks_through
from reports.paths.counting import flow_through, parts_of
from reports.questions.goals.matchers import matcher_of
from reports.questions.returning.cohorts import cohorts
from reports.questions.totals import totals

FUNNEL = tuple(matcher_of(Deed("page", f"/articles/{number}/*")) for number in (1, 2, 3, 4, 5))
"""The five pages that most views are of, in this order."""
PAGE = 1
"""The key of the page whose flow is asked for: the most viewed one."""
_DAY_MS = 86_400_000


def longer(warehouse: Warehouse, wanted: Asked) -> dict[str, Callable[[], Any]]:
    """Return what asks each question about a period, by its name."""
    scope = wanted.period

    def flow(page: Page) -> Any:
        visits = int(page.ask(totals, scope)["visits"].iloc[0])
        return flow_through(page, parts_of(scope, visits), PAGE, with_links=True)

    asked: dict[str, Callable[[Page], Any]] = {
        "funnel of five steps": lambda page: walks_through(page, scope, FUNNEL, 7 * _DAY_MS),
        "cohorts by weeks": lambda page: page.ask(cohorts, scope, "week", wanted.offsets),
        "flow of a page": flow,
    }
    return {name: _anew(warehouse, one) for name, one in asked.items()}


def _anew(warehouse: Warehouse, ask: Callable[[Page], Any]) -> Callable[[], Any]:
    return lambda: ask(warehouse.page())
