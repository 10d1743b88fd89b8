"""Goals and funnels count what the definitions say, for any events and filters, on both engines."""

import re
from contextlib import contextmanager
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askfirst.columns import EVENT_COLUMNS
from askfirst.store.ledger.goals import Deed
from askfirst.store.warehouse.batches import batch_of
from askfirst.store.warehouse.filters.matching import keep_matching, narrowed
from askfirst.store.warehouse.logical.scope import raw, scope_between
from askfirst.store.warehouse.warehouse import Warehouse
from reports.goals.asking import find_chosen, walks_through
from reports.questions.goals.chosen import who_did
from reports.questions.goals.converted import visitors_by_value, visitors_of_values
from reports.questions.goals.goal_over_time import goal_over_time
from reports.questions.goals.goal_texts import goal_texts
from reports.questions.goals.goal_totals import goal_amounts, goal_totals
from reports.questions.goals.matchers import matcher_of
from reports.questions.visitors import visitors
from reports.url.periods import Window
from reports.url.steps import moment_of, ms_of, shifts
from tests.askfirst.store.warehouse import oracle
from tests.askfirst.store.warehouse.amount import IS_LONG, examples
from tests.askfirst.store.warehouse.closing import close_days
from tests.askfirst.store.warehouse.filters.segments import segments
from tests.askfirst.store.warehouse.streams import (
    HOSTILE_TEXTS,
    MOMENTS,
    NOTHING,
    Stream,
    edges,
    id_of,
    naive,
    rows_of,
    streams,
)

SITE, ZONE = 1, "Europe/Berlin"
FEW = settings(
    suppress_health_check=list(HealthCheck),
    max_examples=examples(2, 80),
    derandomize=not IS_LONG,
)
KINDS = {"page": "page_view", "form": "form_submit", "event": "custom_event"}
COLUMNS = {"page": "path", "form": "form", "event": "event_name"}


@pytest.fixture(scope="session")
def filled(open_engine):
    """Return what yields a warehouse of a stream, with the days before `closed` folded."""

    @contextmanager
    def opened(stream, closed=0):
        with open_engine() as engine:
            warehouse = Warehouse(engine)
            for number, rows in enumerate(stream, start=1):
                columns = {name: [row[name] for row in rows] for name in EVENT_COLUMNS}
                warehouse.append(batch_of(columns), "j", number)
            if closed and stream:
                close_days(warehouse, SITE, ZONE, closed)
            yield warehouse

    return opened


def asked_of(warehouse, window, segment=None):
    start, end = ms_of(window.start), ms_of(window.end)
    scope = scope_between(window.site_id, start, end, ZONE, warehouse.summarised(window.site_id))
    page = warehouse.page()
    if segment is None or not segment.conditions:
        return page, scope
    keep_matching(page, scope, segment)
    return page, narrowed(scope, segment)


# The oracle: what fits, and every sequence of events that may be a walk.


def fits(deed, row):
    """Return whether an event is what a deed asks for; an unknown text is none."""
    if deed.what in KINDS:
        text, kind = row[COLUMNS[deed.what]], KINDS[deed.what]
    else:
        text, kind = row["link_url"], "link_click"
        if deed.what != "click" and row["link_kind"] != deed.what:
            return False
    if row["kind"] != kind or not text:
        return False
    pieces = [re.escape(piece) for piece in deed.pattern.split("*")]
    found = ".*".join(pieces) if deed.pattern else ".+"
    return re.fullmatch(found, text, re.DOTALL) is not None


def walks(events, deeds, within):
    """Return every walk of one visitor: its events, one a step, in order, as far as it goes.

    `events` are in order. Each sequence of later and later events is tried.
    """
    return [
        chosen
        for count in range(1, len(deeds) + 1)
        for chosen in combinations(events, count)
        if all(fits(deed, row) for deed, row in zip(deeds, chosen, strict=False))
        and in_time(chosen, within)
    ]


def in_time(chosen, within):
    if not within:
        return len({row["visit_id"] for row in chosen}) == 1
    return (chosen[-1]["time"] - chosen[0]["time"]).total_seconds() * 1000 <= within


def best_walk(events, deeds, within):
    """Return the walk that stands for a visitor: the furthest, each step as early as can be."""
    every = walks(events, deeds, within)
    if not every:
        return None
    furthest = max(map(len, every))
    places = {id(row): place for place, row in enumerate(events)}
    return min(
        (one for one in every if len(one) == furthest),
        key=lambda one: [places[id(row)] for row in one],
    )


deeds = st.one_of(
    st.builds(
        Deed,
        st.sampled_from(("page", "page", "page", "form", "event")),
        st.sampled_from(("*", "/", "/a*", "/*", "*a", "/shop/*", "/a", "a", "/*a*")),
    ),
    st.builds(Deed, st.sampled_from(("click", "outbound", "download")), st.sampled_from(("", "*"))),
)
withins = st.sampled_from((0, 1, 60_000, 3_600_000, 7 * 86_400_000))


@st.composite
def asked_streams(draw):
    """Draw a stream near a few moments, so that visitors come again, a window and closed days."""
    stream = draw(streams(least_walks=3, moments=MOMENTS[:2], most_walks=6))
    start, end = draw(edges(stream))
    closed = draw(st.sampled_from((0, 0, 20_541, 20_542, 20_600)))
    return stream, oracle.Window(SITE, start, end), closed


def told(segment):
    conditions = (oracle.Condition(c.column, c.operator, c.values) for c in segment.conditions)
    return oracle.Segment(tuple(conditions), segment.on)


@FEW
@given(asked_streams(), st.lists(deeds, min_size=2, max_size=4), withins, segments(most=1))
def test_goals_and_funnels_count_what_the_definitions_say(filled, drawn, asked, within, segment):
    stream, window, closed = drawn
    events, _ = oracle.counted(rows_of(stream), window, told(segment))
    steps = [row for row in events if any(fits(deed, row) for deed in asked)]
    if len(steps) > 14:  # every sequence of more would take the oracle too long
        window = oracle.Window(SITE, window.start, steps[14]["time"])
        events, _ = oracle.counted(rows_of(stream), window, told(segment))
    matchers = tuple(map(matcher_of, asked))
    with filled(stream, closed) as warehouse:
        page, scope = asked_of(warehouse, window, segment)
        walks_are_the_furthest(walks_through(page, scope, matchers, within), events, asked, within)
        goals_are_counted(page, scope, matchers, events, asked)
        over_time_too(page, scope, window, events, asked[0])
        values_are_converted(page, scope, asked[0], rows_of(stream), window, segment)


def walks_are_the_furthest(found, events, asked, within):
    """Each visitor counts once, by the furthest and earliest walk."""
    by_visitor = {}
    for row in events:
        if any(fits(deed, row) for deed in asked):
            by_visitor.setdefault(row["visitor_id"], []).append(row)
    best = [best_walk(mine, asked, within) for mine in by_visitor.values()]
    expected = sorted(
        (len(one), *(ms_of(row["time"]) for row in one)) for one in best if one is not None
    )
    rows = zip(found.depth.tolist(), found.times.T.tolist(), strict=True)
    assert sorted((depth, *times[:depth]) for depth, times in rows) == expected


def goals_are_counted(page, scope, matchers, events, asked):
    expected = {}
    for place, deed in enumerate(asked):
        if mine := [row for row in events if fits(deed, row)]:
            expected[place] = figures_of(mine)
    rows = page.ask(goal_totals, raw(scope), matchers).to_dict("records")
    paid = page.ask(goal_amounts, raw(scope), matchers).to_dict("records")
    texts = page.ask(goal_texts, raw(scope), matchers[0], 1000)
    assert {r["deed"]: (r["visitors"], r["visits"], r["times"]) for r in rows} == expected
    assert {(r["deed"], r["currency"]): r["amount"] for r in paid} == amounts(events, asked)
    assert int(texts["amount"].sum()) == expected.get(0, (0, 0, 0))[2]


def over_time_too(page, scope, window, events, deed):
    offsets = shifts(Window(window.start, window.end), ZONE, "day")
    steps = page.ask(goal_over_time, raw(scope), matcher_of(deed), "day", offsets)
    assert by_day(steps) == days_of([row for row in events if fits(deed, row)])


def values_are_converted(page, scope, deed, rows, window, segment):
    """Of each value as many are converted as have it and reached the goal."""
    events, _ = oracle.counted(rows, window, told(segment))
    who = {row["visitor_id"] for row in events if fits(deed, row)}
    theirs = [row for row in rows if row["visitor_id"] in who]
    every = {name: page.ask(visitors_by_value, scope, name, 1000) for name in LISTS}
    page.keep("chosen", who_did, raw(scope), (matcher_of(deed),))
    chosen = find_chosen(page, scope)
    for of, frame in every.items():
        keys = tuple(int(key) for key in frame["key"]) or (0,)
        found = page.ask(visitors_of_values, chosen, of, keys).set_index("key")["visitors"]
        pairs = list(zip(frame["name"], frame["key"], strict=True))
        counted = {name: int(found.get(key, 0)) for name, key in pairs}
        base = dict(zip(frame["name"], frame["visitors"].astype(int), strict=True))
        assert base == having(rows, window, of, segment), of
        mine = having(theirs, window, of, segment)
        assert {n: c for n, c in counted.items() if c} == mine, of
    listed = page.ask(visitors, chosen, 1000, 0)
    assert set(listed["visitor_id"]) == who


def figures_of(rows):
    visitors, visits = {row["visitor_id"] for row in rows}, {row["visit_id"] for row in rows}
    return len(visitors), len(visits), len(rows)


def amounts(events, asked):
    found = {}
    for place, deed in enumerate(asked):
        for row in events:
            if fits(deed, row) and row["currency"]:
                key = (place, row["currency"])
                found[key] = found.get(key, 0) + row["amount"]
    return found


def days_of(rows):
    found = {}
    for row in rows:
        found.setdefault(oracle.step(row["time"], "day", ZONE), []).append(row)
    return {day: (figures_of(mine)[0], len(mine)) for day, mine in found.items()}


def by_day(steps):
    return {
        moment_of(int(row["bucket"])): (row["visitors"], row["times"])
        for row in steps.to_dict("records")
    }


LISTS = ("path", "entry", "link", "country")


def having(rows, window, name, segment):
    """Return how many visitors each value of a list has, where there are some."""
    return {row[0]: row[2] for row in oracle.listed(rows, window, name, told(segment)) if row[2]}


def row(number, **changes):
    return {
        **NOTHING,
        "site_id": SITE,
        "event_id": id_of(number),
        "kind": "page_view",
        "time": naive(MOMENTS[0] + number * 1000),
        "visitor_id": "v",
        "visit_id": id_of(0),
        "consent_id": "c",
        "policy_version": 1,
        "path": "/",
        **changes,
    }


WINDOW = oracle.Window(SITE, naive(MOMENTS[0]), naive(MOMENTS[0] + 86_400_000))


def test_hostile_texts_are_plain_characters_of_a_pattern(filled):
    texts = [text for text in HOSTILE_TEXTS if "*" not in text]
    rows = [row(n, path=text, visit_id=id_of(n)) for n, text in enumerate(texts)]
    asked = tuple(matcher_of(Deed("page", pattern)) for t in texts for pattern in (t, f"{t}*"))
    with filled(Stream([rows])) as warehouse:
        page, scope = asked_of(warehouse, WINDOW)
        found = page.ask(goal_totals, scope, asked).set_index("deed")["times"]
    for place, text in enumerate(texts):
        assert found[2 * place] == 1, text
        assert found[2 * place + 1] == sum(other.startswith(text) for other in texts), text


CLICKS = (
    ("click", "", 5),
    ("download", "", 2),
    ("download", "/files/*.pdf", 1),
    ("click", "/files/*", 2),
    ("outbound", "example.net*", 2),
    ("click", "https://example.net/", 1),
    ("mail", "mailto:*", 1),
    ("outbound", "mailto:*", 0),
    ("telephone", "", 0),
)


def test_a_click_is_found_by_its_address_or_its_kind_by_one_statement_for_all_texts(filled):
    from askfirst.store.warehouse import compiled

    links = [
        ("https://example.org/files/a.pdf?x=1", "download"),
        ("https://example.org/files/b.csv", "download"),
        ("https://example.net/", "outbound"),
        ("https://www.example.net/b", "outbound"),
        ("mailto:a@example.org", "mail"),
    ]
    rows = [
        row(n, kind="link_click", link_url=url, link_kind=kind)
        for n, (url, kind) in enumerate(links)
    ]
    with filled(Stream([[*rows, row(9, path="/b")]])) as warehouse:
        page, scope = asked_of(warehouse, WINDOW)
        asked = tuple(matcher_of(Deed(what, pattern)) for what, pattern, _ in CLICKS)
        found = page.ask(goal_totals, scope, asked).set_index("deed")["times"]
        page.ask(goal_totals, scope, (matcher_of(Deed("page", "/x*")),))
        before = compiled._sql.cache_info().misses
        other = page.ask(goal_totals, scope, (matcher_of(Deed("page", "/b*")),))
        assert compiled._sql.cache_info().misses == before
    counted = [int(found.get(place, 0)) for place in range(len(CLICKS))]
    assert counted == [times for *_, times in CLICKS]
    assert int(other["times"][0]) == 1
