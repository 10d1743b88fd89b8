"""How often were pages viewed in each language on each UTC day?"""

from typing import Any

from askfirst.clock import DAY_MS
from askfirst.store.warehouse.logical.events import (
    VIEW,
    events_of,
    profiles_of_visits,
    with_profile,
)
from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.texts import texts_of
from askfirst.store.warehouse.tables import stored
from reports.questions.loaded import loaded_views


def language_days(scope: Scope, left_out: bool = False) -> Any:
    """Return name (a language with its region, or ''), day (UTC, since 1970-01-01) and views.

    With `left_out` those of counted loads that the reports leave out, of the number under which a
    site keeps them.
    """
    spoken = _left_out(scope) if left_out else _counted(scope)
    texts = texts_of("language")
    named = spoken.left_join(texts, spoken.language == texts.id)
    return named.group_by(name=named.text.fill_null(""), day=named.day).agg(
        views=int64(named.views.sum())
    )


def _counted(scope: Scope) -> Any:
    events = events_of(scope)
    views = events.filter(events.kind == VIEW)
    days = views.group_by("visit", "visitor", "profile", day=int64(views.time // DAY_MS))
    known = with_profile(days.agg(views=int64(views.count())), profiles_of_visits(scope.site_id))
    return known.inner_join(stored("profiles").select("profile", "language"), "profile")


def _left_out(scope: Scope) -> Any:
    views = loaded_views(events_of(scope), scope.site_id)
    days = views.group_by("language", day=int64(views.time // DAY_MS))
    return days.agg(views=int64(views.count()))
