"""The further cards of the overview, each from a question of its own."""

import asyncio
from dataclasses import dataclass

from reports.cards.depths import ScrollDepth, depths_of
from reports.cards.heat_map import HeatMap, heat_map
from reports.cards.vitals import Vital, vitals_of
from reports.cards.world_map import WorldMap, world_map
from reports.figures.figures import rows_of
from reports.questions.breakdown import breakdown
from reports.questions.cards.hours import hours
from reports.questions.cards.scroll import scroll
from reports.questions.cards.vitals import vitals
from reports.url.asking import Asked
from reports.url.report_view import ReportView
from reports.url.steps import shifts

_MOST_COUNTRIES = 300


@dataclass(frozen=True)
class MoreCards:
    """What the cards show that are no plain list."""

    world: WorldMap
    hours: HeatMap
    vitals: tuple[Vital, ...]
    """The measures that any load has."""
    scroll: ScrollDepth
    speed_href: str
    """The address of the speed of each page."""
    scroll_href: str
    """The address of the scroll depth of each page."""


async def more_cards(asked: Asked, view: ReportView) -> MoreCards:
    """Ask for what the cards show of a view's period."""
    scope, window = asked.scope(), view.period.window
    countries, week, speed, depth = await asyncio.gather(
        asked.ask(breakdown, scope, "country", _MOST_COUNTRIES, 0),
        asked.ask(hours, scope, shifts(window, view.period.zone, "day")),
        asked.ask(vitals, scope),
        asked.ask(scroll, scope),
    )
    return MoreCards(
        world=world_map(view, rows_of(countries, "visitors", 0)),
        hours=heat_map(week),
        vitals=vitals_of(speed),
        scroll=depths_of(depth.to_dict("records")[0]),
        speed_href=view.beside("/speed").with_(),
        scroll_href=view.beside("/scroll").with_(),
    )
