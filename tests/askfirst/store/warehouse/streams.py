"""Events as the shipper stores them, made by Hypothesis or read from an access log.

A stream is a list of batches in the order in which they come; a batch is a list of rows of
`EVENT_COLUMNS`. Events may come up to 24 hours late, visits end as `Visits` ends them.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hypothesis import strategies as st

from askfirst.columns import COLUMNS, EVENT_NUMBERS, EVENT_TEXTS, KINDS, PROFILE_TEXTS, nothing_of
from askfirst.events import EVENT_COLUMNS, JournalEntry
from collector.enrichment.enrich import client_of, outside_host
from collector.enrichment.visits import Visits

Row = dict[str, Any]
NOTHING: Row = {one.name: nothing_of(one) for one in COLUMNS}
"""A row in which nothing is known."""


class Stream(list[list[Row]]):
    """Batches of rows; what a failing test shows of it has no empty columns and an end."""

    def __repr__(self) -> str:
        shown = [[_shown(row) for row in batch] for batch in self]
        text = "\n---\n".join("\n".join(batch) for batch in shown)
        return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]} ..."


_MOST_SHOWN = 5_000  # Hypothesis warns of more than 30,000 characters


def _shown(row: Row) -> str:
    return repr({name: str(value) for name, value in row.items() if value not in ("", 0)})


SILENCE_MS = 30 * 60_000
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",  # its clocks change by half an hour
    "America/Sao_Paulo",
    "UTC",
)


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def naive(time_ms: int) -> datetime:
    return datetime(1970, 1, 1) + timedelta(milliseconds=time_ms)  # noqa: DTZ001 - naive UTC


MOMENTS = (
    *map(ms, ("2026-03-28T23:00", "2026-03-29T01:00", "2026-03-29T22:00")),  # summer time in Berlin
    *map(ms, ("2026-10-24T22:00", "2026-10-25T01:00", "2026-10-25T23:00")),  # its end
    *map(ms, ("2026-03-08T07:00", "2026-11-01T06:00")),  # both in New York
    *map(ms, ("2026-04-04T15:00", "2026-10-03T15:30")),  # both on Lord Howe
    *map(ms, ("2026-03-31T22:00", "2026-03-31T00:00", "2026-12-31T23:00")),  # months and the year
)
"""Midnights, changes of clocks and of months: what happens beside them is what goes wrong."""

PLAIN_TEXTS = ("", "/", "/a", "/A", "/a/b", "/shop", "/shop/1", "a", "de", "example.net")
HOSTILE_TEXTS = (
    "%", "_", "/_a%", "\\", "\\%", "'", "''", '"', "`", "x'; DROP TABLE events; --", "$p0", "$1",
    "?", "{}", "\x00", "a\x00b", "\n", "a\nb", "\t", "ä", "a\u0308", "Ä", "ß", "SS", "İ", "😀",
    "\uffff", "\u202e", ".", ".*", "^a$", "(", "[", "a{1000}", "0", "1", "NULL", "null", " ", "a ",
)  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(PLAIN_TEXTS),
    st.sampled_from(PLAIN_TEXTS),
    st.sampled_from(HOSTILE_TEXTS),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
)

_FEW = {
    "ip": ("", "10.0.0.1", "2001:db8::1"),
    "country": ("", "DE", "FR"),
    "browser": ("", "Firefox", "Chrome"),
    "browser_version": ("", "142", "143.0"),
    "os": ("", "Linux", "iOS"),
    "os_version": ("", "26"),
    "device": ("", "desktop", "mobile"),
    "language": ("", "de", "en-GB"),
    **{name: ("", name) for name in PROFILE_TEXTS if name in ("bot_rule", "city")},
    "screen": ("", "1920x1080", "404x1", "0x0", "1080x", "9" * 12 + "x1", "1x1\n"),
}
"""What the events of a visit usually have in common."""
_OF_LINKS = {"link_url", "link_kind"}


def id_of(number: int, canonical: bool = True) -> str:
    """Return the id of the event with a number: 22 characters of base64url, or another text."""
    digest = hashlib.blake2b(str(number).encode(), digest_size=16).digest()
    text = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return text if canonical else f"{text[:-1]}_" if number % 2 else f"e{number}"


def hex_of(name: str, canonical: bool = True) -> str:
    """Return a visitor's or a consent's id: 32 hexadecimal digits, or another text."""
    digits = hashlib.blake2b(name.encode(), digest_size=16).hexdigest()
    return digits if canonical else f"A{digits[1:].upper()}" if len(name) % 2 else name


_profiles = st.fixed_dictionaries(
    {name: st.one_of(st.sampled_from(few), st.just(few[-1])) for name, few in _FEW.items()}
    | {"policy_version": st.integers(1, 3), "consent": st.integers(0, 1)}
)
_texts = st.sampled_from(
    ("path", "path", "referrer_host", *(one for one in EVENT_TEXTS if one not in _OF_LINKS))
)
_numbers = st.dictionaries(
    st.sampled_from(EVENT_NUMBERS), st.sampled_from((0, 1, 404, 2**31 - 1)), max_size=2
)
_happenings = st.fixed_dictionaries(
    {
        "gap": st.sampled_from(
            (0, 0, 1, 999, MINUTE, MINUTE, 29 * MINUTE, SILENCE_MS - 1, SILENCE_MS, 2 * HOUR, DAY)
        ),
        "late": st.sampled_from((0, 0, 0, 0, 0, MINUTE, HOUR, 23 * HOUR, DAY)),
        "kind": st.sampled_from(("page_view",) * 6 + ("link_click",) + KINDS[2:]),
        "profile": st.sampled_from((0, 0, 0, 0, 1)),
        "texts": st.dictionaries(_texts, TEXTS, max_size=2),
        "numbers": _numbers,
        "link_url": TEXTS,
        "plain_id": st.sampled_from((True, True, True, False)),
    }
)


@st.composite
def _walks(draw: st.DrawFn, moments: tuple[int, ...]) -> list[dict[str, Any]]:
    """Draw what one visitor does from some moment on."""
    number, site = draw(st.integers(0, 4)), draw(st.sampled_from((1, 1, 1, 2)))
    begin = draw(st.sampled_from(moments))
    begin += draw(st.sampled_from((0, -1, 1, -MINUTE, HOUR, -HOUR, -DAY, -2 * DAY, 12 * HOUR)))
    happened = draw(st.lists(_happenings, min_size=1, max_size=6))
    if draw(st.integers(0, 19)) == 0:  # a page that is left open for more than a day
        happened += [{**happened[0], "gap": 29 * MINUTE, "plain_id": True}] * 54
    profiles = draw(st.lists(_profiles, min_size=2, max_size=2))
    walk, time = [], begin
    for one in happened:
        time += one["gap"]
        walk.append({**one, "time": time, "visitor": number, "site": site, "profiles": profiles})
    return walk


@st.composite
def streams(
    draw: st.DrawFn,
    most_walks: int = 8,
    moments: tuple[int, ...] = MOMENTS,
    least_walks: int = 0,
) -> Stream:
    """Draw batches of events of some visitors of two sites, near some moments.

    Hypothesis tries the simplest stream first, which is none where `least_walks` does not forbid
    it.
    """
    several = st.lists(_walks(draw(st.just(moments))), min_size=least_walks, max_size=most_walks)
    walks = draw(several)
    happened = [one for walk in walks for one in walk]
    happened.sort(key=lambda one: one["time"] + one["late"])  # the order in which they come
    rows = [_row(number, one) for number, one in enumerate(happened)]
    with_visits(rows)
    return _cut(rows, draw(st.lists(st.integers(0, max(len(rows), 1)), max_size=4)))


def _row(number: int, one: dict[str, Any]) -> Row:
    profile = one["profiles"][one["profile"]]
    visitor = f"v{one['site']}-{one['visitor']}"
    canonical, is_click = one["visitor"] != 4, one["kind"] == "link_click"
    return NOTHING | {
        "site_id": one["site"],
        "event_id": id_of(number, one["plain_id"]),
        "kind": one["kind"],
        "time": naive(one["time"]),
        "visitor_id": hex_of(visitor, canonical),
        "visit_id": "",
        "consent_id": hex_of(f"{visitor}-c{profile['consent']}", canonical),
        "policy_version": profile["policy_version"],
        "path": "/",
        **one["texts"],
        **one["numbers"],
        "link_url": one["link_url"] if is_click else "",
        "link_kind": "outbound" if is_click else "",
        **{name: profile[name] for name in _FEW},
    }


def with_visits(rows: list[Row]) -> None:
    """Set the visit of each row, as the shipper does; the rows are in the order they came in."""
    entries = [_entry(row) for row in rows]
    for row, visit_id in zip(rows, Visits(SILENCE_MS).assign(entries), strict=True):
        row["visit_id"] = visit_id
        assert row.keys() == EVENT_COLUMNS.keys()


def _entry(row: Row) -> JournalEntry:
    names = ("event_id", "site_id", "visitor_id", "consent_id", "policy_version", "kind")
    copied = {name: row[name] for name in names}
    nothing = dict.fromkeys(
        ("url", "referrer", "link_url", "link_kind", "ip", "user_agent", "accept_language"), ""
    )
    return JournalEntry(
        happened_at=round(row["time"].replace(tzinfo=UTC).timestamp() * 1000), **copied, **nothing
    )


def _cut(rows: list[Row], places: list[int]) -> Stream:
    edges = [0, *sorted(places), len(rows)]
    parts = [rows[here:there] for here, there in pairwise(edges)]
    return Stream(part for part in parts if part)


def rows_of(stream: Stream) -> list[Row]:
    return [row for batch in stream for row in batch]


windows = st.tuples(
    st.sampled_from(MOMENTS),
    st.sampled_from((0, 0, -1, 1, -12 * HOUR, -DAY)),
    st.sampled_from((1, HOUR, DAY - HOUR, DAY, DAY + HOUR, 7 * DAY, 30 * DAY, 365 * DAY)),
).map(lambda drawn: (naive(drawn[0] + drawn[1]), naive(drawn[0] + drawn[1] + drawn[2])))
"""Starts and ends (naive UTC) at, before and after the moments of streams."""


@st.composite
def edges(draw: st.DrawFn, stream: Stream, site: int = 1) -> tuple[datetime, datetime]:
    """Draw a start and an end near events of a site, so that many lie within visits."""
    times = sorted({row["time"] for row in rows_of(stream) if row["site_id"] == site})
    if len(times) < 2:
        return draw(windows)
    first = draw(st.integers(0, len(times) - 2))
    last = draw(st.integers(first + 1, len(times) - 1))
    beside = st.sampled_from((0, 1, -1, 10 * MINUTE, -10 * MINUTE)).map(
        lambda ms: timedelta(milliseconds=ms)
    )
    start, end = times[first] + draw(beside), times[last] + draw(beside)
    return start, max(start, end)


def from_log(path: Path | None = None, lines: int | None = None, batch: int = 500) -> Stream:
    """Return the page views of an access log in its order, a minute apart (it has no times)."""
    from benchmarks.load.access_log import HOST, HOSTS, SHIPPED, read_log

    rows = []
    for number, view in enumerate(read_log(path or SHIPPED, lines).to_dict("records")):
        client = client_of(view["user_agent"])
        rows.append(
            NOTHING
            | {
                "site_id": 1,
                "event_id": id_of(number),
                "kind": "page_view",
                "time": naive(MOMENTS[0] + number * 61_000),
                "visitor_id": hex_of(view["visitor"]),
                "visit_id": "",
                "consent_id": hex_of(f"consent of {view['visitor']}"),
                "policy_version": 1,
                "host": HOST,
                "path": urlsplit(view["target"]).path,
                "referrer": view["referrer"],
                "referrer_host": outside_host(view["referrer"], HOSTS),
                "ip": view["ip"],
                "browser": client.browser,
                "browser_version": client.browser_version,
                "os": client.os,
                "os_version": client.os_version,
                "device": client.device,
            }
        )
    with_visits(rows)
    return Stream(rows[first : first + batch] for first in range(0, len(rows), batch))
