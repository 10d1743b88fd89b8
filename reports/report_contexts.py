"""What the templates see of the pages that read the warehouse: one frozen dataclass a template."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reports.charts.line_chart import Chart
from reports.choices.chart import StackedChart
from reports.choices.figures import ChoiceRow, Floored
from reports.choices.table import Lines
from reports.choices.tally import TallyRow
from reports.contexts import Shell
from reports.figures.consent_rate import Coverage
from reports.figures.figures import Headline, Row
from reports.overview.answers import Answers
from reports.overview.lists import ListOf
from reports.query.links import Link, PeriodNav
from reports.visitors.consent_rows import Consent, Standing
from reports.visitors.data_sources import Held
from reports.visitors.facts import Fact, Person
from reports.visitors.seen import Seen
from reports.visitors.timeline import Visit
from reports.visitors.visitor_list import DayOfVisitors


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
    coverage: Coverage | None
    answers: Answers
    choices_href: str
    tally: tuple[TallyRow, ...]
    check_href: str
    zone: str
    is_empty: bool


@dataclass(frozen=True)
class ChoicesPage:
    """`choices.html`: how the question fares; `most_rows` pages are listed, `by` is the step."""

    shell: Shell
    nav: PeriodNav
    coverage: Coverage | None
    chart: StackedChart
    by: str
    grains: tuple[Link, ...]
    whole: ChoiceRow
    steps: Lines
    pages: Floored
    languages: Floored
    versions: tuple[ChoiceRow, ...]
    smallest: int
    most_rows: int
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


@dataclass(frozen=True)
class ConsentCheckPage:
    """`consent_check.html`: the rows without a valid consent at the moment they happened."""

    shell: Shell
    rows: int
    ungrounded: int
    consents: int
    checked_at: datetime
    zone: str


@dataclass(frozen=True)
class VisitorsPage:
    """`visitors.html`: the visitors of a period, last seen first, under a heading a day.

    `everybody` is how many there are in the period, None where the page is behind the last;
    `shown` is how many of them stand here, `all_href` the same list of all time, '' where it is
    that already.
    """

    shell: Shell
    nav: PeriodNav
    days: tuple[DayOfVisitors, ...]
    base: str
    zone: str
    first_row: int
    shown: int
    everybody: int | None
    all_href: str
    newer: str
    older: str


@dataclass(frozen=True)
class VisitorPage:
    """`visitor.html`: one visitor's timeline, choices, entries, and what auditors ask for.

    `known` is what every visit tells alike. `purposes` names purposes by their ids. `seen` are the
    entries of who saw this, the newest first. `pseudonyms` are all under which rows are shown.
    """

    shell: Shell
    person: Person
    base: str
    zone: str
    visits: tuple[Visit, ...]
    newer: str
    older: str
    known: tuple[Fact, ...]
    standing: Standing | None
    purposes: Mapping[str, str]
    consents: tuple[Consent, ...]
    seen: tuple[Seen, ...]
    pseudonyms: tuple[str, ...]
    held: tuple[Held, ...]
