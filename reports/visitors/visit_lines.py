"""The lines of a visit: a link click and the page that it opened are one line."""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from askfirst.rules.corrections import HIDDEN
from askfirst.store.personal_data import Row
from askfirst.web.shown_addresses import host, place
from askfirst.web.urls import split_address
from reports.formatting.measures import milliseconds, money, properties
from reports.formatting.template_filters import round_percent
from reports.visitors.consent_rows import Consent

PAGE_VIEW, LINK_CLICK = "page_view", "link_click"
_READING = ("engagement", "web_vitals")
"""Kinds of events that tell of a page that was viewed, and are no line of their own."""
_NOT_FOUND = 404
_OPENS_WITHIN = timedelta(minutes=1)
"""How long after a click the page that it opens may be viewed; slow pages take seconds."""


@dataclass(frozen=True)
class Line:
    """One thing that happened; `time` is naive UTC.

    `kind` is "page" (viewed), "click" (viewed by a link), "link" (followed without a page view),
    "file" (downloaded), "out" (left for another site), "form" (sent), "action" (that the website
    marks) or "consent". `what` is the text, `via` adds details. `stay` is how many seconds the page
    was read, or else passed until the next page or the visit's end; None where nothing followed.
    """

    time: datetime
    kind: Literal["page", "click", "link", "file", "out", "form", "action", "consent"]
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
    read = _read(rows)
    lines, seconds = [], []
    for number, row in enumerate(rows):
        if number not in clicked and row["kind"] not in _READING:
            lines.append(_line(row, number in opened, hosts, said, read.get(number, _UNREAD)))
            seconds.append(read.get(number, _UNREAD).seconds)
    return _with_stays(lines, seconds, rows[-1]["time"]) if rows else ()


@dataclass(frozen=True)
class _Reading:
    """How long a page that was viewed was read, how far down in percent, and how it loaded.

    `lcp_ms` is when its largest part was there, 0 where that is not told.
    """

    seconds: float = 0.0
    scroll: int = 0
    lcp_ms: int = 0


_UNREAD = _Reading()


def _read(rows: Sequence[Row]) -> dict[int, _Reading]:
    """Return what is known of the reading of each page view, by its index.

    What is told of a page belongs to the last view of it before.
    """
    last: dict[tuple[str, ...], int] = {}
    found: dict[int, _Reading] = {}
    for number, row in enumerate(rows):
        if row["kind"] == PAGE_VIEW:
            last[_page(row)] = number
        elif row["kind"] in _READING and (view := last.get(_page(row))) is not None:
            before = found.get(view, _UNREAD)
            found[view] = _Reading(
                seconds=before.seconds + row["engaged_ms"] / 1000,
                scroll=max(before.scroll, row["scroll"]),
                lcp_ms=before.lcp_ms or row["lcp_ms"],
            )
    return found


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
        if click["kind"] == LINK_CLICK and click["link_kind"] == "internal":
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


def _page(row: Row) -> tuple[str, ...]:
    return (*_address(row), row["query"])


def _line(row: Row, by_link: bool, hosts: int, said: str, read: _Reading) -> Line:
    if row["kind"] == LINK_CLICK:
        return _click_line(row)
    if row["kind"] != PAGE_VIEW:
        return _action_line(row)
    rest = f"?{row['query']}" if row["query"] else ""
    path = place(row["path"] + rest) or "/"
    page = host(row["host"]) + path if hosts > 1 and row["path"] != HIDDEN else path
    title = " ".join(row["title"].split())
    referrer = shown_referrer(row)
    came = f"from {referrer}" if referrer and referrer != said else ""
    details = (
        page if title else "",
        "by a link" if by_link else came,
        "not found" if row["status"] == _NOT_FOUND else "",
        f"loaded in {milliseconds(read.lcp_ms)}" if read.lcp_ms else "",
        f"{round_percent(read.scroll / 100)} of it seen" if read.scroll else "",
    )
    return Line(
        time=row["time"],
        kind="click" if by_link else "page",
        what=title or page,
        via=", ".join(one for one in details if one),
    )


def _action_line(row: Row) -> Line:
    """Return the line of a form that was sent, or of an action that the website marks."""
    if row["kind"] == "form_submit":
        named = "" if row["form"] in ("", "-") else f" {row['form']}"
        return Line(row["time"], "form", f"Sent the form{named}" if named else "Sent a form")
    paid = money(row["amount"], row["currency"])
    details = ", ".join(one for one in (paid, properties(row["event_props"])) if one)
    return Line(row["time"], "action", row["event_name"] or "Something else", details)


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
    if kind in ("mail", "telephone"):
        verb = "Opened a mail to" if kind == "mail" else "Opened a call to"
        return Line(row["time"], "out", f"{verb} {link.partition(':')[2] or link}", "by a link")
    path = place(parts._replace(scheme="", netloc="").geturl() or "/")
    return Line(row["time"], "link", f"Followed a link to {path}")


def _with_stays(lines: Sequence[Line], read: Sequence[float], end: datetime) -> tuple[Line, ...]:
    pages = [number for number, line in enumerate(lines) if line.kind in ("page", "click")]
    ends = dict(pairwise(pages))
    timed = list(lines)
    for number in pages:
        until = lines[ends[number]].time if number in ends else end
        seconds = read[number] or (until - lines[number].time).total_seconds()
        timed[number] = replace(lines[number], stay=seconds if seconds > 0 else None)
    return tuple(timed)
