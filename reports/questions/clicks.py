"""Which links were clicked, how often and by how many visitors?"""

from typing import Any

import ibis

from askfirst.store.warehouse.logical.events import CLICK, events_of, place_of
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.texts import nearest, with_texts
from reports.questions.breakdown import counts_by_value, lead_of


def clicks(scope: Scope, limit: int, offset: int = 0) -> Any:
    """Return a row a link: name (its address), kind (of its last click), amount and visitors."""
    shown = nearest(counts_by_value(scope, "link"), lead_of("link"), limit, offset)
    events = events_of(scope)
    events = events.filter(events.kind == CLICK)
    clicked = events.semi_join(shown, events.link_url == shown.value)
    kinds = clicked.group_by("link_url").agg(kind_key=clicked.link_kind.argmax(place_of(clicked)))
    joined = shown.inner_join(kinds, shown.value == kinds.link_url).drop("link_url")
    named = with_texts(joined, {"name": ("value", "link_url"), "kind": ("kind_key", "link_kind")})
    return named.order_by(ibis.desc("amount"), "name").limit(limit, offset=offset)
