"""A person's visits in plain words: labels of the page's language, and what was recorded."""

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import NamedTuple

from askfirst.columns import CAMPAIGN_COLUMNS
from askfirst.rules.corrections import HIDDEN
from askfirst.store.personal_data import Row
from askfirst.web.shown_addresses import host, place
from askfirst.web.urls import split_address
from consent.policy.languages.times import LocalTimes
from consent.rights.hidden_pages import is_told

Words = Mapping[str, str]


@dataclass(frozen=True)
class Said:
    """One label with what was recorded, such as `Page opened` and `/prices`."""

    label: str
    text: str


@dataclass(frozen=True)
class Step:
    """One thing that happened in a visit: its time of day, and what is known of it.

    `page` is the event's number where a page was opened that can be hidden, else ''.
    """

    time: str
    said: tuple[Said, ...]
    page: str = ""


@dataclass(frozen=True)
class MyVisit:
    """One visit: its number in the store, when it began, its sums and its steps, oldest first.

    No other visit of the person has its heading. `leaves_hidden`: without it only hidden pages
    would be left. `all_steps` is how many steps it has; the newest of them may be all that is here.
    """

    visit_id: str
    heading: str
    sums: tuple[Said, ...]
    steps: tuple[Step, ...]
    all_steps: int
    leaves_hidden: bool


class Most(NamedTuple):
    """The most that is written: visits, steps of one visit, and steps of all of them together."""

    visits: int
    of_visit: int
    steps: int


EVERYTHING = Most(sys.maxsize, sys.maxsize, sys.maxsize)


@dataclass(frozen=True)
class Sums:
    """How much is recorded of a person."""

    visits: int
    pages: int
    clicks: int
    files: int


def sums_of(rows: Sequence[Row]) -> Sums:
    """Count a person's events."""
    clicks = [row for row in rows if row["kind"] == "link_click"]
    files = sum(row["link_kind"] == "download" for row in clicks)
    pages = sum(row["kind"] == "page_view" for row in rows)
    return Sums(len({row["visit_id"] for row in rows}), pages, len(clicks) - files, files)


class VisitWriter:
    """Writes visits in a language, with times of the site's zone."""

    def __init__(self, words: Words, tag: str, zone: str) -> None:
        self._words = words
        self._times = LocalTimes(tag, zone)

    def visits(self, rows: Sequence[Row], most: Most = EVERYTHING) -> tuple[MyVisit, ...]:
        """Arrange a person's events into visits, the newest first, and leave out the oldest.

        A visit for whose steps there is no room any more is there without them.
        """
        ordered = sorted(rows, key=lambda row: (row["visit_id"], row["time"], row["event_id"]))
        groups = [list(group) for _, group in groupby(ordered, key=lambda row: row["visit_id"])]
        groups.sort(key=lambda group: group[0]["time"], reverse=True)
        told = {row["visit_id"] for row in rows if is_told(row)}
        alone = next(iter(told)) if len(told) == 1 and len(groups) > 1 else ""
        found, room = [], most.steps
        for group, heading in islice(zip(groups, self._headings(groups), strict=True), most.visits):
            newest = min(most.of_visit, room)
            visit = self._visit(group, heading, alone == group[0]["visit_id"], newest)
            room -= len(visit.steps)
            found.append(visit)
        return tuple(found)

    def _headings(self, groups: Sequence[Sequence[Row]]) -> list[str]:
        """Return when each visit began, with seconds and a number where others began then, too."""
        times = [group[0]["time"] for group in groups]
        minutes = [self._times.moment(time) for time in times]
        same = Counter(minutes)
        found = [
            self._times.moment(time, exact=True) if same[minute] > 1 else minute
            for time, minute in zip(times, minutes, strict=True)
        ]
        left, all_of = Counter(found), Counter(found)
        for number, text in enumerate(found):
            if all_of[text] > 1:
                found[number] = f"{text} ({left[text]})"
                left[text] -= 1
        return found

    def _visit(
        self, rows: Sequence[Row], heading: str, leaves_hidden: bool, newest: int
    ) -> MyVisit:
        told = [row for row in rows if _is_step(row)]
        steps = tuple(self._step(row) for row in told[max(0, len(told) - newest) :])
        sums = self._sums(rows)
        return MyVisit(rows[0]["visit_id"], heading, sums, steps, len(told), leaves_hidden)

    def _sums(self, rows: Sequence[Row]) -> tuple[Said, ...]:
        sums, words = sums_of(rows), self._words
        read = sum(row["engaged_ms"] for row in rows)
        counted = (("pages", sums.pages), ("clicks", sums.clicks), ("files", sums.files))
        return (
            *self._came_from(rows),
            *(Said(words[name], str(number)) for name, number in counted if number),
            *((Said(words["read"], self._times.stay(read)),) if read else ()),
        )

    def _came_from(self, rows: Sequence[Row]) -> tuple[Said, ...]:
        first = next((row for row in rows if row["kind"] == "page_view"), None)
        if first is None:
            return ()
        campaign = " / ".join(str(first[name]) for name in CAMPAIGN_COLUMNS if first[name])
        came = campaign or host(first["referrer_host"])
        return (Said(self._words["came_from"], came),) if came else ()

    def _step(self, row: Row) -> Step:
        said = _STEPS[row["kind"]](self, row)
        can_hide = row["kind"] == "page_view" and row["path"] != HIDDEN
        page = row["event_id"] if can_hide else ""
        return Step(self._times.second(row["time"]), tuple(said), page)

    def _page_view(self, row: Row) -> list[Said]:
        if row["path"] == HIDDEN:
            return [Said(self._words["page"], self._words["hidden_page"])]
        path = place(row["path"] + (f"?{row['query']}" if row["query"] else "")) or "/"
        title = " ".join(row["title"].split())
        return [Said(self._words["page"], f"{title} ({path})" if title else path)]

    def _link_click(self, row: Row) -> list[Said]:
        if row["link_url"] == HIDDEN:
            return [Said(self._words["link"], self._words["hidden_page"])]
        label = {"download": "file", "outbound": "left"}.get(row["link_kind"], "link")
        link = place(row["link_url"])
        name = host(split_address(row["link_url"]).netloc) if label == "left" else ""
        return [Said(self._words[label], f"{name} ({link})" if name else link)]

    def _engagement(self, row: Row) -> list[Said]:
        words, found = self._words, []
        if row["engaged_ms"]:
            found.append(Said(words["read"], self._times.stay(row["engaged_ms"])))
        if row["scroll"]:
            found.append(Said(words["seen"], f"{row['scroll']} %"))
        return found

    def _form_submit(self, row: Row) -> list[Said]:
        return [Said(self._words["form"], "" if row["form"] == "-" else row["form"])]

    def _action(self, row: Row) -> list[Said]:
        return [Said(self._words["action"], row["event_name"])]


def _is_step(row: Row) -> bool:
    """Return whether an event is told as a step; the raw rows have what loading a page took."""
    if row["kind"] == "engagement":
        return bool(row["engaged_ms"] or row["scroll"])
    return row["kind"] in _STEPS


_STEPS: dict[str, Callable[[VisitWriter, Row], list[Said]]] = {
    "page_view": VisitWriter._page_view,
    "link_click": VisitWriter._link_click,
    "engagement": VisitWriter._engagement,
    "form_submit": VisitWriter._form_submit,
    "custom_event": VisitWriter._action,
}
