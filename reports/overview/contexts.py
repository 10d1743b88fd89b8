"""What the templates of the overview and of its lists see."""

from collections.abc import Mapping
from dataclasses import dataclass

from reports.charts.line_chart import Chart
from reports.choices.tally import TallyRow
from reports.figures.consent_rate import ConsentRate
from reports.figures.figures import Headline, Row
from reports.overview.answers import Answers
from reports.overview.lists import ListOf
from reports.query.links import Link, PeriodNav
from reports.shell import Shell


@dataclass(frozen=True)
class Card:
    """A list with its rows and the address of the whole of it."""

    list: ListOf
    rows: tuple[Row, ...]
    href: str


@dataclass(frozen=True)
class TabbedCard:
    """Lists of one card, of which the tab that is `current` is shown; the tabs are links."""

    key: str
    title: str
    tabs: tuple[Link, ...]
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class OverviewPage:
    """`overview.html`."""

    shell: Shell
    nav: PeriodNav
    compared: str
    headlines: tuple[Headline, ...]
    metrics: Mapping[str, Link]
    chart: Chart
    grains: tuple[Link, ...]
    cards: tuple[TabbedCard, ...]
    coverage: ConsentRate | None
    answers: Answers
    choices_href: str
    tally: tuple[TallyRow, ...]
    check_href: str
    zone: str
    is_empty: bool


@dataclass(frozen=True)
class ListPage:
    """`list.html`: one list in full; `newer` and `older` are '' at its ends."""

    shell: Shell
    nav: PeriodNav
    card: Card
    first_row: int
    back: str
    newer: str
    older: str
