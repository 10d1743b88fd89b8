"""The pages about people: the list of visitors, one visitor's timeline and the export file."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.errors import NotFound
from askfirst.sites import Site
from askfirst.store.personal_data import Row
from askfirst.visitors import is_visitor_id
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.http.forms import Form
from reports.query.links import Address, PeriodNav, period_nav, period_query
from reports.query.report_query import ReportQuery, page_number, scope_of
from reports.questions.visitors import visitors
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.crossing import only_from_here
from reports.staff.guard import Endpoint, Guard, Page
from reports.visitors.consent_rows import (
    Consent,
    Standing,
    consents_of,
    purpose_titles,
    standing_of,
)
from reports.visitors.data_sources import Held, held
from reports.visitors.disclosures import EXPORTED_CSV, EXPORTED_JSON, LISTED, OPENED, Disclosures
from reports.visitors.export import as_csv, as_json, file_name
from reports.visitors.facts import Fact, Person, person_of, shared_facts
from reports.visitors.seen import Seen, seen_of
from reports.visitors.timeline import (
    DISCLOSURES_PLACE,
    EVENTS_PLACE,
    RECORDS_PLACE,
    WITHDRAWALS_PLACE,
    Visit,
    visits_of,
)
from reports.visitors.visitor_list import DayOfVisitors, days_of, everybody_of

LIST_ROWS = 50
VISITS_ROWS = 20


@dataclass(frozen=True)
class VisitorsPage:
    """`visitors.html`: the visitors of a period, last seen first, under a heading a day.

    `everybody` is how many there are in the period, None where the page is behind the last;
    `shown` is how many of them stand here, `all_href` the same list of all time, '' where it is
    that already.
    """

    shell: Shell
    nav: PeriodNav
    days: tuple[DayOfVisitors, ...]
    base: str
    zone: str
    first_row: int
    shown: int
    everybody: int | None
    all_href: str
    newer: str
    older: str


@dataclass(frozen=True)
class VisitorPage:
    """`visitor.html`: one visitor's timeline, choices, entries, and what auditors ask for.

    `known` is what every visit tells alike. `purposes` names purposes by their ids. `seen` are the
    entries of who saw this, the newest first. `pseudonyms` are all under which rows are shown.
    """

    shell: Shell
    person: Person
    base: str
    zone: str
    visits: tuple[Visit, ...]
    newer: str
    older: str
    known: tuple[Fact, ...]
    standing: Standing | None
    purposes: Mapping[str, str]
    consents: tuple[Consent, ...]
    seen: tuple[Seen, ...]
    pseudonyms: tuple[str, ...]
    held: tuple[Held, ...]


class VisitorsPages:
    """Serves `/sites/KEY/visitors` and what lies under it."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._query = ReportQuery(deps)
        self._disclosures = Disclosures(deps.ledger, deps.clock)

    def routes(self) -> list[Route]:
        """Return the routes of these pages."""
        action, base = self._guard.action, "/sites/{key}/visitors"
        return [
            Route(base, self._page(self._list), methods=["GET"]),
            Route(f"{base}/{{visitor}}", self._page(self._timeline), methods=["GET"]),
            Route(f"{base}/{{visitor}}/export.json", action(self._json), methods=["POST"]),
            Route(f"{base}/{{visitor}}/export.csv", action(self._csv), methods=["POST"]),
        ]

    def _page(self, page: Page) -> Endpoint:
        return self._guard.page(only_from_here(self._deps, page))

    async def _list(self, request: Request, session: Session) -> Response:
        site, page = self._query.site(request), page_number(request)
        period = await self._query.period(request, site)
        scope, offset = scope_of(site, period.window), (page - 1) * LIST_ROWS
        frame = await self._query.ask(visitors, scope, LIST_ROWS + 1, offset)
        more, frame = len(frame) > LIST_ROWS, frame.head(LIST_ROWS)
        ids = [str(visitor) for visitor in frame["visitor_id"]]
        shown = await self._disclosures.disclose(site.id, ids, session.email, LISTED)
        address = Address(f"/sites/{site.key}/visitors", period_query(period, request.query_params))
        context = VisitorsPage(
            shell=_shell(site, session, "Visitors"),
            nav=period_nav(address, period),
            days=days_of(frame, shown, site.time_zone, period.now),
            base=address.path,
            zone=site.time_zone,
            first_row=offset + 1,
            shown=len(shown),
            everybody=everybody_of(frame),
            all_href="" if period.name == "all" else f"{address.path}?period=all",
            newer=address.with_(page=str(page - 1)) if page > 1 else "",
            older=address.with_(page=str(page + 1)) if more else "",
        )
        return self._deps.pages.page("reports/visitors/visitors.html", context)

    async def _timeline(self, request: Request, session: Session) -> Response:
        page = page_number(request)
        site, visitor_id, ids, rows = await self._disclosed(request, session, OPENED)
        events = rows.get(EVENTS_PLACE, [])
        consents = consents_of(rows.get(RECORDS_PLACE, []), rows.get(WITHDRAWALS_PLACE, []))
        visits = await asyncio.to_thread(visits_of, events, consents)
        offset = (page - 1) * VISITS_ROWS
        address = Address(f"/sites/{site.key}/visitors/{visitor_id}")
        person = person_of(visitor_id, events)
        context = VisitorPage(
            shell=_shell(site, session, person.name, within=True),
            person=person,
            base=address.path,
            zone=site.time_zone,
            visits=visits[offset : offset + VISITS_ROWS],
            newer=address.with_(page=str(page - 1)) if page > 1 else "",
            older=address.with_(page=str(page + 1)) if len(visits) > offset + VISITS_ROWS else "",
            known=shared_facts(events),
            standing=standing_of(consents, self._deps.clock()),
            purposes=await purpose_titles(self._deps.book, site),
            consents=consents,
            seen=seen_of(rows.get(DISCLOSURES_PLACE, []), session.email, site.time_zone),
            pseudonyms=tuple(ids),
            held=held(rows),
        )
        return self._deps.pages.page("reports/visitors/visitor.html", context)

    async def _json(self, request: Request, session: Session, _form: Form) -> Response:
        site, visitor_id, rows = await self._exported(request, session, EXPORTED_JSON)
        body = await asyncio.to_thread(as_json, site, visitor_id, rows, self._deps.clock())
        return self._file(body, visitor_id, "json", "application/json")

    async def _csv(self, request: Request, session: Session, _form: Form) -> Response:
        _, visitor_id, rows = await self._exported(request, session, EXPORTED_CSV)
        body = await asyncio.to_thread(as_csv, rows)
        return self._file(body, visitor_id, "csv", "text/csv; charset=utf-8")

    async def _exported(
        self, request: Request, session: Session, what: str
    ) -> tuple[Site, str, dict[str, list[Row]]]:
        site, visitor_id, _, rows = await self._disclosed(request, session, what)
        await self._guard.note(request, Act.VISITOR_EXPORTED, session.email, site.key)
        return site, visitor_id, rows

    async def _disclosed(
        self, request: Request, session: Session, what: str
    ) -> tuple[Site, str, list[str], dict[str, list[Row]]]:
        site, visitor_id = self._query.site(request), request.path_params["visitor"]
        gone = NotFound("There is no such visitor, or it was erased.")
        if not is_visitor_id(visitor_id):
            raise gone
        told = self._disclosures.disclose_person
        ids = await told(site.id, visitor_id, session.email, what)
        if not ids:
            raise gone
        return site, visitor_id, ids, await self._deps.personal_data.rows_of(site.id, ids)

    def _file(self, body: bytes, visitor_id: str, ending: str, media_type: str) -> Response:
        name = file_name(visitor_id, self._deps.clock(), ending)
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(body, media_type=media_type, headers=headers)


def _shell(site: Site, session: Session, title: str, within: bool = False) -> Shell:
    return Shell(title, session.email, session.csrf, site.key, site.name, "visitors", within)
