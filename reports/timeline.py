"""One visitor's rows, arranged for reading: visits with their events, records and entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from askfirst.store.personal_data import Row

EVENTS_PLACE = "warehouse.events"
RECORDS_PLACE = "ledger.consent_records"
WITHDRAWALS_PLACE = "ledger.withdrawals"
DISCLOSURES_PLACE = "ledger.disclosures"
WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Happening:
    """One event: `what` is the page that was viewed or the link that was clicked."""

    time: datetime
    kind: str
    what: str
    note: str
    referrer: str


@dataclass(frozen=True)
class Visit:
    """One visit; `facts` are the values seen in it, by what they are."""

    start: datetime
    seconds: float
    views: int
    clicks: int
    facts: tuple[tuple[str, str, str], ...]
    events: tuple[Happening, ...]


@dataclass(frozen=True)
class Consent:
    """One line of the consent records: a yes or its withdrawal; times are ms since the epoch.

    A withdrawal that stands in the ledger without its record has no `record_id`.
    """

    time: int
    state: str
    consent_id: str
    valid_until: int | None = None
    purposes: tuple[str, ...] = ()
    policy_version: int | None = None
    language: str = ""
    method: str = ""
    record_id: str = ""


@dataclass(frozen=True)
class Person:
    """The facts at the head of a visitor's page."""

    visitor_id: str
    first: datetime | None
    last: datetime | None
    visits: int
    views: int


def visits_of(rows: Sequence[Row]) -> tuple[Visit, ...]:
    """Arrange a visitor's events into visits, newest first; events within stay oldest first."""
    ordered = sorted(rows, key=lambda row: (row["visit_id"], row["time"], row["event_id"]))
    grouped = (list(group) for _, group in groupby(ordered, key=lambda row: row["visit_id"]))
    return tuple(sorted((_visit(group) for group in grouped), key=_start, reverse=True))


def person_of(visitor_id: str, visits: Sequence[Visit]) -> Person:
    """Sum up a visitor's visits."""
    times = [event.time for visit in visits for event in visit.events]
    return Person(
        visitor_id=visitor_id,
        first=min(times, default=None),
        last=max(times, default=None),
        visits=len(visits),
        views=sum(visit.views for visit in visits),
    )


def consents_of(records: Sequence[Row], withdrawals: Sequence[Row]) -> tuple[Consent, ...]:
    """Arrange a visitor's consent records, newest first, each withdrawal as one line."""
    found = [consent_of(row) for row in sorted(records, key=lambda row: row["seq"])]
    told = {one.consent_id for one in found if one.state == WITHDRAWN}
    found += [
        Consent(row["withdrawn_at"], WITHDRAWN, row["consent_id"])
        for row in withdrawals
        if row["consent_id"] not in told
    ]
    ordered = sorted(enumerate(found), key=lambda item: (item[1].time, item[0]), reverse=True)
    return tuple(one for _, one in ordered)


def consent_of(row: Row) -> Consent:
    """Arrange one consent record for reading."""
    return Consent(
        time=row["event_time"],
        state=row["state"],
        consent_id=row["consent_id"],
        valid_until=row["valid_until"],
        purposes=tuple(row["purposes"]),
        policy_version=row["policy_version"],
        language=row["language"],
        method=row["method"],
        record_id=row["record_id"],
    )


def newest_first(rows: Sequence[Row], column: str) -> tuple[Row, ...]:
    """Order rows of a place by a column, newest first."""
    return tuple(sorted(rows, key=lambda row: row[column], reverse=True))


def _start(visit: Visit) -> datetime:
    return visit.start


def _visit(rows: Sequence[Row]) -> Visit:
    start, end = rows[0]["time"], rows[-1]["time"]
    views = sum(row["kind"] == "page_view" for row in rows)
    return Visit(
        start=start,
        seconds=(end - start).total_seconds(),
        views=views,
        clicks=len(rows) - views,
        facts=tuple(_facts(rows)),
        events=tuple(_happening(row) for row in rows),
    )


def _facts(rows: Sequence[Row]) -> list[tuple[str, str, str]]:
    named: tuple[tuple[str, str, Any], ...] = (
        ("IP address", "text", lambda row: row["ip"]),
        ("Country", "country", lambda row: row["country"]),
        ("Browser", "text", lambda row: f"{row['browser']} {row['browser_version']}".strip()),
        ("System", "text", lambda row: f"{row['os']} {row['os_version']}".strip()),
        ("Device", "device", lambda row: row["device"]),
        ("Language", "language", lambda row: row["language"]),
        ("Campaign", "text", _campaign),
        ("Consent", "text", lambda row: row["consent_id"]),
    )
    return [
        (label, kind, value)
        for label, kind, read in named
        for value in dict.fromkeys(read(row) for row in rows)
        if value
    ]


def _campaign(row: Row) -> str:
    return " / ".join(
        row[name] for name in ("utm_source", "utm_medium", "utm_campaign") if row[name]
    )


def _happening(row: Row) -> Happening:
    viewed = row["kind"] == "page_view"
    return Happening(
        time=row["time"],
        kind="Page view" if viewed else "Click",
        what=f"{row['host']}{row['path']}" if viewed else row["link_url"],
        note="" if viewed else row["link_kind"],
        referrer=row["referrer"] if viewed and row["referrer_host"] else "",
    )
