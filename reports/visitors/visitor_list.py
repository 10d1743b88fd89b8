"""The rows of the list of visitors, under a heading a day where it goes by when they were seen."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

import pandas as pd

from askfirst.web.shown_addresses import host
from reports.formatting.dates import heading_of, local
from reports.formatting.marks import browser_icon, device_icon
from reports.url.steps import moment_of
from reports.visitors.names import person_name, telling_apart

_TEXTS = (
    "country",
    "browser",
    "os",
    "device",
    "entry",
    "entry_host",
    "referrer",
    "source",
)


@dataclass(frozen=True)
class ListedVisitor:
    """A row of the list; times are naive UTC, `first` of all time, all else of the period.

    `digits` tells visitors of one name apart, else ''. `came_from` is a host as people read it or a
    campaign's source, '' where the visitor came directly. `engaged` are the seconds for which pages
    were read, None where that was not told. `is_new` says that the visitor's first visit ever is
    the only one of the period.
    """

    visitor_id: str
    name: str
    digits: str
    device: str
    country: str
    icon: str
    device_icon: str
    first: datetime
    last: datetime
    visits: int
    views: int
    engaged: float | None
    entry: str
    came_from: str
    is_new: bool


@dataclass(frozen=True)
class DayOfVisitors:
    """Who was last seen on one day; `note` is the day's date where its heading is a name.

    A list that goes by something else has all visitors under no heading: ''.
    """

    heading: str
    note: str
    visitors: tuple[ListedVisitor, ...]


def days_of(
    frame: pd.DataFrame,
    shown: Collection[str],
    zone: str,
    now: datetime,
    by_day: bool = True,
) -> tuple[DayOfVisitors, ...]:
    """Arrange the answer of the query `visitors`; only visitors in `shown` are listed.

    `now` is aware UTC; days begin at midnight of the time zone. `by_day` puts them under headings.
    """
    rows = [row for row in frame.to_dict("records") if row["visitor_id"] in shown]
    one_host = len({row["entry_host"] for row in rows if row["entry_host"]}) == 1
    names = [_name(row) for row in rows]
    digits = telling_apart([(n, row["visitor_id"]) for n, row in zip(names, rows, strict=True)])
    people = [
        _listed(row, name, few, one_host)
        for row, name, few in zip(rows, names, digits, strict=True)
    ]
    if not by_day:
        return (DayOfVisitors("", "", tuple(people)),) if people else ()
    today = local(now, zone).date()
    days = groupby(people, key=lambda one: local(one.last, zone).date())
    return tuple(_day(day, list(those), today) for day, those in days)


def everybody_of(frame: pd.DataFrame) -> int | None:
    """Return how many visitors the period has; None where the answer has no row."""
    return None if frame.empty else int(frame["everybody"].iloc[0])


def _day(day: date, visitors: Sequence[ListedVisitor], today: date) -> DayOfVisitors:
    heading, note = heading_of(day, today)
    return DayOfVisitors(heading, note, tuple(visitors))


def _name(row: dict[Any, Any]) -> str:
    return person_name(str(row["browser"]), str(row["os"]), str(row["device"]), str(row["country"]))


def _listed(row: dict[Any, Any], name: str, digits: str, one_host: bool) -> ListedVisitor:
    texts = {key: str(row[key]) for key in _TEXTS}
    first, last, opened = (moment_of(int(row[key])) for key in ("first", "last", "opened"))
    visits = int(row["visits"])
    return ListedVisitor(
        visitor_id=row["visitor_id"],
        name=name,
        digits=digits,
        device=texts["device"],
        country=texts["country"],
        icon=browser_icon(texts["browser"]),
        device_icon=device_icon(texts["device"]),
        first=first,
        last=last,
        visits=visits,
        views=int(row["views"]),
        engaged=float(row["engaged"]) or None,
        entry=texts["entry"] if one_host else texts["entry_host"] + texts["entry"],
        came_from=texts["source"] or host(texts["referrer"]),
        is_new=visits == 1 and first == opened,
    )
