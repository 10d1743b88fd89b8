"""The cards below the chart of the overview, which are asked for and sent after the rest of it."""

import asyncio
from dataclasses import dataclass

from reports.cards.more_cards import MoreCards, more_cards
from reports.dependencies import Dependencies
from reports.overview.card_rows import rows_of_cards
from reports.overview.cards import Card, cards_of
from reports.overview.found import Head, kept_of, others_of
from reports.overview.view import View
from reports.url.asking import Asked, continued
from reports.url.links import Link


@dataclass(frozen=True)
class Lists:
    """What stands below the chart."""

    cards: tuple[Card, ...]
    """The cards, each with the list that its tab shows."""
    further: MoreCards
    """The cards that are no plain list."""


@dataclass(frozen=True)
class ListsPage:
    """`lists.html`: the cards below the chart, sent after the rest of the page."""

    lists: Lists | None
    """The cards; None where they cannot be told."""
    fault: str
    """Why they cannot be told, or ''."""
    zone: str
    way: Link
    """What to do next where a card has nothing to show; its fields may be ''."""
    href: str
    """The address of the page."""


async def lists_of(deps: Dependencies, view: View, head: Head) -> Lists:
    """Ask for the lists, which go on from what was found for the head."""

    async def found(asked: Asked) -> Lists:
        scope = head.scope if asked is head.asked else await kept_of(view, asked)
        frames, further = await asyncio.gather(
            rows_of_cards(asked, scope, view.tabs, view.measure), more_cards(asked, view, scope)
        )
        return Lists(cards_of(view, frames, head.now, head.way), further)

    return await continued(deps, view, head.asked, found, *others_of(view))
