"""What each template sees: one frozen dataclass a template."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from askfirst.sites import Site
from askfirst.store.personal_data import Row as PlainRow
from askfirst.store.site_book import Policy
from reports.charts import Chart
from reports.choice_figures import ChoiceRow, Floored
from reports.coverage import Coverage
from reports.editing import Draft, Review, Shelf
from reports.figures import Headline, ListedVisitor, Row
from reports.links import Link, PeriodNav
from reports.lists import ListOf
from reports.site_form import SiteForm
from reports.snippet import Snippet
from reports.tally import Answers, TallyRow
from reports.timeline import Consent, Held, Person, Visit
from reports.wording_fields import ProblemRow, PurposeFields, WordSection


@dataclass(frozen=True)
class Shell:
    """What the frame of every page shows; `email` is empty while nobody is signed in."""

    title: str
    email: str = ""
    csrf: str = ""
    site_key: str = ""
    site_name: str = ""
    tab: str = ""


@dataclass(frozen=True)
class NoticePage:
    """`notice.html`: one sentence and where to go from here."""

    shell: Shell
    text: str
    link: str
    link_text: str


@dataclass(frozen=True)
class SignInPage:
    """`sign_in.html`."""

    shell: Shell
    email: str
    next_path: str
    error: str
    has_owner: bool


@dataclass(frozen=True)
class SetupPage:
    """`setup.html`: the owner and the first site."""

    shell: Shell
    token: str
    email: str
    typed: SiteForm
    errors: Mapping[str, str]
    time_zones: tuple[str, ...]


@dataclass(frozen=True)
class NewSitePage:
    """`new_site.html`: one more site."""

    shell: Shell
    typed: SiteForm
    errors: Mapping[str, str]
    time_zones: tuple[str, ...]


@dataclass(frozen=True)
class SettingsPage:
    """`settings.html`: what may change of a site; `saved` says that it just did."""

    shell: Shell
    typed: SiteForm
    errors: Mapping[str, str]
    time_zones: tuple[str, ...]
    saved: bool


@dataclass(frozen=True)
class SitesPage:
    """`sites.html`: every site, and what was turned away before a site could be told."""

    shell: Shell
    sites: tuple[Site, ...]
    tally: tuple[TallyRow, ...]


@dataclass(frozen=True)
class InstallPage:
    """`install.html`: the lines to paste, and whether the first visit has come.

    `turned_away` is how many requests of the last `days` came from a host that is not listed.
    """

    shell: Shell
    site: Site
    snippet: Snippet
    recording: bool
    turned_away: int
    days: int


@dataclass(frozen=True)
class Card:
    """A list with its rows and the address of the whole of it."""

    list: ListOf
    rows: tuple[Row, ...]
    href: str


@dataclass(frozen=True)
class OverviewPage:
    """`overview.html`."""

    shell: Shell
    nav: PeriodNav
    compared: str
    headlines: tuple[Headline, ...]
    metrics: Mapping[str, Link]
    chart: Chart
    chart_library: str
    grains: tuple[Link, ...]
    cards: tuple[Card, ...]
    coverage: Coverage | None
    answers: Answers
    choices_href: str
    tally: tuple[TallyRow, ...]
    check_href: str
    is_empty: bool


@dataclass(frozen=True)
class ChoicesPage:
    """`choices.html`: how the question fares; `most_rows` pages are listed."""

    shell: Shell
    nav: PeriodNav
    coverage: Coverage | None
    headlines: tuple[Headline, ...]
    metrics: Mapping[str, Link]
    chart: Chart
    chart_library: str
    grains: tuple[Link, ...]
    whole: ChoiceRow
    steps: tuple[ChoiceRow, ...]
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


@dataclass(frozen=True)
class WordingPage:
    """`wording.html`: a draft, the words of one of its languages, and what is wrong with it."""

    shell: Shell
    draft: Draft
    language: str
    direction: str
    sections: tuple[WordSection, ...]
    purposes: tuple[PurposeFields, ...]
    shelf: Shelf
    placed: Mapping[str, str]
    problems: tuple[ProblemRow, ...]
    versions: tuple[Policy, ...]
    saved: bool
    published: bool


@dataclass(frozen=True)
class WordingReviewPage:
    """`wording_review.html`: what publishing the draft would change."""

    shell: Shell
    review: Review
    problems: tuple[ProblemRow, ...]
    stale: bool
    unanswered: bool


@dataclass(frozen=True)
class WordingPreview:
    """`wording_preview.html`: a page of a site on which the draft's banner asks."""

    site_key: str
    shown: Mapping[str, Any]
