"""How far down were pages seen?"""

from typing import Any

import ibis

from askfirst.columns import KINDS
from askfirst.store.warehouse.logical.events import events_of
from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.texts import with_texts

READING = KINDS.index("engagement")
DEPTHS = (25, 50, 75, 100)
"""The depths of which it is told how many views reached them, in per cent."""


def scroll(scope: Scope) -> Any:
    """Return one row: views (of which the depth is known), depth (their sum), and a count a depth.

    The notes of a view say from where to where it was seen, so each view passes a depth once:
    `reached_25` and so on count the notes in which that happened.
    """
    notes = _notes(scope)
    return notes.agg(**_figures(notes))


def scroll_by_page(scope: Scope, limit: int, offset: int = 0) -> Any:
    """Return the same a page, the most views first; name is its path."""
    notes = _notes(scope)
    pages = notes.group_by("path").agg(**_figures(notes))
    named = with_texts(pages, {"path": ("path", "path")}).rename(name="path")
    known = named.filter(named.views > 0)
    return known.order_by(ibis.desc("views"), "name").limit(limit, offset=offset)


def _notes(scope: Scope) -> Any:
    events = events_of(scope)
    return events.filter(events.kind == READING, events.scroll > events.scroll_from)


def _figures(notes: Any) -> dict[str, Any]:
    before, after = notes.scroll_from, notes.scroll
    counted = {
        "views": (before == 0).ifelse(1, 0),
        "depth": after - before,
        **{
            f"reached_{depth}": ((before < depth) & (after >= depth)).ifelse(1, 0)
            for depth in DEPTHS
        },
    }
    return {name: int64(one.sum().fill_null(0)) for name, one in counted.items()}
