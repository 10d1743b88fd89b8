"""A visitor's timeline: visits with their lines, and choices at the visits they belong to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from askfirst.clock import as_datetime
from askfirst.columns import CAMPAIGN_COLUMNS
from askfirst.sites import Site
from askfirst.store.personal_data import Row
from reports.visitors.consent_rows import Consent
from reports.visitors.facts import Fact, by_visit, differing_facts, is_left_out
from reports.visitors.visit_lines import PAGE_VIEW, Line, lines_of, shown_referrer

EVENTS_PLACE = "warehouse.events"
RECORDS_PLACE = "ledger.consent_records"
WITHDRAWALS_PLACE = "ledger.withdrawals"
DISCLOSURES_PLACE = "ledger.disclosures"
_NEAR = timedelta(minutes=30)
"""How far from a visit a choice may be that belongs to it."""


@dataclass(frozen=True)
class Visit:
    """One visit; times are naive UTC.

    `number` counts the visitor's visits from 1; 0 is a choice that belongs to no visit and is the
    only line. `seconds` is None for a single event. `came_from` is a campaign or the page of
    another site, '' where there is none; `direct` says that a page was opened without one. `facts`
    are those that are not the same for every visit. `left_out` says how much of it the reports
    leave out: "all", "part", or "".
    """

    start: datetime
    end: datetime
    number: int
    seconds: float | None
    views: int
    came_from: str
    direct: bool
    facts: tuple[Fact, ...]
    lines: tuple[Line, ...]
    consent_ids: tuple[str, ...] = ()
    left_out: str = ""


def visits_of(
    rows: Sequence[Row], site: Site, consents: Sequence[Consent] = ()
) -> tuple[Visit, ...]:
    """Arrange a visitor's events into visits, newest first, with each choice at its visit."""
    groups = by_visit(rows)
    hosts = len({row["host"] for row in rows if row["kind"] == PAGE_VIEW})
    facts = differing_facts(groups)
    visits = [
        replace(_visit(number, group, hosts, differs), left_out=_left_out(site, group))
        for number, (group, differs) in enumerate(zip(groups, facts, strict=True), start=1)
    ]
    return tuple(sorted(_with_choices(visits, consents), key=_start, reverse=True))


SHOWN: dict[str, tuple[str, tuple[str, ...]]] = {
    "all": ("All", ()),
    "actions": ("Actions", ("form", "action")),
    "files": ("Files", ("file",)),
    "consent": ("Consent", ("consent",)),
}
"""What the timeline can be cut down to, by the name in the address: words, and kinds of lines."""


def shown_of(visits: Sequence[Visit], show: str) -> tuple[Visit, ...]:
    """Return the visits with what `show`, a key of `SHOWN`, says; those without such lines go."""
    _, kinds = SHOWN[show]
    if not kinds:
        return tuple(visits)
    cut = (
        replace(visit, lines=tuple(line for line in visit.lines if line.kind in kinds))
        for visit in visits
    )
    return tuple(visit for visit in cut if visit.lines)


def _start(visit: Visit) -> datetime:
    return visit.start


def _visit(number: int, rows: Sequence[Row], hosts: int, facts: tuple[Fact, ...]) -> Visit:
    start, end = rows[0]["time"], rows[-1]["time"]
    pages = [row for row in rows if row["kind"] == PAGE_VIEW]
    referrer = shown_referrer(pages[0]) if pages else ""
    campaign = next((words for words in map(_campaign, pages) if words), "")
    return Visit(
        start=start,
        end=end,
        number=number,
        seconds=(end - start).total_seconds() if len(rows) > 1 else None,
        views=len(pages),
        came_from=campaign or referrer,
        direct=bool(pages) and not campaign and not referrer,
        facts=facts,
        lines=lines_of(rows, hosts, "" if campaign else referrer),
        consent_ids=tuple(dict.fromkeys(row["consent_id"] for row in rows)),
    )


def _left_out(site: Site, rows: Sequence[Row]) -> str:
    left_out = [is_left_out(site, row) for row in rows]
    return "all" if all(left_out) else "part" if any(left_out) else ""


def _campaign(row: Row) -> str:
    return " / ".join(row[name] for name in CAMPAIGN_COLUMNS if row[name])


def _with_choices(visits: Sequence[Visit], consents: Sequence[Consent]) -> list[Visit]:
    found = list(visits)
    for consent in consents:
        time = as_datetime(consent.time).astimezone(UTC).replace(tzinfo=None)
        line = Line(time, "consent", consent=consent)
        near = [n for n in range(len(visits)) if _distance(visits[n], time) <= _NEAR]
        if near:
            nearest = min(near, key=lambda n: _distance(visits[n], time))
            found[nearest] = _with_line(found[nearest], line)
        else:
            found.append(Visit(time, time, 0, None, 0, "", False, (), (line,)))
    return found


def _distance(visit: Visit, time: datetime) -> timedelta:
    return max(visit.start - time, time - visit.end, timedelta(0))


def _with_line(visit: Visit, line: Line) -> Visit:
    """Insert a choice into the lines, before events of the same moment."""
    ordered = sorted((line, *visit.lines), key=lambda one: (one.time, one.kind != "consent"))
    return replace(visit, lines=tuple(ordered))
