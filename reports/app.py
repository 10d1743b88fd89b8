"""The routes of every page of staff; those that need Ibis and pandas are loaded on first use."""

from starlette.routing import BaseRoute

from reports.definitions.definitions import DefinitionsHandler
from reports.dependencies import DefaultPolicy, Dependencies
from reports.formatting.readers import reader
from reports.http.admission import Admission
from reports.keyboard.keys import KeysHandler
from reports.lazy_routes import LazyRoutes
from reports.mail.mail import MailHandler
from reports.mail.stop import StopHandler
from reports.records.records import RecordsHandler
from reports.sites.api_keys import ApiKeysHandler
from reports.sites.delete_site import DeleteSiteHandler
from reports.sites.install import InstallHandler
from reports.sites.new_site import NewSiteHandler
from reports.sites.recording import RecordingHandler
from reports.sites.settings import SettingsHandler
from reports.sites.setup import SetupHandler
from reports.sites.sites import SitesHandler
from reports.staff.account import AccountHandler
from reports.staff.account_log import AccountLogHandler
from reports.staff.guard import Guard
from reports.staff.reset import ResetHandler
from reports.staff.sign_in import SignInHandler
from reports.visitor_accounts.accounts import AccountsHandler
from reports.visitor_accounts.opened import OpenedHandler
from reports.wording.wording import WordingHandler
from reports.wording.wording_preview import WordingPreviewHandler
from reports.wording.wording_review import WordingReviewHandler

__all__ = ["DefaultPolicy", "Dependencies", "routes"]


def routes(deps: Dependencies) -> list[BaseRoute]:
    """Return the routes of the staff's pages, to be mounted at the root."""
    guard = Guard(deps)
    deps.pages.offer("every_site", deps.book.all)
    deps.pages.offer("readers_language", lambda: reader().tag or "en")
    if view := deps.storage:
        deps.pages.offer("disk_short_since", lambda: view.figure().short_since)
    accounts = AccountsHandler(deps, guard)
    pages = [
        *SignInHandler(deps, guard).routes(),
        *SetupHandler(deps, guard).routes(),
        *ResetHandler(deps, guard).routes(),
        *AccountHandler(deps, guard).routes(),
        *AccountLogHandler(deps, guard).routes(),
        *KeysHandler(deps, guard).routes(),
        *DefinitionsHandler(deps, guard).routes(),
        *SitesHandler(deps, guard).routes(),
        *NewSiteHandler(deps, guard).routes(),
        *InstallHandler(deps, guard).routes(),
        *SettingsHandler(deps, guard).routes(),
        *ApiKeysHandler(deps, guard).routes(),
        *RecordingHandler(deps, guard).routes(),
        *MailHandler(deps, guard).routes(),
        *accounts.routes(),
        *OpenedHandler(deps, guard, accounts).routes(),
        *StopHandler(deps).routes(),
        *RecordsHandler(deps, guard).routes(),
        *DeleteSiteHandler(deps, guard).routes(),
        *WordingHandler(deps, guard).routes(),
        *WordingReviewHandler(deps, guard).routes(),
        *WordingPreviewHandler(deps, guard).routes(),
    ]

    def all_pages() -> list[BaseRoute]:
        from reports.warehouse_pages import warehouse_routes  # noqa: PLC0415 - it imports Ibis

        return [*pages, *warehouse_routes(deps, guard)]

    return [*pages, LazyRoutes(all_pages, Admission(lambda: deps.warehouse.page_seconds))]
