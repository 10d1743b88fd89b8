"""What each template sees: one frozen dataclass a template."""

from collections.abc import Mapping
from dataclasses import dataclass

from askfirst.sites import Site
from reports.site_form import SiteForm


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
class SitesPage:
    """`sites.html`: every site."""

    shell: Shell
    sites: tuple[Site, ...]


@dataclass(frozen=True)
class InstallPage:
    """`install.html`: the snippet, and whether the first visit has come."""

    shell: Shell
    site: Site
    snippet: str
    recording: bool
