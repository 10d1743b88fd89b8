"""How often was each of some pages viewed on each UTC day?"""

from typing import Any

from askfirst.clock import DAY_MS
from askfirst.store.warehouse.compiled import Text
from askfirst.store.warehouse.logical.events import VIEW, events_of
from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.tables import stored


def page_days(scope: Scope, paths: tuple[Text, ...]) -> Any:
    """Return name (a path), day (UTC, days since 1970-01-01) and views, where there are any."""
    events, texts = events_of(scope), stored("texts")
    views = events.filter(events.kind == VIEW).select("path", day=int64(events.time // DAY_MS))
    named = texts.filter(texts.column == "path", texts.text.isin(paths)).select("id", name="text")
    joined = views.inner_join(named, views.path == named.id)
    return joined.group_by("name", "day").agg(views=int64(joined.count()))
