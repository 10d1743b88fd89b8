"""What every question should answer, in plain Python from a list of events, by docs/definitions.md.

An event is a row of `EVENT_COLUMNS`: a dictionary whose `time` is naive UTC. Nothing here is fast,
and nothing here uses the code that it checks.
"""

import base64
import binascii
import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]

ATTRIBUTES = ("country", "browser", "os", "device", "language")
OF_THE_VISIT = ("entry", "leaving")
OF_THE_FIRST_VIEW = "first_"
"""What the names of conditions on the first view of a visit begin with."""


@dataclass(frozen=True)
class Window:
    """One site from `start` (included) to `end` (not), both naive UTC."""

    site_id: int
    start: datetime
    end: datetime

    def has(self, time: datetime) -> bool:
        return self.start <= time < self.end


@dataclass(frozen=True)
class Condition:
    column: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Segment:
    """Conditions that all have to be fulfilled, `on` "visits" or "events"."""

    conditions: tuple[Condition, ...] = ()
    on: str = "visits"


EVERYTHING = Segment()


def id_order(event_id: str) -> str:
    """Return 32 hexadecimal digits by which events of the same millisecond are ordered."""
    if re.fullmatch(r"[A-Za-z0-9_-]{22}", event_id):
        try:
            whole = base64.urlsafe_b64decode(event_id + "==")
        except binascii.Error:
            whole = b""
        if base64.urlsafe_b64encode(whole).decode().rstrip("=") == event_id:
            return whole.hex()
    return hashlib.blake2b(event_id.encode(), digest_size=16).hexdigest()


def in_order(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["time"], id_order(row["event_id"])))


INTERACTIONS = ("link_click", "form_submit", "custom_event")


class Visit:
    """All events of one visit, whichever period is asked about."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.events = in_order(rows)
        views = [row for row in self.events if row["kind"] == "page_view"]
        self.id: str = self.events[0]["visit_id"]
        self.visitor: str = self.events[0]["visitor_id"]
        self.begin: datetime = self.events[0]["time"]
        self.length: timedelta = self.events[-1]["time"] - self.begin
        self.views = len(views)
        self.interactions = sum(row["kind"] in INTERACTIONS for row in self.events)
        self.is_bounce = len(views) == 1 and not self.interactions
        self.entry: str | None = views[0]["path"] if views else None
        self.leaving: str | None = views[-1]["path"] if views else None
        self.first_view: Row | None = views[0] if views else None

    def first(self, column: str) -> str | None:
        """Return what the first view says, None without a view."""
        return self.first_view[column] if self.first_view else None


def visits_of(rows: Iterable[Row], site_id: int) -> list[Visit]:
    found = defaultdict(list)
    for row in rows:
        if row["site_id"] == site_id:
            found[row["visit_id"]].append(row)
    return [Visit(events) for events in found.values()]


# Conditions: of a visit every event is looked at, also those outside the period.


def holds(operator: str, value: str | None, values: Sequence[str]) -> bool:
    """Return whether a value fulfils a condition; None is that of a visit without a page view."""
    if operator == "is_not":
        return value != values[0]
    if operator == "is_empty":
        return not value
    if value is None:
        return False
    if operator in ("is", "one_of"):
        return value in values
    if operator == "contains":
        return values[0] in value
    if operator == "starts_with":
        return value.startswith(values[0])
    if operator == "is_not_empty":
        return value != ""
    assert operator == "matches"
    end = re.sub(
        r"(?<!\\)\$", r"\\Z", values[0]
    )  # `$` of RE2 is the end, not before a last newline
    return re.search(end, value, re.ASCII) is not None


NUMBERS = (
    "status", "engaged_ms", "scroll_from", "scroll", "lcp_ms", "inp_ms", "cls", "ttfb_ms", "amount",
)  # fmt: skip
OF_THE_SCREEN = ("screen_width", "screen_height")


def number_of(event: Row, column: str) -> Decimal | None:
    """Return a number of an event in the units of conditions, None where it has none."""
    if column in OF_THE_SCREEN:
        parts = event["screen"].split("x")
        is_size = len(parts) == 2 and all(re.fullmatch("[0-9]{1,5}", one) for one in parts)
        found = Decimal(parts[OF_THE_SCREEN.index(column)]) if is_size else Decimal(0)
    else:
        found = Decimal(event[column])
    return found / (1000 if column in ("amount", "cls") else 1) if found else None


def holds_of_number(column: str, operator: str, number: Decimal, values: Sequence[str]) -> bool:
    limits = [Decimal(value) for value in values]
    if column in ("lcp_ms", "inp_ms", "ttfb_ms", "cls"):  # a measured 0 is stored as 1
        limits = [max(one, Decimal("0.001") if column == "cls" else Decimal(1)) for one in limits]
    if operator == "is":
        return number == limits[0]
    if operator == "at_least":
        return number >= limits[0]
    if operator == "at_most":
        return number <= limits[0]
    assert operator == "between"
    return limits[0] <= number <= limits[1]


def is_done(event: Row, deed: Sequence[str]) -> bool:
    """Return whether an event has a kind and a text that fits a pattern; '' is any text."""
    kind, column, pattern, link_kind = deed
    text, parts = event[column], map(re.escape, (pattern or "*").split("*"))
    of_kind = event["kind"] == kind and link_kind in ("", event["link_kind"])
    return of_kind and text != "" and re.fullmatch(".*".join(parts), text, re.DOTALL) is not None


def asks_for_nothing(condition: Condition) -> bool:
    if condition.operator in ("is_empty", "is_not_empty"):
        return False
    operator = "is" if condition.operator == "is_not" else condition.operator
    return holds(operator, "", condition.values)


def event_fulfils(event: Row, visit: Visit, condition: Condition) -> bool:
    column = condition.column
    if column == "goal":
        return is_done(event, condition.values) is (condition.operator == "reached")
    if column in NUMBERS or column in OF_THE_SCREEN:
        number = number_of(event, column)
        return number is not None and holds_of_number(
            column, condition.operator, number, condition.values
        )
    if column == "title" and event["kind"] != "page_view" and asks_for_nothing(condition):
        return condition.operator == "is_not"  # others have no title that could be empty
    if column in OF_THE_VISIT:
        value = getattr(visit, column)
    elif column.startswith(OF_THE_FIRST_VIEW):
        value = visit.first(column.removeprefix(OF_THE_FIRST_VIEW))
    else:
        value = event[column]
    return holds(condition.operator, value, condition.values)


def counts_event(event: Row, visit: Visit, segment: Segment) -> bool:
    """Return whether one event fulfils every condition by itself."""
    return all(event_fulfils(event, visit, one) for one in segment.conditions)


def visit_fulfils(visit: Visit, condition: Condition) -> bool:
    every_or_one = all if condition.operator in ("is_not", "is_empty", "not_reached") else any
    return every_or_one(event_fulfils(event, visit, condition) for event in visit.events)


def matches(visit: Visit, segment: Segment) -> bool:
    if segment.on == "events":
        return any(counts_event(event, visit, segment) for event in visit.events)
    return all(visit_fulfils(visit, condition) for condition in segment.conditions)


def counted(
    rows: Iterable[Row], window: Window, segment: Segment = EVERYTHING
) -> tuple[list[Row], list[Visit]]:
    """Return the events of the window that count, and the visits that began in it and count."""
    matching = [visit for visit in visits_of(rows, window.site_id) if matches(visit, segment)]
    events = [
        event
        for visit in matching
        for event in visit.events
        if window.has(event["time"])
        and (segment.on == "visits" or counts_event(event, visit, segment))
    ]
    return in_order(events), [visit for visit in matching if window.has(visit.begin)]


# The questions.


def totals(rows: Iterable[Row], window: Window, segment: Segment = EVERYTHING) -> Row:
    """Return visitors, visits, views, bounces and seconds (mean length, None without visits)."""
    return _figures(*counted(rows, window, segment))


def _figures(events: Sequence[Row], visits: Sequence[Visit]) -> Row:
    lengths = [visit.length.total_seconds() for visit in visits]
    return {
        "visitors": len({event["visitor_id"] for event in events}),
        "visits": len(visits),
        "views": sum(event["kind"] == "page_view" for event in events),
        "bounces": sum(visit.is_bounce for visit in visits),
        "seconds": sum(lengths) / len(lengths) if lengths else None,
    }


def over_time(
    rows: Iterable[Row], window: Window, by: str, zone: str, segment: Segment = EVERYTHING
) -> dict[datetime, Row]:
    """Return visitors, visits, views of each step in which something happened, by `step`."""
    events, visits = counted(rows, window, segment)
    steps: dict[datetime, tuple[list[Row], list[Visit]]] = defaultdict(lambda: ([], []))
    for event in events:
        steps[step(event["time"], by, zone)][0].append(event)
    for visit in visits:
        steps[step(visit.begin, by, zone)][1].append(visit)
    figures = {key: _figures(*found) for key, found in steps.items()}
    names = ("visitors", "visits", "views")
    return {key: {name: figures[key][name] for name in names} for key in sorted(figures)}


def step(time: datetime, by: str, zone: str) -> datetime:
    """Return the beginning of a moment's step on local clocks.

    An hour is an hour between two strokes of the local clocks, named by its beginning in UTC plus
    the part of the offset that is less than an hour: the hour that a clock change repeats is two.
    """
    offset = time.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    if by == "hour":
        shifted = time + offset % timedelta(hours=1)
        return shifted.replace(minute=0, second=0, microsecond=0)
    day = local_day(time, zone)
    if by == "week":
        day -= timedelta(days=day.weekday())
    if by == "month":
        day = day.replace(day=1)
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a local date


def local_day(time: datetime, zone: str) -> date:
    return time.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()


List = list[tuple[str, int, int]]
"""Name, amount and visitors of each value of a dimension, in the order of the list."""


def listed(rows: Iterable[Row], window: Window, name: str, segment: Segment = EVERYTHING) -> List:
    """Return a dimension's list: path, entry, leaving, referrer, link or an attribute."""
    events, visits = counted(rows, window, segment)
    views = [event for event in events if event["kind"] == "page_view"]
    clicks = [event for event in events if event["kind"] == "link_click"]
    if name in ATTRIBUTES:
        return _by_visitors(events, name)
    if name == "path":
        return _by_amount([(view["path"], view["visitor_id"]) for view in views])
    if name == "link":
        return _by_amount([(click["link_url"], click["visitor_id"]) for click in clicks])
    value: dict[str, Callable[[Visit], str | None]] = {
        "entry": lambda visit: visit.entry,
        "leaving": lambda visit: visit.leaving,
        "referrer": lambda visit: visit.first("referrer_host"),
        "source": lambda visit: visit.first("source"),
        "channel": lambda visit: visit.first("channel"),
    }
    found = [(value[name](visit), visit.visitor) for visit in visits]
    return _by_amount([(text, visitor) for text, visitor in found if text is not None])


def _by_amount(found: Iterable[tuple[str, str]]) -> List:
    visitors: dict[str, list[str]] = defaultdict(list)
    for value, visitor in found:
        visitors[value].append(visitor)
    rows = [(value, len(those), len(set(those))) for value, those in visitors.items()]
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def _by_visitors(events: Iterable[Row], column: str) -> List:
    found: dict[str, list[Row]] = defaultdict(list)
    for event in events:
        found[event[column]].append(event)
    rows = [
        (
            value,
            sum(event["kind"] == "page_view" for event in those),
            len({event["visitor_id"] for event in those}),
        )
        for value, those in found.items()
    ]
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def visitors(rows: Sequence[Row], window: Window, segment: Segment = EVERYTHING) -> list[Row]:
    """Return a row a visitor who has an event in the window, last seen first.

    `first` is that of all events; `opened` and `last` are of those that count. The last visit is
    that of the last event that counts: its entry, entry_host, referrer and source are those of its
    first view, '' where it has none.
    """
    events, begun = counted(rows, window, segment)
    whole = {visit.id: visit for visit in visits_of(rows, window.site_id)}
    mine = [row for row in rows if row["site_id"] == window.site_id]
    answer = []
    for visitor in {event["visitor_id"] for event in events}:
        counting = [event for event in events if event["visitor_id"] == visitor]
        visits = [visit for visit in begun if visit.visitor == visitor]
        last = counting[-1]
        entered: Row = whole[last["visit_id"]].first_view or defaultdict(str)
        answer.append(
            {
                "visitor_id": visitor,
                "first": min(row["time"] for row in mine if row["visitor_id"] == visitor),
                "opened": counting[0]["time"],
                "last": last["time"],
                "visits": len(visits),
                "views": sum(event["kind"] == "page_view" for event in counting),
                "seconds": sum(visit.length.total_seconds() for visit in visits),
                "engaged": sum(event["engaged_ms"] for event in counting) / 1000,
                **{name: last[name] for name in ("country", "browser", "os", "device")},
                "entry": entered["path"],
                "entry_host": entered["host"],
                "referrer": entered["referrer_host"],
                "source": entered["utm_source"],
            }
        )
    answer.sort(key=lambda row: row["visitor_id"])
    return sorted(answer, key=lambda row: row["last"], reverse=True)


def ruled(rows: Iterable[Row], window: Window) -> list[tuple[str, int, int, int, int]]:
    """Return each rule with the events, visitors, visits and views that there are of it alone."""
    by_rule = defaultdict(list)
    for row in rows:
        if row["site_id"] == window.site_id and row["bot_rule"]:
            by_rule[row["bot_rule"]].append(row)
    answer = []
    for rule, those in sorted(by_rule.items()):
        figures = totals(those, window)
        events = sum(window.has(row["time"]) for row in those)
        if events or figures["visits"]:
            answer.append((rule, events, *(figures[n] for n in ("visitors", "visits", "views"))))
    return answer


def page_views(rows: Iterable[Row], window: Window, segment: Segment = EVERYTHING) -> int:
    return int(totals(rows, window, segment)["views"])


def span(rows: Iterable[Row], site_id: int) -> tuple[datetime | None, datetime | None, int]:
    """Return the times of a site's first and last event, and the number of its events."""
    times = [row["time"] for row in rows if row["site_id"] == site_id]
    return min(times, default=None), max(times, default=None), len(times)


def ungrounded(
    rows: Iterable[Row],
    site_id: int,
    until: datetime,
    consents: dict[str, tuple[datetime, datetime]],
) -> tuple[int, int]:
    """Return the number of events before `until`, and of those outside of their consent's time."""
    mine = [row for row in rows if row["site_id"] == site_id and row["time"] < until]
    never = (datetime.max, datetime.min)  # noqa: DTZ901 - naive UTC
    times = [(row["time"], *consents.get(row["consent_id"], never)) for row in mine]
    return len(mine), sum(not given <= time < ends for time, given, ends in times)
