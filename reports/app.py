"""The room's door: the routes of the staff's pages; the reports among them are loaded later."""

from starlette.routing import BaseRoute

from reports.lazy_routes import Later
from reports.parts import DefaultPolicy, Parts
from reports.records.records import RecordsPages
from reports.sites.delete_site import DeletingSite
from reports.sites.settings import SiteSettings
from reports.sites.setup import Setup
from reports.sites.sites import SitesPages
from reports.staff.access import Access
from reports.staff.account import AccountPages
from reports.staff.account_log import AccountLog
from reports.staff.reset import Reset
from reports.wording.wording import WordingPages

__all__ = ["DefaultPolicy", "Parts", "routes"]


def routes(parts: Parts) -> list[BaseRoute]:
    """Give the routes of the staff's pages, to be mounted at the root."""
    access = Access(parts)
    parts.pages.offer("every_site", parts.book.all)
    if view := parts.storage:
        parts.pages.offer("disk_short_since", lambda: view.figure().short_since)
    pages = [
        *access.routes(),
        *Setup(parts, access).routes(),
        *Reset(parts, access).routes(),
        *AccountPages(parts, access).routes(),
        *AccountLog(parts, access).routes(),
        *SitesPages(parts, access).routes(),
        *SiteSettings(parts, access).routes(),
        *RecordsPages(parts, access).routes(),
        *DeletingSite(parts, access).routes(),
        *WordingPages(parts, access).routes(),
    ]

    def all_pages() -> list[BaseRoute]:
        from reports.report_pages import report_routes  # noqa: PLC0415 - it takes a second

        return [*pages, *report_routes(parts, access)]

    return [*pages, Later(all_pages)]
