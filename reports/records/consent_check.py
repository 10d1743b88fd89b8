"""The check that every recorded event has a consent that was valid when it happened."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.clock import as_datetime
from askfirst.store.ledger.tables import consent_records, withdrawals
from askfirst.store.warehouse.identifiers import FORMS, stored_id
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.questions.grounds import grounds
from reports.shell import Shell
from reports.staff.guard import Guard
from reports.url.kept import kept_shell
from reports.url.report_query import ReportQuery

GIVEN = "given"


@dataclass(frozen=True)
class ConsentCheckPage:
    """`consent_check.html`: how many events have no consent that was valid when they happened."""

    shell: Shell
    rows: int
    """How many events were compared."""
    ungrounded: int
    """How many of them have no valid consent; 0 unless something is broken."""
    consents: int
    """With how many consents they were compared."""
    checked_at: datetime
    """When, as aware UTC."""
    zone: str
    """The site's time zone."""


class ConsentCheckHandler:
    """Serves `/sites/KEY/consent-check`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._query = ReportQuery(deps)

    def routes(self) -> list[Route]:
        """Return the route of the check."""
        path = "/sites/{key}/consent-check"
        return [Route(path, self._guard.page(self._page), methods=["GET"])]

    async def _page(self, request: Request, session: Session) -> Response:
        site = self._query.site(request)
        # Only events before this moment: their consents are older, so all of them are read.
        moment = self._deps.clock()
        consents = await self._consents(site.id)
        beside = {"valid_consents": consents}
        found = await asyncio.to_thread(
            self._deps.warehouse.ask_beside, beside, grounds, site.id, moment
        )
        context = ConsentCheckPage(
            shell=kept_shell(site, session, request.query_params, "Consent check", "overview"),
            rows=int(found["events"].iloc[0]),
            ungrounded=int(found["ungrounded"].iloc[0]),
            consents=len(consents),
            checked_at=as_datetime(moment),
            zone=site.time_zone,
        )
        return self._deps.pages.page("reports/records/consent_check.html", context)

    async def _consents(self, site_id: int) -> pd.DataFrame:
        async with self._deps.ledger.read() as connection:
            rows = (await connection.execute(_given(site_id))).all()
        return await asyncio.to_thread(_frame, site_id, rows)


def _given(site_id: int) -> Any:
    records = consent_records.c
    joined = consent_records.outerjoin(withdrawals, withdrawals.c.consent_id == records.consent_id)
    columns = (
        records.consent_id,
        records.event_time,
        records.valid_until,
        withdrawals.c.withdrawn_at,
    )
    mine = (records.site_id == site_id) & (records.state == GIVEN)
    return select(*columns).select_from(joined).where(mine)


def _frame(site_id: int, rows: Any) -> pd.DataFrame:
    ids = [stored_id(row[0], FORMS["consent_id"]) for row in rows]
    ends = [min(until, gone if gone is not None else until) for _, _, until, gone in rows]
    return pd.DataFrame(
        {
            "site": pd.Series([site_id] * len(ids), dtype="int32"),
            "consent_id": pd.Series(ids, dtype="str"),
            "given": pd.Series([row[1] for row in rows], dtype="int64"),
            "until": pd.Series(ends, dtype="int64"),
        }
    )
