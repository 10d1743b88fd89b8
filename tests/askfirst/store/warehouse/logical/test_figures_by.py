"""The figures of every list are what the definitions say, on both engines."""

import random
import re
from collections import defaultdict
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.columns import KINDS
from askfirst.local_days import local_day
from askfirst.store.warehouse.compiled import Text
from askfirst.store.warehouse.filters.conditions import Condition, Segment
from askfirst.store.warehouse.filters.matching import keep_matching, narrowed
from askfirst.store.warehouse.logical import fulfilled
from reports.questions.figures_by.columns import By, listing
from reports.questions.figures_by.figures_by import figures_by
from reports.questions.figures_by.in_parts import keep_counted
from reports.url.steps import ms_of
from tests.askfirst.store.warehouse import oracle
from tests.askfirst.store.warehouse.amount import IS_LONG
from tests.askfirst.store.warehouse.streams import (
    MOMENTS,
    NOTHING,
    Stream,
    id_of,
    naive,
    rows_of,
    with_visits,
)
from tests.askfirst.store.warehouse.test_questions import (
    MANY,
    SITE,
    asked,
    scope_of,
    warehouse_of,
)

OUTBOUND = fulfilled.Test("link_kind", "is", (Text("outbound"),), holds_of_nothing=False)
LISTS = (
    By("path", reading_tells=True),
    By("path", section="1", reading_tells=True),
    By("path", section="2", reading_tells=True),
    By("path", not_found=True),
    By("title"),
    By("utm_campaign", marks_visits=True),
    By("link_url", kind="link_click", where=(OUTBOUND,)),
    By("event_name", kind="custom_event"),
    By("country", "profile", reading_tells=True),
    By("entry", "visit", "path"),
    By("referrer_host", "visit"),
)
SEGMENTS = (
    oracle.EVERYTHING,
    oracle.Segment((oracle.Condition("country", "is", ("DE",)),)),
    oracle.Segment((oracle.Condition("path", "contains", ("/",)),), "events"),
)
SORTS = ("views", "name", "bounce_rate", "visits", "engaged", "visitors")
SEARCHES = ("", "(?i)S", "^/", "")
ONLY = ((), (), (), ("/", "/a", "DE", ""))


def listing_of(number):
    """Return the parts of one of many listings, of which few in a row have much in common."""
    return {
        "sort": SORTS[number % 6],
        "descending": number % 4 < 2,
        "search": SEARCHES[number % 4],
        "finds_nothing": number % 5 < 3,
        "only": ONLY[number // 2 % 4],
    }


def section_of(path, parts):
    cut = path.split("/")
    return "/".join(cut[: parts + 1]) + "/" if len(cut) > parts + 1 else path


def value_of(by, event, visit):
    """Return what an event has of a column; None where it is not one that has it."""
    if by.kept == "visit":
        return visit.entry if by.column == "entry" else visit.first(by.column)
    if by.kept == "profile":
        return event[by.column]
    if event["kind"] != by.kind or (by.not_found and event["status"] != 404):
        return None
    if by.where and event["link_kind"] != "outbound":
        return None
    return section_of(event["path"], int(by.section)) if by.section else event[by.column]


def names_of(by, events, visit):
    """Return the values that events have; '' only without any other where it is that of visits."""
    names = {value_of(by, event, visit) for event in events} - {None}
    marked = by.marks_visits and any(event[by.column] for event in events)
    return names - {""} if marked else names


def read_of(by, event, visit):
    """Return the value that reading counts for, where notes of reading have it themselves."""
    like = {**event, "kind": by.kind}
    return value_of(by, like, visit) if event["kind"] == "engagement" else None


def expected(rows, window, by, segment):
    """Return name to visitors, visits, views, bounce rate and engaged milliseconds a visit."""
    visits = [v for v in oracle.visits_of(rows, window.site_id) if oracle.matches(v, segment)]
    seen, begun, views = defaultdict(set), defaultdict(list), defaultdict(int)
    for visit in visits:
        events = [
            one
            for one in visit.events
            if segment.on == "visits" or oracle.counts_event(one, visit, segment)
        ]
        if by.kept == "visit":
            if window.has(visit.begin) and visit.views:
                name = value_of(by, visit.events[0], visit)
                seen[name].add(visit.visitor)
                views[name] += visit.views
                reading = sum(e["engaged_ms"] for e in visit.events if e["kind"] == "engagement")
                begun[name].append((visit, reading))
            continue
        for name in names_of(by, events, visit):
            having = [event for event in events if value_of(by, event, visit) == name]
            now = [event for event in having if window.has(event["time"])]
            if now:
                seen[name].add(visit.visitor)
            kind = "page_view" if by.kept == "profile" else by.kind
            views[name] += sum(event["kind"] == kind for event in now)
            if window.has(visit.begin):
                of_value = events if by.reading_tells else visit.events
                reading = [event for event in of_value if event["kind"] == "engagement"]
                if by.reading_tells:
                    reading = [one for one in reading if read_of(by, one, visit) == name]
                begun[name].append((visit, sum(one["engaged_ms"] for one in reading)))
    names = {name for name in set(seen) if seen[name]}
    return {
        name: (len(seen[name]), len(begun[name]), views[name], *means(begun[name]))
        for name in names
    }


def means(begun):
    if not begun:
        return None, None
    bounces = sum(visit.is_bounce for visit, _ in begun)
    return Fraction(bounces, len(begun)), Fraction(sum(ms for _, ms in begun), len(begun))


def ordered(found, sort, descending, search, finds_nothing, only):
    """Return the rows that a listing wants, in its order."""
    kept = sorted(
        (name, row)
        for name, row in found.items()
        if (not search or (re.search(search, name) if name else finds_nothing))
        and (not only or name in only)
    )
    if sort == "name":
        return kept[::-1] if descending else kept
    lead = ("visitors", "visits", "views", "bounce_rate", "engaged").index(sort)
    sign = -1 if descending else 1
    return sorted(kept, key=lambda one: (one[1][lead] is None, sign * (one[1][lead] or 0)))


@pytest.mark.skipif(not IS_LONG, reason="the crowd below tries the same in a tenth of the time")
@MANY
@given(asked(), st.integers(0, 2))
def test_the_figures_of_any_events_are_what_the_definitions_say(open_engine, drawn, turn):
    stream, zone, window, closed = drawn
    with warehouse_of(open_engine, stream, zone, closed) as warehouse:
        check(warehouse, scope_of(warehouse, window, zone), rows_of(stream), window, turn)


def test_the_figures_of_every_list_are_what_the_definitions_say(open_engine):
    rows = a_crowd()
    middle = rows[len(rows) // 2]["time"]
    window = oracle.Window(SITE, rows[60]["time"], rows[-60]["time"])
    days = local_day(ms_of(middle), "UTC")
    with warehouse_of(open_engine, Stream([rows]), "UTC", days) as warehouse:
        check(warehouse, scope_of(warehouse, window, "UTC"), rows, window, 0)


def a_crowd():
    """Return some hundred events of a few days, in visits that the edges of periods cut."""
    luck = random.Random(3)
    time, rows = MOMENTS[0], []
    for number in range(400):
        time += luck.choice((0, 20_000, 400_000, 700_000, 2_000_000))
        kind = luck.choice((*["page_view"] * 4, *KINDS[2:]))
        clicked = kind == "link_click"
        rows.append(
            NOTHING
            | {
                "site_id": luck.choice((1,) * 9 + (2,)),
                "event_id": id_of(number),
                "kind": kind,
                "time": naive(time),
                "visitor_id": (visitor := luck.choice("abcdefg") * 32),
                "consent_id": visitor,
                "policy_version": 1,
                "path": luck.choice(("/", "/a", "/a/", "/a/b", "/a/b/c", "/s/1", "/S/2/3", "a")),
                "title": luck.choice(("", "One", "s")),
                "status": luck.choice((0, 200, 404)),
                "utm_campaign": luck.choice(("", "", "Sale")),
                "referrer_host": luck.choice(("", "news.example", "s.example")),
                "country": luck.choice(("", "DE", "DE", "US")),
                "engaged_ms": luck.randrange(9000) if kind == "engagement" else 0,
                "link_url": luck.choice(("https://s.example/", "/b")) if clicked else "",
                "link_kind": luck.choice(("outbound", "internal")) if clicked else "",
                "event_name": luck.choice(("play", "Stop")) if kind == "custom_event" else "",
            }
        )
    with_visits(rows)
    return rows


def check(warehouse, scope, rows, window, turn):
    """Ask for every list, of one segment and in some order each, and count by hand."""
    asking = [asked_about(warehouse, scope, segment) for segment in SEGMENTS]
    for number, by in enumerate(LISTS, turn):
        of = number % len(SEGMENTS)
        page, narrow = asking[of]
        whole, parts = expected(rows, window, by, SEGMENTS[of]), listing_of(number)
        wanted = ordered(whole, **parts)
        if (number + turn) % 4 == 1:  # the same, part by part of the visitors
            narrow = keep_counted(page, narrow, by, most_visits=len(rows) // 60 + 1)
        found = page.ask(figures_by, narrow, by, listing(**parts), 1000, 0)
        assert found_of(found) == wanted, (by, parts)
        assert set(found["rows"]) == ({len(wanted)} if wanted else set())
        if number % 3 == 0 and by.kept != "visit":
            told, short = replace(narrow, counted=""), replace(by, is_brief=True)
            brief = page.ask(figures_by, told, short, listing(), 1000, 0)
            few = {name: (row[0], row[2]) for name, row in whole.items()}
            got = zip(brief["name"], brief["visitors"], brief["views"], strict=True)
            assert {name: (visitors, views) for name, visitors, views in got} == few
        second = page.ask(figures_by, narrow, by, listing(**parts), 1, 1)
        assert found_of(second) == wanted[1:2]


def asked_about(warehouse, scope, segment):
    """Return a page and the scope of a segment, whose visits it has found."""
    page = warehouse.page()
    if not segment.conditions:
        return page, scope
    conditions = tuple(Condition(c.column, c.operator, c.values) for c in segment.conditions)
    meant = Segment(conditions, segment.on)
    keep_matching(page, scope, meant)
    return page, narrowed(scope, meant)


def found_of(frame):
    return [
        (
            row["name"],
            (
                *(int(row[name]) for name in ("visitors", "visits", "views")),
                *(
                    None if not row["visits"] else pytest.approx(float(row[name] * factor))
                    for name, factor in (("bounce_rate", 1), ("engaged", 1000))
                ),
            ),
        )
        for row in frame.to_dict("records")
    ]


def test_a_section_is_what_stands_before_the_next_slash():
    assert section_of("/shop/1/2", 1) == "/shop/"
    assert section_of("/shop/1/2", 2) == "/shop/1/"
    assert section_of("/shop", 1) == "/shop"
