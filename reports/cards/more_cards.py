"""The further cards of the overview, each from a question of its own."""

import asyncio
from dataclasses import dataclass

from reports.cards.depths import ScrollDepth, depths_of
from reports.cards.empty_words import FILTERED
from reports.cards.heat_map import HeatMap, heat_map
from reports.cards.vitals import Vital, vitals_of
from reports.cards.world_map import WorldMap, world_map
from reports.figures.figures import rows_of
from reports.questions.breakdown import breakdown
from reports.questions.cards.hours import hours
from reports.questions.cards.scroll import scroll
from reports.questions.cards.vitals import vitals
from reports.questions.scope import Scope
from reports.url.asking import Asked, in_time
from reports.url.report_view import ReportView
from reports.url.steps import shifts

COUNTRY = "country"
"""The dimension of the world map."""
_MOST_COUNTRIES = 300


@dataclass(frozen=True)
class MoreCards:
    """What the cards show that are no plain list; None where the warehouse took too long for it."""

    world: WorldMap | None
    hours: HeatMap | None
    vitals: tuple[Vital, ...] | None
    """The measures that any load has."""
    scroll: ScrollDepth | None
    speed_href: str
    """The address of the speed of each page."""
    scroll_href: str
    """The address of the scroll depth of each page."""
    again: str
    """The address that asks for all of it again."""
    filtered: str
    """What is said where a card is empty because of filters; '' without any."""


async def more_cards(asked: Asked, view: ReportView, kept: Scope) -> MoreCards:
    """Ask for what the cards show of a view's period.

    `kept` is its scope for which the page has kept what the open part adds to countries.
    """
    scope, window = asked.scope(), view.period.window
    countries, week, speed, depth = await asyncio.gather(
        in_time(asked.ask(breakdown, kept, COUNTRY, _MOST_COUNTRIES, 0)),
        in_time(asked.ask(hours, scope, shifts(window, view.period.zone, "day"))),
        in_time(asked.ask(vitals, scope)),
        in_time(asked.ask(scroll, scope)),
    )
    return MoreCards(
        world=None if countries is None else world_map(view, rows_of(countries, "visitors", 0)),
        hours=None if week is None else heat_map(week),
        vitals=None if speed is None else vitals_of(speed),
        scroll=None if depth is None else depths_of(depth.to_dict("records")[0]),
        speed_href=view.beside("/speed").with_(),
        scroll_href=view.beside("/scroll").with_(),
        again=view.address.with_(),
        filtered=FILTERED if view.is_filtered else "",
    )
