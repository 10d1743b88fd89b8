"""The steps of visits: pages and links that lead out of the site, in their order.

A step is a number, so that both kinds stand in one column: the key of a path plus 1, or the key of
a link's address, negative and less 1. So 0 is no step: what comes before the first and after the
last (ClickHouse has 0 where a window has no row).
"""

from typing import Any

import ibis

from askfirst.store.warehouse.logical.events import (
    CLICK,
    VIEW,
    Visitors,
    all_events_between,
    among,
)
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.texts import texts_of
from askfirst.store.warehouse.logical.visits import starts_between
from askfirst.store.warehouse.tables import LASTS_AT_MOST

NOTHING = 0
"""The step before the first of a visit, and after its last."""


def step_of_page(key: int) -> int:
    """Return the step that is a view of the page whose path has this key."""
    return key + 1


def text_key(step: int) -> tuple[str, int]:
    """Return the column of texts, and the key in it, that a step stands for."""
    return ("path", step - 1) if step > 0 else ("link_url", -step - 1)


def steps_of(scope: Scope, visits: Any, *, with_links: bool, some: Visitors = None) -> Any:
    """Return visit, visitor, step, time and id (as a text) of the steps of these visits, whole.

    Time puts them in order, and of steps at the same time their ids do, as texts.
    `with_links` says whether clicks on links that lead out are steps, too. `some` are their
    visitors, where these are some of many.
    """
    events = among(_events(scope), some)
    # Each visit stands there once. A semi-join would build its table of the events, which are many.
    mine = events.inner_join(visits.select("visit"), "visit")
    is_view = mine.kind == VIEW
    if not with_links:
        return _rows(mine.filter(is_view), mine.path.cast("int64") + 1)
    kinds = texts_of("link_kind")
    within = kinds.filter(kinds.text == "internal")
    mine = mine.filter(is_view | (mine.kind == CLICK))
    mine = mine.anti_join(within, mine.link_kind == within.id)  # a view is no link of any kind
    page, link = mine.path.cast("int64") + 1, -mine.link_url.cast("int64") - 1
    return _rows(mine, (mine.kind == VIEW).ifelse(page, link))


def begun_with(scope: Scope, page: Any) -> Any:
    """Return the visits (visit) that began in a scope and have a view of a page, by its key."""
    return begun(scope).semi_join(views_of(scope, page), "visit")


def views_of(scope: Scope, page: Any) -> Any:
    """Return the views of a page, by its key, in a scope and while its visits last."""
    events = _events(scope)
    return events.filter(events.kind == VIEW, events.path == page)


def begun(scope: Scope) -> Any:
    """Return the visits (visit) that began in a scope."""
    return starts_between(scope, scope.start, scope.end).select("visit")


def _events(scope: Scope) -> Any:
    return all_events_between(scope, scope.start, ibis.literal(scope.end) + LASTS_AT_MOST)


def _rows(events: Any, step: Any) -> Any:
    return events.select("visit", "visitor", "time", step=step, id=events.event_id.cast("string"))
