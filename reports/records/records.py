"""The consent records of a site, for auditors: the page and its export."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from askfirst.clock import as_iso
from askfirst.errors import Malformed
from askfirst.sites import Site
from askfirst.store.ledger.database import Ledger
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.http.forms import Form
from reports.records.rows import (
    STATES,
    Chosen,
    Format,
    RecordRow,
    batches,
    count,
    lines,
    newest,
    opening,
)
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.url.kept import kept_shell
from reports.url.paging import before_of

ROWS = 50
FIELDS = ("state", "from", "to")
MEDIA_TYPES = {Format.CSV: "text/csv; charset=utf-8", Format.JSONL: "application/x-ndjson"}


@dataclass(frozen=True)
class RecordsPage:
    """`records.html`: the consent records of a site, chosen by state and day, newest first."""

    shell: Shell
    path: str
    """The address of this page."""
    zone: str
    """The site's time zone, in which days are meant and times written."""
    asked: Mapping[str, str]
    """The fields that chose the records: `state`, `from` and `to`, '' where not set."""
    states: tuple[str, ...]
    """The states to choose from."""
    reversed_days: bool
    """Whether the first day is after the last, so that there can be no record."""
    total: int
    """How many records are chosen, on all pages."""
    records: tuple[RecordRow, ...]
    """The records of this page."""
    newest: str
    """The address of the first page, '' on it."""
    older: str
    """The address of earlier records, or ''."""


class RecordsHandler:
    """Serves `/sites/KEY/records` and its export."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard

    def routes(self) -> list[Route]:
        """Return the routes of these pages."""
        page, action, path = self._guard.page, self._guard.action, "/sites/{key}/records"
        return [
            Route(path, page(self._list), methods=["GET"]),
            Route(f"{path}/export", page(self._back), methods=["GET"]),
            Route(f"{path}/export", action(self._export), methods=["POST"]),
        ]

    async def _list(self, request: Request, session: Session) -> Response:
        site, query = self._deps.site(request), request.query_params
        asked = _asked(query)
        chosen, before = chosen_of(site, asked), before_of(query)
        rows = await newest(self._deps.ledger, chosen, before, ROWS + 1)
        path, shown = f"/sites/{site.key}/records", tuple(rows[:ROWS])
        context = RecordsPage(
            shell=kept_shell(site, session, query, "Consent records", "choices", within=True),
            path=path,
            zone=site.time_zone,
            asked=asked,
            states=STATES,
            reversed_days=chosen.reversed_days,
            total=await count(self._deps.ledger, chosen),
            records=shown,
            newest=_address(path, asked) if before is not None else "",
            older=_address(path, asked, shown[-1]["seq"]) if len(rows) > ROWS else "",
        )
        return self._deps.pages.page("reports/records/records.html", context)

    async def _back(self, request: Request, _session: Session) -> Response:
        return RedirectResponse(f"/sites/{self._deps.site(request).key}/records", 303)

    async def _export(self, request: Request, session: Session, form: Form) -> Response:
        site = self._deps.site(request)
        chosen, written = chosen_of(site, _asked(form)), _format(form)
        if chosen.reversed_days:
            raise Malformed("The first day is after the last.", field="from")
        await self._guard.note(request, Act.RECORDS_EXPORTED, session.email, site.key)
        day = as_iso(self._deps.clock())[:10]
        name = f"consent-records-{site.key}-{day}.{written}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        body = written_records(self._deps.ledger, chosen, written)
        return StreamingResponse(body, headers=headers, media_type=MEDIA_TYPES[written])


async def written_records(ledger: Ledger, chosen: Chosen, written: Format) -> AsyncIterator[str]:
    """Yield the file of the chosen records, batch by batch."""
    yield opening(written)
    async for rows in batches(ledger, chosen):
        yield "".join(lines(rows, written))


def chosen_of(site: Site, asked: Mapping[str, str]) -> Chosen:
    """Read which records are asked for; days are in the site's time zone, both included."""
    if (state := asked["state"]) and state not in STATES:
        raise Malformed("There is no such state.", field="state")
    first, last = _day(asked, "from"), _day(asked, "to")
    zone = ZoneInfo(site.time_zone)
    return Chosen(
        site.id,
        state,
        _midnight(first, zone) if first else None,
        _midnight(last + timedelta(days=1), zone) if last else None,
    )


def _asked(given: Mapping[str, str]) -> dict[str, str]:
    return {name: given.get(name, "").strip() for name in FIELDS}


def _day(asked: Mapping[str, str], name: str) -> date | None:
    if not asked[name]:
        return None
    try:
        day = date.fromisoformat(asked[name])
    except ValueError:
        day = date.min
    if not 1970 < day.year < 9000:
        raise Malformed("A day is written as 2026-01-31.", field=name)
    return day


def _midnight(day: date, zone: ZoneInfo) -> int:
    return round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)


def _format(form: Form) -> Format:
    try:
        return Format(form.get("format", ""))
    except ValueError as error:
        raise Malformed("The format is csv or jsonl.", field="format") from error


def _address(path: str, asked: Mapping[str, str], before: int | None = None) -> str:
    kept = {name: value for name, value in asked.items() if value}
    query = urlencode(kept if before is None else {**kept, "before": before})
    return f"{path}?{query}" if query else path
