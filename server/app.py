"""The server: one ASGI application of the routes of all packages; it owns the lifespan."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

import collector.app
import consent.app
import reports.app
from askfirst.clock import Clock, system_clock
from askfirst.errors import AskfirstError, Misconfigured
from askfirst.settings import Settings
from askfirst.sites import IpMode, Site
from askfirst.store.ledger.api_keys import ApiKeys
from askfirst.store.ledger.rights.receipt_codes import ReceiptCodes
from askfirst.store.personal_data import Row
from askfirst.system.sealing import Sealing
from askfirst.system.threads import Threads
from collector.enrichment.enrich import about_rule, browser_of, is_left_out
from collector.tag.scripts import build
from consent.accounts.access import Access
from consent.policy.editing import Editing
from consent.policy.wording import Terms, default_policy
from consent.proof.records import BY_CONTROLLER
from consent.receipts.site_keys import SiteKeys
from reports.authentication.sessions import Sessions
from reports.dependencies import StorageView
from server.http.metrics import metrics_routes
from server.http.middleware import Errors, PrivateHeaders
from server.http.packed.staff_pages import PackedForStaff
from server.http.packed.static_files import ShippedFiles
from server.http.proxies.trusted import BelievedOnly, proxies_of
from server.http.proxies.watch import ProxyWatch
from server.http.security_txt import security_routes
from server.http.under_path import UnderPath, event_targets
from server.http.unread_bodies import WholeBodies
from server.jobs import running_jobs
from server.mail.running import running_mail, running_visitor_mail
from server.maintenance.left_out import count_rule
from server.maintenance.report_rules import rewritten_of
from server.services import Services, open_services
from server.startup.keys import load_sealing, load_seed
from server.startup.running_address import kept_address
from server.startup.warming import first_report

log = structlog.get_logger()

WhenOpen = Callable[[Services], Awaitable[None]]


def build_app(services: Services, intake: collector.app.Intake | None = None) -> ASGIApp:
    """Build the application over open services, without jobs; tests drive it as it is."""
    sessions = Sessions(services.ledger, services.clock, services.settings)
    errors = Errors(services.pages, sessions.find)
    app: ASGIApp = Starlette(
        routes=_routes(services),
        exception_handlers={
            AskfirstError: errors.known,
            HTTPException: errors.of_routing,
            ClientDisconnect: errors.left,
            Exception: errors.unknown,
        },
    )
    app = PackedForStaff(PrivateHeaders(app, services.settings.public_url))
    app = WholeBodies(collector.app.EventsFirst(intake or intake_of(services), app))
    if base := services.settings.base_path:
        app = UnderPath(app, base)
    if services.settings.trusted_proxies:
        app = BelievedOnly(app, proxies_of(services.settings))
    return app


def intake_of(services: Services) -> collector.app.Intake:
    """Build the endpoint of the events over open services."""
    return collector.app.Intake(_of_events(services))


def _of_events(services: Services) -> collector.app.Dependencies:
    return collector.app.Dependencies(
        settings=services.settings,
        clock=services.clock,
        book=services.book,
        tokens=services.tokens,
        withdrawn=services.withdrawn,
        journal=services.admission,
        tallies=services.tallies,
        place_of=services.places.place,
    )


def _routes(services: Services) -> list[BaseRoute]:
    return [
        *collector.app.routes(collector.app.Loads(services.book, services.counts)),
        *collector.app.api_routes(
            _of_events(services), ApiKeys(services.ledger, services.clock), version("askfirst")
        ),
        *security_routes(services.settings, services.clock),
        *metrics_routes(
            services.settings.metrics_token, services.book, services.tallies, services.storage
        ),
        *consent.app.routes(consent_dependencies(services)),
        Mount("/static", ShippedFiles()),
        *reports.app.routes(report_dependencies(services)),
    ]


def consent_dependencies(services: Services) -> consent.app.Dependencies:
    """Return what the endpoints and pages of consent, and mail to visitors, work with."""
    return consent.app.Dependencies(
        settings=services.settings,
        clock=services.clock,
        ledger=services.ledger,
        book=services.book,
        tallies=services.tallies,
        counts=services.counts,
        tokens=services.tokens,
        withdrawn=services.withdrawn,
        eraser=services.eraser,
        corrections=services.corrections,
        pages=services.pages,
        is_left_out=is_left_out,
        script_hashes=collector.app.script_hashes,
        site_keys=SiteKeys(load_seed(services.settings.data_folder)),
        receipt_codes=receipt_codes_of(services.settings),
        sealing=sealing_of(services.settings),
        personal_data=services.personal_data,
        visitor_files=partial(_visitor_files, services.clock),
        number_of_events=partial(_number_of_events, services),
        own_files=services.own_files,
        browser_of=browser_of,
        scripts_hash=banner_hash,
        refuse_if_short=services.storage.refuse_if_short,
        ceiling=services.choice_ceiling,
    )


def receipt_codes_of(settings: Settings) -> ReceiptCodes:
    """Return the receipt codes of a data folder, whose key is made of its seed."""
    seed = load_seed(settings.data_folder)
    return ReceiptCodes(hmac.digest(seed, b"receipt codes", "sha256"))


def sealing_of(settings: Settings) -> Sealing:
    """Return what seals the accounts of visitors, whose key is made of the data folder's seed."""
    return load_sealing(settings.data_folder)


def _visitor_files(
    clock: Clock,
    site: Site,
    visitor_id: str,
    rows: Mapping[str, Sequence[Row]],
    told: Callable[[int, int], None],
) -> Mapping[str, bytes]:
    from reports.visitors.export.own_files import own_files  # noqa: PLC0415 - loads the pages

    return own_files(site, visitor_id, rows, clock(), told)


async def _number_of_events(services: Services, site_id: int, ids: Sequence[str]) -> int:
    count = services.warehouse.number_of_rows_of
    return await asyncio.to_thread(count, site_id, *ids) if ids else 0


def report_dependencies(services: Services) -> reports.app.Dependencies:
    """Return what the pages of staff, and the commands that print reports, work with."""
    return reports.app.Dependencies(
        settings=services.settings,
        clock=services.clock,
        ledger=services.ledger,
        warehouse=services.warehouse,
        book=services.book,
        tallies=services.tallies,
        counts=services.counts,
        personal_data=services.personal_data,
        pages=services.pages,
        default_policy=_policy_writer(services.settings),
        wording_editor=Editing(services.ledger, services.book, services.settings, services.clock),
        storage=StorageView(
            services.storage.figure,
            services.event_ceiling.reached,
            services.choice_ceiling.reached,
        ),
        browser_of=browser_of,
        about_rule=about_rule,
        erase=partial(services.eraser.erase, by=BY_CONTROLLER),
        delete_site=services.site_deletion.delete,
        count_rule=partial(count_rule, services),
        rewritten=partial(rewritten_of, services),
        restricted_since=services.restrictions.since,
        end_access=partial(_end_access, services),
        mail_key=hmac.digest(load_seed(services.settings.data_folder), b"mail", "sha256"),
        sealing=sealing_of(services.settings),
    )


async def _end_access(services: Services, site: Site, visitor_id: str) -> None:
    access = Access(consent_dependencies(services))
    await access.end(site, [visitor_id], None, "staff")


@cache
def banner_hash() -> str:
    """Return the SHA-256 of the scripts that draw the banner, for the proof of how it looked."""
    return hashlib.sha256(build(("asking/banner", "asking/preferences")).plain).hexdigest()


def _policy_writer(settings: Settings) -> reports.app.DefaultPolicy:
    """Return a function that writes a site's first policy, with the times of the settings."""

    no_days = min(settings.choice_days, settings.refusal_days)

    def write(
        name: str,
        controller: str,
        contact: str,
        privacy_url: str,
        ip_mode: IpMode,
        language: str,
    ) -> dict[str, Any]:
        terms = Terms(settings.retention_months, settings.choice_days, ip_mode, no_days)
        return default_policy(name, controller, contact, privacy_url, terms, language)

    return write


class ServerApp:
    """An ASGI application that opens the server at start-up and closes it at shutdown.

    `when_open` is awaited before the first request; `sites` are other applications, by their port.
    `address` is where browsers reach the server, kept in the data folder for commands; '' keeps
    nothing.
    """

    def __init__(
        self,
        settings: Settings,
        when_open: WhenOpen | None = None,
        sites: Mapping[int, ASGIApp] | None = None,
        clock: Clock = system_clock,
        address: str = "",
    ) -> None:
        self._settings = settings
        self._address = address
        self._clock = clock
        self._when_open = when_open
        self._sites = sites or {}
        self._app: ASGIApp = Starlette()
        self._intake: collector.app.Intake | None = None
        self.services: Services | None = None
        self._proxies = proxies_of(settings)
        self._watch = ProxyWatch(settings)
        self.event_targets = event_targets(settings.base_path)
        self.stopped_by = "The server could not be started."
        self._outside = Starlette(lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        asyncio.get_running_loop().set_default_executor(Threads())
        try:
            async with self._open_services() as services:
                self.services = services
                self._watch.begin()
                self._intake = intake_of(services)
                self._app = build_app(services, self._intake)
                if self._when_open is not None:
                    await self._when_open(services)
                yield
        except Misconfigured as error:
            self.stopped_by = error.message
            raise
        except Exception as error:
            log.exception("startup_failed", why=type(error).__name__)
            raise

    @asynccontextmanager
    async def _open_services(self) -> AsyncIterator[Services]:
        opened = open_services(self._settings, self._clock, meanwhile=not self._sites)
        async with opened as services, running_jobs(services):
            with kept_address(self._settings.data_folder, self._address):
                deps = report_dependencies(services)
                to_visitors = running_visitor_mail(consent_dependencies(services))
                async with running_mail(deps), to_visitors, first_report(deps):
                    try:
                        yield services
                    finally:
                        services.warehouse.engine.end_soon()  # before jobs wait for what they do

    def intake(self, scope: Scope) -> collector.app.Intake | None:
        """Return the endpoint of the events, or None where a request is for another site."""
        return None if _port(scope) in self._sites else self._intake

    def believed(self, scope: Scope) -> Scope:
        """Return a request's scope with the client that a trusted proxy names."""
        return self._proxies.believed(scope)

    def trusts(self, address: str) -> bool:
        """Return whether an address is a trusted proxy's."""
        return self._proxies.trusts(address)

    @property
    def data_folder(self) -> Path:
        """The folder of all data."""
        return self._settings.data_folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to the application, or to the site of the port on which it arrived."""
        if scope["type"] == "lifespan":
            await self._outside(scope, receive, send)
        else:
            client = scope.get("client")
            if client and not self._proxies.trusts(client[0]):
                self._watch.see(scope)
            await self._sites.get(_port(scope), self._app)(scope, receive, send)


def _port(scope: Scope) -> int:
    """Return the port on which a request arrived, or 0 where it is unknown."""
    return int((scope.get("server") or ("", 0))[1] or 0)
