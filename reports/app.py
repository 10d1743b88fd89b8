"""The room's door: the routes of the staff's pages; the reports among them are loaded later."""

from starlette.routing import BaseRoute

from reports.access import Access
from reports.account import AccountPages
from reports.account_log import AccountLog
from reports.deleting_site import DeletingSite
from reports.later import Later
from reports.parts import DefaultPolicy, Parts
from reports.records import RecordsPages
from reports.reset import Reset
from reports.setup import Setup
from reports.site_settings import SiteSettings
from reports.sites import SitesPages
from reports.wordings import WordingPages

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
