"""What each template sees: one frozen dataclass a template, of the pages that are not reports."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from askfirst.proxy_diagnosis import Wrong
from askfirst.sites import Site
from askfirst.store.ledger.site_book import Policy
from reports.choices.tally import TallyRow
from reports.sites.disk_space import Room
from reports.sites.form import SiteForm
from reports.sites.snippet import Snippet
from reports.wording.editing import Draft, Review, Shelf
from reports.wording.fields import Colours, ProblemRow, PurposeFields, WordSection


@dataclass(frozen=True)
class Shell:
    """What the frame of every page shows; `email` is empty while nobody is signed in.

    `tab` is the tab in which the page lies, and `within` says that it is not the tab's own page.
    """

    title: str
    email: str = ""
    csrf: str = ""
    site_key: str = ""
    site_name: str = ""
    tab: str = ""
    within: bool = False


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
    """`setup.html`: the owner and the first site; `old_link` where the address carries a token."""

    shell: Shell
    code: str
    old_link: bool
    email: str
    typed: SiteForm
    errors: Mapping[str, str]
    time_zones: tuple[str, ...]
    languages: Mapping[str, str]


@dataclass(frozen=True)
class NewSitePage:
    """`new_site.html`: one more site."""

    shell: Shell
    typed: SiteForm
    errors: Mapping[str, str]
    time_zones: tuple[str, ...]
    languages: Mapping[str, str]


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
    """`sites.html`: every site, what was turned away before a site could be told, and the room."""

    shell: Shell
    sites: tuple[Site, ...]
    tally: tuple[TallyRow, ...]
    room: Room | None


@dataclass(frozen=True)
class InstallPage:
    """`install.html`: the lines to paste, and whether the first visit has come.

    `turned_away` is how many requests of the last `days` came from a host that is not listed;
    `wrong` is what the way of this very request shows to be set up wrongly.
    """

    shell: Shell
    site: Site
    snippet: Snippet
    recording: bool
    turned_away: int
    days: int
    wrong: tuple[Wrong, ...]


@dataclass(frozen=True)
class WordingPage:
    """`wording.html`: a draft, the words of one of its languages, and what is wrong with it.

    `parts` are the titles of the form's sections by their anchors.
    """

    shell: Shell
    draft: Draft
    language: str
    direction: str
    sections: tuple[WordSection, ...]
    purposes: tuple[PurposeFields, ...]
    shelf: Shelf
    placed: Mapping[str, str]
    colours: tuple[Colours, ...]
    parts: Mapping[str, str]
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
