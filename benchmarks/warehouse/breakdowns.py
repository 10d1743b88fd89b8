"""Every breakdown and every operator of filters, each asked alone, and SQL by hand beside lists."""

from collections.abc import Callable
from functools import partial
from typing import Any

from askfirst.columns import KINDS
from askfirst.store.ledger.goals import Deed
from askfirst.store.warehouse.answering.page import Page
from askfirst.store.warehouse.engine import Value
from askfirst.store.warehouse.filters.conditions import Condition, Segment
from askfirst.store.warehouse.filters.matching import keep_matching, narrowed
from askfirst.store.warehouse.logical.fulfilled import Test
from askfirst.store.warehouse.warehouse import Warehouse
from benchmarks.load.warehouse_rows import SITE
from benchmarks.warehouse.hand_sql import used
from benchmarks.warehouse.window import Asked
from reports.overview.dimensions import DIMENSIONS
from reports.paths.counting import most_used
from reports.questions.cards.hours import hours
from reports.questions.cards.scroll import scroll, scroll_by_page
from reports.questions.cards.vitals import vitals, vitals_by_page
from reports.questions.figures_by.actions import amounts, properties
from reports.questions.figures_by.columns import By, listing
from reports.questions.figures_by.figures_by import figures_by
from reports.questions.figures_by.in_parts import keep_counted
from reports.questions.goals.matchers import sought_by
from reports.questions.returning.between_visits import between_visits
from reports.questions.returning.visits_each import visits_each
from reports.questions.totals import totals
from reports.questions.visitors import visitors

ROWS = 100
PATH_STEPS = "3"
ANY_EVENT = Test("event_name", "has_text", (), holds_of_nothing=False)
_GOAL = sought_by(Deed("page", "/articles/1/*"))
FILTERS: dict[str, tuple[Condition, ...]] = {
    "is": (Condition("browser", "is", ("Chrome",)),),
    "is not": (Condition("country", "is_not", ("AB",)),),
    "one of": (Condition("country", "one_of", ("AB", "CD", "EF")),),
    "contains": (Condition("path", "contains", ("/articles/12",)),),
    "starts with": (Condition("entry", "starts_with", ("/articles/1",)),),
    "matches": (Condition("path", "matches", ("^/articles/[0-9]{2}/",)),),
    "is empty": (Condition("utm_campaign", "is_empty", ()),),
    "is not empty": (Condition("utm_campaign", "is_not_empty", ()),),
    "number is": (Condition("status", "is", ("404",)),),
    "at least": (Condition("screen_width", "at_least", ("1200",)),),
    "at most": (Condition("screen_width", "at_most", ("1200",)),),
    "between": (Condition("screen_height", "between", ("600", "900")),),
    "goal reached": (Condition("goal", "reached", ("1",), _GOAL),),
    "goal not reached": (Condition("goal", "not_reached", ("1",), _GOAL),),
    "three together": (
        Condition("browser", "is", ("Chrome",)),
        Condition("country", "is_not", ("AB",)),
        Condition("path", "contains", ("/articles/1",)),
    ),
}
"""Conditions by their operators, on texts of events, of profiles and of visits, and on numbers."""
Asking = tuple[Callable[[], Any], Callable[[], Any] | None]
"""What asks a question through our layers, and as SQL by hand, where there is any."""


def breakdowns(warehouse: Warehouse, wanted: Asked) -> dict[str, Asking]:
    """Return what asks each question about a period, by its name; each answers as rows."""
    scope = wanted.period

    def list_of(by: By) -> Any:
        page = warehouse.page()
        counted = keep_counted(page, scope, by)
        return page.ask(figures_by, counted, by, listing("visitors"), ROWS)

    def filtered(conditions: tuple[Condition, ...]) -> Any:
        page, segment = warehouse.page(), Segment(conditions)
        keep_matching(page, scope, segment)
        return page.ask(totals, narrowed(scope, segment))

    cards = {name: (partial(_card, warehouse, ask, scope), None) for name, ask in _CARDS.items()}
    lists = {
        f"list of {key}": (partial(list_of, one.by), _by_hand(warehouse, wanted, one.by))
        for key, one in DIMENSIONS.items()
    }
    others: dict[str, Asking] = {
        "hour by weekday": (lambda: warehouse.page().ask(hours, scope, wanted.offsets), None),
        **{f"filter: {name}": (partial(filtered, one), None) for name, one in FILTERS.items()},
    }
    return {**lists, **cards, **others}


_CARDS: dict[str, Callable[[Page, Any], Any]] = {
    "amounts of events": lambda page, scope: page.ask(amounts, scope),
    "properties of events": lambda page, scope: page.ask(properties, scope, ANY_EVENT, ROWS),
    "web vitals": lambda page, scope: page.ask(vitals, scope),
    "web vitals by page": lambda page, scope: page.ask(vitals_by_page, scope, ROWS),
    "scroll depth": lambda page, scope: page.ask(scroll, scope),
    "scroll depth by page": lambda page, scope: page.ask(scroll_by_page, scope, ROWS),
    "used paths": lambda page, scope: most_used(page, scope, PATH_STEPS, True, ROWS),
    "days between visits": lambda page, scope: page.ask(between_visits, scope),
    "visits a visitor": lambda page, scope: page.ask(visits_each, scope),
    "visitors": lambda page, scope: page.ask(visitors, scope, ROWS),
}


def _card(warehouse: Warehouse, ask: Callable[[Page, Any], Any], scope: Any) -> Any:
    return ask(warehouse.page(), scope)


_LIST = """
SELECT coalesce(text, '') AS name, visitors, views FROM (
    SELECT {column} AS id, count(DISTINCT visitor) AS visitors, count(*) AS views FROM events
    WHERE site = $site AND time >= $start AND time < $end AND kind = $kind {more} GROUP BY id
) LEFT JOIN (SELECT id, text FROM texts WHERE "column" = $dictionary) USING (id)
ORDER BY visitors DESC, name LIMIT $rows
"""
_LINKS = """AND link_kind IN (SELECT id FROM texts WHERE "column" = 'link_kind' AND text = $link)"""


def _by_hand(warehouse: Warehouse, wanted: Asked, by: By) -> Callable[[], Any] | None:
    """Return what asks for visitors and views alone of a list that events have a column of."""
    if by.kept != "event" or by.section or by.marks_visits or warehouse.dialect != "duckdb":
        return None
    more = "AND status = 404" if by.not_found else _LINKS if by.where else ""
    values: dict[str, Value] = {
        "site": SITE,
        "start": wanted.period.start,
        "end": wanted.period.end,
        "kind": KINDS.index(by.kind),
        "dictionary": by.dictionary,
        "rows": ROWS,
        "link": str(by.where[0].values[0]) if by.where else "",
    }
    sql = _LIST.format(column=by.column, more=more)
    return partial(warehouse.answer, sql, used(sql, values))


def same_rows(ours: Any, by_hand: Any) -> bool:
    """Return whether two lists have the same names with the same visitors and views."""
    columns = ["name", "visitors", "views"]
    return bool(ours[columns].to_numpy().tolist() == by_hand[columns].to_numpy().tolist())
