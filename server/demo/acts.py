"""What visitors of the demo do beside reading: forms, calls, letters, marked actions."""

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from collector.intake.wire_events import CustomEvent, FormSubmit, LinkClick
from server.demo.crowd import Odds
from server.demo.website import ARTICLES, BOOKS, MAIL, STORIES, TELEPHONE

Made = tuple[type[LinkClick | FormSubmit | CustomEvent], dict[str, Any]]
"""The kind of an event, and what only this event has."""


class _Act(NamedTuple):
    """Something that is done on a page with this probability, in one of these ways."""

    chance: float
    kind: type[LinkClick | FormSubmit | CustomEvent]
    ways: tuple[dict[str, Any], ...]


def _form(chance: float, name: str) -> _Act:
    return _Act(chance, FormSubmit, ({"form": name},))


_AMOUNTS = Odds(((5.0, 40), (10.0, 34), (25.0, 18), (50.0, 8)))
_DONATIONS = tuple(
    {"name": "donate", "props": {"way": way}, "currency": "GBP"} for way in ("card", "transfer")
)
_RESERVED = tuple(
    {"name": "reserve", "props": {"shelf": shelf, "title": title}}
    for shelf, titles in BOOKS.items()
    for title in titles
)
_HEARD = tuple(
    {"name": "listen", "props": {"seconds": seconds, "story": story}}
    for story, seconds in STORIES.items()
)
_OF_ARTICLES = (_Act(0.06, CustomEvent, _HEARD), _form(0.02, "newsletter"))
_ACTS: dict[str, tuple[_Act, ...]] = {
    "/": (_form(0.05, "newsletter"),),
    "/events": (_form(0.14, "booking"),),
    "/catalogue": (_Act(0.3, CustomEvent, _RESERVED),),
    "/support": (_Act(0.12, CustomEvent, _DONATIONS),),
    "/contact": (
        _Act(0.14, LinkClick, ({"link_url": f"mailto:{MAIL}", "link_kind": "mail"},)),
        _Act(0.09, LinkClick, ({"link_url": f"tel:{TELEPHONE}", "link_kind": "telephone"},)),
        _form(0.12, "message"),
    ),
    **dict.fromkeys(ARTICLES, _OF_ARTICLES),
}


def acts_on(path: str, made_by: random.Random) -> Iterator[Made]:
    """Yield what a visitor does on a page."""
    for act in _ACTS.get(path, ()):
        if made_by.random() < act.chance:
            fields = act.ways[int(made_by.random() * len(act.ways))]
            yield (
                act.kind,
                ({**fields, "amount": _AMOUNTS.draw(made_by)} if "currency" in fields else fields),
            )
