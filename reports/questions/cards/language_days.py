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


def language_days(scope: Scope, excluded: bool = False) -> Any:
    """Return name (a language with its region, or ''), day (UTC, since 1970-01-01) and views.

    With `excluded` those that rules for the reports leave out, of the number under which a site
    keeps what is left out.
    """
    events = events_of(scope)
    views = events.filter(events.kind == VIEW)
    if excluded:
        views = views.filter(views.excluded > 0)
    days = views.group_by("visit", "visitor", "profile", day=int64(views.time // DAY_MS))
    known = with_profile(days.agg(views=int64(views.count())), profiles_of_visits(scope.site_id))
    spoken = known.inner_join(stored("profiles").select("profile", "language"), "profile")
    texts = texts_of("language")
    named = spoken.left_join(texts, spoken.language == texts.id)
    return named.group_by(name=named.text.fill_null(""), day=named.day).agg(
        views=int64(named.views.sum())
    )
