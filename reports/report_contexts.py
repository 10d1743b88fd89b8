"""What the templates see of the pages that read the warehouse: one frozen dataclass a template."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from askfirst.store.personal_data import Row as PlainRow
from reports.answers import Answers
from reports.charts import Chart
from reports.choice_chart import StackedChart
from reports.choice_figures import ChoiceRow, Floored
from reports.choice_ledger import Lines
from reports.contexts import Shell
from reports.coverage import Coverage
from reports.figures import Headline, ListedVisitor, Row
from reports.links import Link, PeriodNav
from reports.lists import ListOf
from reports.places import Held
from reports.tally import TallyRow
from reports.timeline import Consent, Person, Visit


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
    """`visitors.html`: the visitors of a period, last seen first."""

    shell: Shell
    nav: PeriodNav
    visitors: tuple[ListedVisitor, ...]
    base: str
    zone: str
    first_row: int
    newer: str
    older: str


@dataclass(frozen=True)
class VisitorPage:
    """`visitor.html`: one visitor's timeline, records, entries and where rows are held."""

    shell: Shell
    person: Person
    base: str
    zone: str
    visits: tuple[Visit, ...]
    newer: str
    older: str
    consents: tuple[Consent, ...]
    disclosures: tuple[PlainRow, ...]
    held: tuple[Held, ...]
