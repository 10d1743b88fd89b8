"""The room's door: the routes of the report pages."""

from starlette.routing import BaseRoute

from reports.access import Access
from reports.bundle import Bundle
from reports.choices import ChoicesPages
from reports.consent_check import ConsentCheck
from reports.dashboard import Dashboard
from reports.parts import DefaultPolicy, Parts
from reports.setup import Setup
from reports.site_settings import SiteSettings
from reports.sites import SitesPages
from reports.visitors import VisitorsPages
from reports.wordings import WordingPages

__all__ = ["DefaultPolicy", "Parts", "routes"]


def routes(parts: Parts) -> list[BaseRoute]:
    """Give the routes of the staff's pages, to be mounted at the root."""
    access = Access(parts)
    return [
        *access.routes(),
        *Setup(parts, access).routes(),
        *SitesPages(parts, access).routes(),
        *SiteSettings(parts, access).routes(),
        *WordingPages(parts, access).routes(),
        *Dashboard(parts, access).routes(),
        *ChoicesPages(parts, access).routes(),
        *VisitorsPages(parts, access).routes(),
        *ConsentCheck(parts, access).routes(),
        *Bundle(parts, access).routes(),
    ]
