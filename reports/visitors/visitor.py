"""The page of one visitor: timeline, consent and who saw it; and the visitor's file."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.errors import Malformed, NotFound
from askfirst.sites import Site
from askfirst.store.personal_data import Row
from askfirst.visitors import is_visitor_id
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.http.forms import Form
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.click_guard import only_by_own_click
from reports.staff.guard import Action, Guard
from reports.url.kept import kept_query, kept_shell
from reports.url.links import Address, Link
from reports.url.report_query import page_number
from reports.visitors.account_disclosures import has_account
from reports.visitors.consent_rows import (
    Consent,
    ConsentStatus,
    consent_status,
    consents_of,
    purpose_titles,
)
from reports.visitors.data_holders import HeldRows, held_rows
from reports.visitors.disclosure_list import DisclosureRow, disclosure_rows
from reports.visitors.disclosures import (
    EXPORTED_CSV,
    EXPORTED_HTML,
    EXPORTED_JSON,
    EXPORTED_XLSX,
    OPENED,
    Disclosures,
)
from reports.visitors.export.contents import Contents, contents_of, file_name
from reports.visitors.export.texts import as_json, as_zip
from reports.visitors.export.visitor_file import as_html
from reports.visitors.export.workbook import as_xlsx
from reports.visitors.facts import Fact, Person, person_of, shared_facts
from reports.visitors.timeline import (
    DISCLOSURES_PLACE,
    EVENTS_PLACE,
    RECORDS_PLACE,
    SHOWN,
    WITHDRAWALS_PLACE,
    Visit,
    shown_of,
    visits_of,
)

VISITS_ROWS = 20
FORMATS: dict[str, tuple[str, str, Callable[[Contents], bytes] | None]] = {
    "json": (EXPORTED_JSON, "application/json", as_json),
    "zip": (EXPORTED_CSV, "application/zip", as_zip),
    "xlsx": (
        EXPORTED_XLSX,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        as_xlsx,
    ),
    "html": (EXPORTED_HTML, "text/html; charset=utf-8", None),
}
"""The formats of the file by ending: the entry it leaves, the media type, and what writes it.

A page is written by `as_html`, which takes more than the contents.
"""


@dataclass(frozen=True)
class VisitorPage:
    """`visitor.html`: one visitor's timeline, consent and disclosures, and facts for auditors."""

    shell: Shell
    person: Person
    """What the visitor is called, and the sums of all visits."""
    base: str
    """The address of this page, below which the file and the erasure lie."""
    zone: str
    """The site's time zone."""
    visits: tuple[Visit, ...]
    """The visits of this page, newest first."""
    shows: tuple[Link, ...]
    """What the timeline can be cut down to."""
    newer: str
    """The address of later visits, or ''."""
    older: str
    """The address of earlier visits, or ''."""
    known: tuple[Fact, ...]
    """What is the same in every visit."""
    status: ConsentStatus | None
    """Whether the consent holds; None where no record names the visitor."""
    purposes: Mapping[str, str]
    """The titles of the purposes by their ids."""
    consents: tuple[Consent, ...]
    """The consent records, newest first."""
    disclosures: tuple[DisclosureRow, ...]
    """Who saw this visitor's data, newest first."""
    pseudonyms: tuple[str, ...]
    """Every pseudonym of the visitor's browser whose rows are shown."""
    pseudonym: str
    """The pseudonym that the page is about."""
    left_out: bool
    """Whether the owner leaves this visitor out of the reports."""
    held: tuple[HeldRows, ...]
    """How many rows each table holds of the visitor."""
    has_account: bool
    """Whether the visitor has an account, which staff can open with a reason."""


class VisitorHandler:
    """Serves `/sites/KEY/visitors/ID` and the visitor's file below it."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._disclosures = Disclosures(deps.ledger, deps.clock)

    def routes(self) -> list[Route]:
        """Return the routes of the page and of the file."""
        action, path = self._guard.action, "/sites/{key}/visitors/{visitor}"
        page = self._guard.page(only_by_own_click(self._deps, self._page))
        return [
            Route(path, page, methods=["GET"]),
            *(
                Route(f"{path}/export.{ending}", action(self._exporting(ending)), methods=["POST"])
                for ending in FORMATS
            ),
        ]

    async def _page(self, request: Request, session: Session) -> Response:
        query = request.query_params
        page, show = page_number(request), query.get("show", "all")
        if show not in SHOWN:
            raise Malformed(f"The timeline shows one of {', '.join(SHOWN)}.", field="show")
        if request.path_params["visitor"] in self._deps.site(request).restricted_visitors:
            raise NotFound(
                "This visitor has restricted the use of the data. Find the visitor by a number to"
                " export or erase it."
            )
        site, visitor_id, ids, rows = await self._disclosed(request, session, OPENED)
        events = rows.get(EVENTS_PLACE, [])
        consents = consents_of(rows.get(RECORDS_PLACE, []), rows.get(WITHDRAWALS_PLACE, []))
        visits = shown_of(await asyncio.to_thread(visits_of, events, site, consents), show)
        offset = (page - 1) * VISITS_ROWS
        whole = Address(f"/sites/{site.key}/visitors/{visitor_id}", kept_query(query))
        address = Address(whole.path, {**whole.query, **({"show": show} if show != "all" else {})})
        person = person_of(visitor_id, events, site)
        context = VisitorPage(
            shell=kept_shell(site, session, query, person.name, "visitors", within=True),
            person=person,
            base=address.path,
            zone=site.time_zone,
            visits=visits[offset : offset + VISITS_ROWS],
            shows=tuple(
                Link(words, whole.with_(show=None if name == "all" else name), name == show)
                for name, (words, _) in SHOWN.items()
            ),
            newer=address.with_(page=str(page - 1)) if page > 1 else "",
            older=address.with_(page=str(page + 1)) if len(visits) > offset + VISITS_ROWS else "",
            known=shared_facts(events),
            status=consent_status(consents, self._deps.clock()),
            purposes=await purpose_titles(self._deps.book, site),
            consents=consents,
            disclosures=disclosure_rows(
                rows.get(DISCLOSURES_PLACE, []), session.email, site.time_zone
            ),
            pseudonyms=tuple(ids),
            pseudonym=visitor_id,
            left_out=visitor_id in site.left_out_visitors,
            held=held_rows(rows),
            has_account=await has_account(self._deps.ledger, site.id, ids),
        )
        return self._deps.pages.page("reports/visitors/visitor.html", context)

    def _exporting(self, ending: str) -> Action:
        """Return the action that answers with the file in a format."""
        what, media_type, write = FORMATS[ending]

        async def exported(request: Request, session: Session, _form: Form) -> Response:
            site, visitor_id, rows = await self._exported(request, session, what)
            now = self._deps.clock()
            titles = {} if write else await purpose_titles(self._deps.book, site)

            def written() -> bytes:
                contents = contents_of(site, visitor_id, rows, now)
                if write:
                    return write(contents)
                return as_html(self._deps.pages, contents, rows, titles)

            body = await asyncio.to_thread(written)
            name = file_name(visitor_id, now, ending)
            headers = {"Content-Disposition": f'attachment; filename="{name}"'}
            return Response(body, media_type=media_type, headers=headers)

        return exported

    async def _exported(
        self, request: Request, session: Session, what: str
    ) -> tuple[Site, str, dict[str, list[Row]]]:
        site, visitor_id, _, rows = await self._disclosed(request, session, what)
        await self._guard.note(request, Act.VISITOR_EXPORTED, session.email, site.key)
        return site, visitor_id, rows

    async def _disclosed(
        self, request: Request, session: Session, what: str
    ) -> tuple[Site, str, list[str], dict[str, list[Row]]]:
        site, visitor_id = self._deps.site(request), request.path_params["visitor"]
        gone = NotFound("There is no such visitor, or it was erased.")
        if not is_visitor_id(visitor_id):
            raise gone
        disclose = self._disclosures.disclose_person
        ids = await disclose(site.id, visitor_id, session.email, what)
        if not ids:
            raise gone
        return site, visitor_id, ids, await self._deps.personal_data.rows_of(site.id, ids)
