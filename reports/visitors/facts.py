"""What is known of a visitor: what all visits share, and what differs between them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from askfirst.columns import (
    CAMPAIGN_COLUMNS,
    COLUMNS,
    EVENT_NUMBERS,
    LINK_COLUMNS,
    ORIGIN_COLUMNS,
    Column,
)
from askfirst.sites import Site
from askfirst.store.personal_data import Row
from reports.formatting.channel_words import channel_words
from reports.formatting.marks import browser_icon, browser_name
from reports.formatting.rule_words import rule_words
from reports.formatting.template_filters import language, listed
from reports.visitors.names import person_name, system_name


@dataclass(frozen=True)
class Fact:
    """One fact, such as Country: Germany."""

    label: str
    value: str


@dataclass(frozen=True)
class Person:
    """The sums of a visitor's events; times are naive UTC, None where there is no event.

    `left_out` says how many of the visits and page views the reports leave out: visits of which
    nothing counts, and every such view.
    """

    visitor_id: str
    name: str
    icon: str
    device: str
    country: str
    language: str
    first: datetime | None
    last: datetime | None
    visits: int
    views: int
    seconds: float | None
    left_out: tuple[int, int] = (0, 0)


_NAMED = ("browser", "os", "device", "country")


def _agent(name: Callable[[str], str], column: str) -> Callable[[Row], str]:
    def read(row: Row) -> str:
        return f"{name(row[column])} {row[column + '_version']}".strip()

    return read


def _plain(one: Column) -> Callable[[Row], str]:
    kind = one.listed.kind if one.listed else ""
    return lambda row: listed(row[one.name], kind) if row[one.name] else ""


def _languages(tags: str) -> str:
    return ", ".join(language(one) for one in tags.split(", ") if one)


_FACTS_OF: dict[str, tuple[str, Callable[[Row], str]]] = {
    "country": ("Country", lambda row: listed(row["country"], "country") if row["country"] else ""),
    "language": ("Language", lambda row: language(row["language"]) if row["language"] else ""),
    "device": ("Device", lambda row: row["device"].capitalize()),
    "browser": ("Browser", _agent(browser_name, "browser")),
    "os": ("System", lambda row: f"{system_name(row['os'], '')} {row['os_version']}".strip()),
    "ip": ("IP address", lambda row: row["ip"]),
    "languages": ("All languages", lambda row: _languages(row["languages"])),
    "channel": ("Channel", lambda row: channel_words(row["channel"])),
    "bot_rule": ("Taken for a program", lambda row: rule_words(row["bot_rule"])[0]),
}
"""The columns whose facts have words of their own here, in the order of the page."""
_OF_A_LINE = ("query", "title", "canonical", "form", "event_name", "event_props", "currency")
"""What belongs to one page or action, and stands in the timeline or only in the file."""
_SHOWN_ELSEWHERE = {
    *("browser_version", "os_version"),  # with browser and system
    # of one page view, in the timeline or the file
    *("referrer", "click_id", *ORIGIN_COLUMNS, *CAMPAIGN_COLUMNS, *LINK_COLUMNS),
    *(*EVENT_NUMBERS, *_OF_A_LINE),
}
_FACTS = (
    *_FACTS_OF.values(),
    *(
        (one.title, _plain(one))
        for one in COLUMNS
        if not one.is_fixed and one.name not in _FACTS_OF.keys() | _SHOWN_ELSEWHERE
    ),
)
"""The label of each fact, and what reads it from an event."""


def by_visit(rows: Sequence[Row]) -> list[list[Row]]:
    """Group events by visit; the visits and the events of each are oldest first."""
    ordered = sorted(rows, key=lambda row: (row["visit_id"], row["time"], row["event_id"]))
    groups = [list(group) for _, group in groupby(ordered, key=lambda row: row["visit_id"])]
    return sorted(groups, key=lambda group: group[0]["time"])


def shared_facts(rows: Sequence[Row]) -> tuple[Fact, ...]:
    """Return the facts that are the same in every visit."""
    visits = [_facts_of(group) for group in by_visit(rows)]
    same = _same_labels(visits)
    return tuple(fact for fact in (visits[0] if visits else ()) if fact.label in same)


def differing_facts(visits: Sequence[Sequence[Row]]) -> list[tuple[Fact, ...]]:
    """Return for each visit the facts that are not the same in every visit."""
    facts = [_facts_of(rows) for rows in visits]
    same = _same_labels(facts)
    return [tuple(fact for fact in some if fact.label not in same) for some in facts]


def _facts_of(rows: Sequence[Row]) -> tuple[Fact, ...]:
    return tuple(
        Fact(label, value)
        for label, read in _FACTS
        for value in dict.fromkeys(map(read, rows))
        if value
    )


def is_left_out(site: Site, row: Row) -> bool:
    """Return whether the reports of a site leave out an event."""
    return site.leaves_out(row["bot_rule"], row["excluded"])


def person_of(visitor_id: str, rows: Sequence[Row], site: Site) -> Person:
    """Sum up a visitor's events; the newest decides what the visitor is called."""
    counted = [row for row in rows if not is_left_out(site, row)]
    (visits, views), (some_visits, some_views) = _numbers(rows), _numbers(counted)
    ordered = sorted(rows, key=lambda row: row["time"])
    newest = ordered[-1] if ordered else dict.fromkeys((*_NAMED, "language"), "")
    return Person(
        visitor_id=visitor_id,
        name=person_name(*(newest[column] for column in _NAMED)),
        icon=browser_icon(newest["browser"]),
        device=newest["device"],
        country=newest["country"],
        language=language(newest["language"]) if newest["language"] else "",
        first=ordered[0]["time"] if ordered else None,
        last=ordered[-1]["time"] if ordered else None,
        visits=visits,
        views=views,
        seconds=_seconds(rows),
        left_out=(visits - some_visits, views - some_views),
    )


def _numbers(rows: Sequence[Row]) -> tuple[int, int]:
    """Return the numbers of visits and page views."""
    return len({row["visit_id"] for row in rows}), sum(row["kind"] == "page_view" for row in rows)


def _seconds(rows: Sequence[Row]) -> float | None:
    visits = by_visit(rows)
    return sum((v[-1]["time"] - v[0]["time"]).total_seconds() for v in visits) or None


def _same_labels(visits: Sequence[tuple[Fact, ...]]) -> set[str]:
    labels = {fact.label for facts in visits for fact in facts}
    return {label for label in labels if len({_of(label, facts) for facts in visits}) == 1}


def _of(label: str, facts: Sequence[Fact]) -> tuple[str, ...]:
    return tuple(sorted(fact.value for fact in facts if fact.label == label))
