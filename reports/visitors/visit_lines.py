"""The lines of a visit: a link click and the page that it opened are one line."""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from askfirst.store.personal_data import Row
from askfirst.web.shown_addresses import host, place
from askfirst.web.urls import split_address
from reports.visitors.consent_rows import Consent

PAGE_VIEW = "page_view"
_OPENS_WITHIN = timedelta(minutes=1)
"""How long after a click the page that it opens may be viewed; slow pages take seconds."""


@dataclass(frozen=True)
class Line:
    """One thing that happened; `time` is naive UTC.

    `kind` is "page" (viewed), "click" (viewed by a link), "link" (followed without a page view),
    "file" (downloaded), "out" (left for another site) or "consent". `what` is the text, `via` adds
    details. `stay` is how many seconds passed until the next page or the visit's end; None where
    nothing followed.
    """

    time: datetime
    kind: Literal["page", "click", "link", "file", "out", "consent"]
    what: str = ""
    via: str = ""
    stay: float | None = None
    consent: Consent | None = None


def lines_of(rows: Sequence[Row], hosts: int, said: str = "") -> tuple[Line, ...]:
    """Arrange the events of a visit, oldest first, as lines.

    `hosts` is how many hosts of the site the visitor was on; a single one is not named. `said` is
    the referrer that the visit's heading already names.
    """
    opened = _opened(rows)
    clicked = set(opened.values())
    lines = [
        _line(row, number in opened, hosts, said)
        for number, row in enumerate(rows)
        if number not in clicked
    ]
    return _with_stays(lines, rows[-1]["time"]) if rows else ()


def shown_referrer(row: Row) -> str:
    """Return the page of another site that led here, as shown to people, or ''."""
    if not row["referrer_host"]:
        return ""
    return other_address(row["referrer"] or row["referrer_host"])


def other_address(address: str) -> str:
    """Return an address of another site without its scheme, "www." and a last slash."""
    shown = place(address)
    bare = shown.partition("://")[2] or shown
    return bare.removeprefix("www.").removesuffix("/")


def _opened(rows: Sequence[Row]) -> dict[int, int]:
    """Return the index of the click that opened it, by the index of each page view."""
    pairs: dict[int, int] = {}
    times = [row["time"] for row in rows]
    waiting: dict[
        tuple[str, str], deque[int]
    ] = {}  # page views not yet paired with a click, by page
    for number, row in enumerate(rows):
        if row["kind"] == PAGE_VIEW:
            waiting.setdefault(_address(row), deque()).append(number)
    for number, click in enumerate(rows):
        if click["kind"] != PAGE_VIEW and click["link_kind"] == "internal":
            views = waiting.get(_target(click["link_url"]), deque())
            first = bisect_left(times, click["time"])
            while views and views[0] < first:
                views.popleft()
            if views and views[0] < bisect_right(times, click["time"] + _OPENS_WITHIN):
                pairs[views.popleft()] = number
    return pairs


def _target(link: str) -> tuple[str, str]:
    parts = split_address(link)
    return parts.netloc.lower(), parts.path.rstrip("/")


def _address(row: Row) -> tuple[str, str]:
    return row["host"].lower(), row["path"].rstrip("/")


def _line(row: Row, by_link: bool, hosts: int, said: str) -> Line:
    if row["kind"] != PAGE_VIEW:
        return _click_line(row)
    path = place(row["path"]) or "/"
    referrer = shown_referrer(row)
    came = f"from {referrer}" if referrer and referrer != said else ""
    return Line(
        time=row["time"],
        kind="click" if by_link else "page",
        what=host(row["host"]) + path if hosts > 1 else path,
        via="by a link" if by_link else came,
    )


def _click_line(row: Row) -> Line:
    link, kind = row["link_url"], row["link_kind"]
    parts = split_address(link)
    if kind == "download":
        name = place(parts.path.rstrip("/").rpartition("/")[2]) or place(parts.netloc)
        return Line(row["time"], "file", f"Downloaded {name}", other_address(link))
    if kind == "outbound":
        left = host(parts.netloc).removeprefix("www.") or other_address(link)
        whole = other_address(link)
        return Line(row["time"], "out", f"Left for {left}", "" if whole == left else whole)
    path = place(parts._replace(scheme="", netloc="").geturl() or "/")
    return Line(row["time"], "link", f"Followed a link to {path}")


def _with_stays(lines: Sequence[Line], end: datetime) -> tuple[Line, ...]:
    pages = [number for number, line in enumerate(lines) if line.kind in ("page", "click")]
    ends = dict(pairwise(pages))
    timed = list(lines)
    for number in pages:
        until = lines[ends[number]].time if number in ends else end
        seconds = (until - lines[number].time).total_seconds()
        timed[number] = replace(lines[number], stay=seconds if seconds > 0 else None)
    return tuple(timed)
