"""How often was each of some pages viewed on each UTC day?"""

from typing import Any

from askfirst.clock import DAY_MS
from askfirst.store.warehouse.compiled import Text
from askfirst.store.warehouse.logical.events import VIEW, events_of
from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.tables import stored
from reports.questions.loaded import loaded_views


def page_days(scope: Scope, paths: tuple[Text, ...], left_out: bool = False) -> Any:
    """Return name (a path), day (UTC, days since 1970-01-01) and views, where there are any.

    With `left_out` those of counted loads that the reports leave out, of the number under which a
    site keeps them.
    """
    events, texts = events_of(scope), stored("texts")
    found = loaded_views(events, scope.site_id) if left_out else events.filter(events.kind == VIEW)
    views = found.select("path", day=int64(found.time // DAY_MS))
    named = texts.filter(texts.column == "path", texts.text.isin(paths)).select("id", name="text")
    joined = views.inner_join(named, views.path == named.id)
    return joined.group_by("name", "day").agg(views=int64(joined.count()))
