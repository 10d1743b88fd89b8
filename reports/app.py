"""The room's door: the routes of the staff's pages; the reports among them are loaded later."""

from starlette.routing import BaseRoute

from reports.dependencies import DefaultPolicy, Dependencies
from reports.lazy_routes import LazyRoutes
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

__all__ = ["DefaultPolicy", "Dependencies", "routes"]


def routes(deps: Dependencies) -> list[BaseRoute]:
    """Return the routes of the staff's pages, to be mounted at the root."""
    access = Access(deps)
    deps.pages.offer("every_site", deps.book.all)
    if view := deps.storage:
        deps.pages.offer("disk_short_since", lambda: view.figure().short_since)
    pages = [
        *access.routes(),
        *Setup(deps, access).routes(),
        *Reset(deps, access).routes(),
        *AccountPages(deps, access).routes(),
        *AccountLog(deps, access).routes(),
        *SitesPages(deps, access).routes(),
        *SiteSettings(deps, access).routes(),
        *RecordsPages(deps, access).routes(),
        *DeletingSite(deps, access).routes(),
        *WordingPages(deps, access).routes(),
    ]

    def all_pages() -> list[BaseRoute]:
        from reports.report_pages import report_routes  # noqa: PLC0415 - it takes a second

        return [*pages, *report_routes(deps, access)]

    return [*pages, LazyRoutes(all_pages)]
