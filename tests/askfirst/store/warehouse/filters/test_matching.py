"""Matching: any segment of any stream counts what the oracle counts, on both engines."""

import itertools
from contextlib import contextmanager
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askfirst.columns import DIMENSIONS, EVENT_COLUMNS
from askfirst.local_days import local_day
from askfirst.store.warehouse.batches import batch_of
from askfirst.store.warehouse.compiled import compiled as sql_of
from askfirst.store.warehouse.filters import matching
from askfirst.store.warehouse.filters.conditions import (
    COLUMNS,
    GOAL,
    GOAL_OPERATORS,
    Condition,
    Segment,
    check_segment,
)
from askfirst.store.warehouse.filters.matching import (
    keep_matching,
    matching_by_events,
    narrowed,
    plain_visits,
)
from askfirst.store.warehouse.logical.events import matched_visits
from askfirst.store.warehouse.logical.opened import keep_opened
from askfirst.store.warehouse.logical.scope import Scope, scope_between
from askfirst.store.warehouse.logical.sides import by_rule
from askfirst.store.warehouse.warehouse import Warehouse
from reports.questions.breakdown import breakdown
from reports.questions.over_time import over_time
from reports.questions.totals import totals
from reports.questions.visitors import visitors
from reports.url.periods import Window
from reports.url.steps import moment_of, ms_of, shifts, since_of
from tests.askfirst.store.warehouse import oracle
from tests.askfirst.store.warehouse.amount import IS_LONG, examples
from tests.askfirst.store.warehouse.closing import close_days
from tests.askfirst.store.warehouse.filters.segments import DEEDS, deed_of, goal_condition, segments
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
    windows,
)

SITE, ZONE = 1, "Europe/Berlin"
LISTS = ("path", "entry", "leaving", "referrer", "link", "country", "browser")
FEW = settings(
    suppress_health_check=list(HealthCheck),
    max_examples=examples(3, 60),
    derandomize=not IS_LONG,
)


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


def asked_of(warehouse, window, segment):
    """Return a page and a scope of the events that match a segment."""
    check_segment(segment, frozenset(COLUMNS))
    start, end = ms_of(window.start), ms_of(window.end)
    scope = scope_between(window.site_id, start, end, ZONE, warehouse.summarised(window.site_id))
    page = warehouse.page()
    keep_matching(page, scope, segment)
    return page, narrowed(scope, segment)


def totals_of(page, scope):
    found = page.ask(totals, scope).to_dict("records")[0]
    return {**found, "seconds": None if found["visits"] == 0 else pytest.approx(found["seconds"])}


def oracles(segment):
    conditions = (
        oracle.Condition(c.column, c.operator, deed_of(c) if c.column == GOAL else c.values)
        for c in segment.conditions
    )
    return oracle.Segment(tuple(conditions), segment.on)


@st.composite
def closed_days(draw):
    """Draw the local day before which days are closed; 0: none."""
    if draw(st.booleans()):
        return 0
    moment = draw(st.sampled_from(MOMENTS))
    return local_day(moment, ZONE) + draw(st.sampled_from((-1, 0, 1, 2, 40)))


@st.composite
def asked_streams(draw):
    """Draw a stream, a period that mostly begins and ends within visits, and the closed days."""
    stream = draw(streams(least_walks=2))
    period = draw(st.one_of(edges(stream), edges(stream), windows))
    days = [local_day(ms_of(row["time"]), ZONE) for row in rows_of(stream)]
    closed = draw(st.one_of(closed_days(), st.sampled_from(days), st.just(max(days) + 1)))
    return stream, oracle.Window(SITE, *period), closed


@FEW
@given(asked_streams(), segments())
def test_any_segment_counts_what_the_definitions_say(filled, drawn, segment):
    stream, window, closed = drawn
    rows = rows_of(stream)
    with filled(stream, closed) as warehouse:
        page, scope = asked_of(warehouse, window, segment)
        expected = oracle.totals(rows, window, oracles(segment))
        assert totals_of(page, scope) == expected
        kept = keep_opened(page, scope, tuple(DIMENSIONS))
        assert totals_of(page, kept) == expected
        for name in LISTS:
            listed = page.ask(breakdown, kept, name, 1000, 0)
            found = list(zip(listed["name"], listed["amount"], listed["visitors"], strict=True))
            assert found == oracle.listed(rows, window, name, oracles(segment)), name


@settings(FEW, max_examples=examples(2, 30))
@given(asked_streams(), st.sampled_from((0, 1)))
def test_every_kind_of_goal_divides_visits_and_events(filled, drawn, turn):
    """Each kind is asked for on visits or on events, and both ways, where not all are asked for."""
    stream, window, closed = drawn
    rows = rows_of(stream)
    every = itertools.product(range(1, len(DEEDS) + 1), GOAL_OPERATORS, ("visits", "events"))
    asked = [one for one in every if IS_LONG or (one[0] % 2 == turn) is (one[2] == "visits")]
    with filled(stream, closed) as warehouse:
        for number, operator, on in asked:
            segment = Segment((goal_condition(operator, number),), on)
            page, scope = asked_of(warehouse, window, segment)
            assert totals_of(page, scope) == oracle.totals(rows, window, oracles(segment))


@settings(FEW, max_examples=examples(2, 30))
@given(asked_streams(), segments(most=2), st.sampled_from(LISTS))
def test_lists_steps_and_visitors_of_a_segment_are_its_own(filled, drawn, segment, name):
    stream, window, closed = drawn
    rows, asked = rows_of(stream), oracles(segment)
    with filled(stream, closed) as warehouse:
        page, scope = asked_of(warehouse, window, segment)
        listed = page.ask(breakdown, scope, name, 1000, 0)
        found = list(zip(listed["name"], listed["amount"], listed["visitors"], strict=True))
        assert found == oracle.listed(rows, window, name, asked)
        ruled = page.ask(by_rule, SITE, ms_of(window.start), ms_of(window.end))
        shown = ("rule", "events", "visitors", "visits", "views")
        assert [tuple(one[n] for n in shown) for one in ruled.to_dict("records")] == oracle.ruled(
            rows, window
        )
        seen = page.ask(visitors, scope, 1000, 0)
        those = {row["visitor_id"] for row in oracle.visitors(rows, window, asked)}
        assert set(seen["visitor_id"]) == those
        figures = ("visitors", "visits", "views")
        for by in ("hour", "day", "week", "month"):
            offsets = shifts(Window(window.start, window.end), ZONE, by)
            steps = page.ask(over_time, scope, by, offsets, since_of(scope, ZONE, by))
            found = {
                moment_of(int(row["bucket"])): {name: int(row[name]) for name in figures}
                for row in steps.to_dict("records")
                if any(row[name] for name in figures)
            }
            assert found == oracle.over_time(rows, window, by, ZONE, asked), by


def row(number, **changes):
    """Return an event of visitor `v`, in one visit unless `changes` says otherwise."""
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


DAY = oracle.Window(SITE, naive(MOMENTS[0]), naive(MOMENTS[0]) + timedelta(days=1))


def views_of(warehouse, *conditions, on="visits"):
    page, scope = asked_of(warehouse, DAY, Segment(conditions, on))
    return totals_of(page, scope)["views"]


def number_matched():
    """Count the visits that match: a question that costs little."""
    return matched_visits().count().name("n").as_table()


def test_hostile_texts_are_values_of_every_operator(filled):
    texts, operators = (*HOSTILE_TEXTS, "plain"), ("is", "contains", "starts_with", "is_not")
    rows = [row(n, path=text, visit_id=id_of(n)) for n, text in enumerate(texts)]
    with filled(Stream([rows])) as warehouse:
        for number, text in enumerate(texts):
            for operator in operators if IS_LONG else operators[number % 2 :: 2]:
                page, _ = asked_of(warehouse, DAY, Segment((Condition("path", operator, (text,)),)))
                expected = sum(oracle.holds(operator, other, (text,)) for other in texts)
                assert page.ask(number_matched)["n"][0] == expected, (operator, text)


def test_like_wildcards_are_plain_characters(filled):
    rows = [row(n, path=text, visit_id=id_of(n)) for n, text in enumerate(("/a_c", "/abc", "/a%"))]
    with filled(Stream([rows])) as warehouse:
        assert views_of(warehouse, Condition("path", "contains", ("a_c",))) == 1
        assert views_of(warehouse, Condition("path", "contains", ("%",))) == 1
        assert views_of(warehouse, Condition("path", "starts_with", ("/a%",))) == 1


def test_a_dot_matches_no_line_break_on_either_engine(filled):
    rows = [row(n, path=text, visit_id=id_of(n)) for n, text in enumerate(("a\nb", "a b"))]
    with filled(Stream([rows])) as warehouse:
        assert views_of(warehouse, Condition("path", "matches", ("^a.b$",))) == 1
        assert views_of(warehouse, Condition("path", "matches", ("(?s)^a.b$",))) == 2


def test_on_visits_each_condition_may_be_fulfilled_by_another_event_on_events_by_one(filled):
    rows = [row(0, path="/a", country="DE"), row(1, path="/b", country="FR")]
    conditions = (Condition("path", "is", ("/a",)), Condition("country", "is", ("FR",)))
    with filled(Stream([rows])) as warehouse:
        assert views_of(warehouse, *conditions) == 2
        assert views_of(warehouse, *conditions, on="events") == 0
        assert views_of(warehouse, conditions[0], on="events") == 1


def test_on_events_conditions_on_one_column_hold_of_the_same_text_known_or_not(filled):
    rows = [row(n, path=path) for n, path in enumerate(("/ab", "/a", "/b", ""))]
    a, b = (Condition("path", "contains", (letter,)) for letter in "ab")
    not_a, not_b = (Condition("path", "is_not", (path,)) for path in ("/a", "/b"))
    unknown = Condition("path", "one_of", ("/b", ""))
    with filled(Stream([rows])) as warehouse:
        for conditions, views in (
            ((a, b), 1),
            ((a, not_a), 1),
            ((not_a, not_b), 2),
            ((not_a, unknown), 2),
            ((not_b, unknown), 1),
            ((unknown, Condition("path", "is_not_empty", ())), 1),
            ((unknown, Condition("path", "is_empty", ()), not_a), 1),
        ):
            assert views_of(warehouse, *conditions, on="events") == views, conditions


@pytest.mark.parametrize("column", ["path", "country"])
def test_on_events_the_texts_of_a_column_are_read_once_for_all_its_conditions(column):
    def readings(number):
        each = tuple(Condition(column, "contains", (str(n),)) for n in range(number))
        values = (scope_between(SITE, 0, 1, ZONE), matching.tests_of(Segment(each, "events")))
        question = matching_by_events if column == "path" else plain_visits
        return sql_of(question, values, "duckdb")[0].count('"texts"')

    assert readings(20) == readings(1) > 0


def test_on_events_goals_that_were_not_reached_never_divide_the_events_into_parts_again():
    def parts(number):
        each = tuple(goal_condition("not_reached", 1 + n % len(DEEDS)) for n in range(number))
        values = (scope_between(SITE, 0, 1, ZONE), matching.tests_of(Segment(each, "events")))
        return sql_of(matching_by_events, values, "duckdb")[0].count(" UNION ")

    assert parts(20) == parts(1)


def test_conditions_on_numbers_include_their_ends_and_leave_out_what_has_none(filled):
    rows = [
        row(0, engaged_ms=0, amount=19_990, cls=1, screen="1920x1080"),
        row(1, engaged_ms=10_000, amount=-5, cls=100, visit_id=id_of(1), screen="390x844"),
        row(2, engaged_ms=10_001, visit_id=id_of(2), screen="wide"),
    ]
    with filled(Stream([rows])) as warehouse:
        for column, operator, values, views in (
            ("engaged_ms", "at_least", ("10000",), 2),
            ("engaged_ms", "at_least", ("10001",), 1),
            ("engaged_ms", "at_least", ("0",), 2),
            ("engaged_ms", "at_most", ("10000",), 1),
            ("engaged_ms", "between", ("10000", "10001"), 2),
            ("engaged_ms", "is", ("10001",), 1),
            ("engaged_ms", "is", ("0",), 0),
            ("amount", "at_least", ("19.99",), 1),
            ("amount", "is", ("19.99",), 1),
            ("amount", "at_least", ("19.991",), 0),
            ("amount", "at_most", ("0",), 1),
            ("amount", "between", ("-0.005", "20"), 2),
            ("cls", "at_most", ("0.1",), 2),
            ("cls", "at_most", ("0",), 1),
            ("screen_width", "at_most", ("1919",), 1),
            ("screen_width", "at_least", ("1",), 2),
            ("screen_height", "between", ("844", "1080"), 2),
            ("screen_height", "is", ("390",), 0),
        ):
            condition = Condition(column, operator, values)
            page, _ = asked_of(warehouse, DAY, Segment((condition,)))
            assert page.ask(number_matched)["n"][0] == views, condition
        wide = Condition("screen_width", "at_least", ("1000",))
        paid = Condition("amount", "at_least", ("1",))
        assert views_of(warehouse, wide, paid, on="events") == 1


def test_numbers_of_a_condition_are_parameters_too(filled):
    from askfirst.store.warehouse import compiled

    with filled(Stream([[row(0, engaged_ms=5)]])) as warehouse:
        assert views_of(warehouse, Condition("engaged_ms", "at_least", ("6",))) == 0
        before = compiled._sql.cache_info().misses
        assert views_of(warehouse, Condition("engaged_ms", "between", ("1", "7"))) == 1
        assert compiled._sql.cache_info().misses == before


def test_is_not_asks_of_a_visit_that_none_of_its_events_has_the_value(filled):
    rows = [row(0, country="DE"), row(1, country="FR"), row(2, country="FR", visit_id=id_of(2))]
    with filled(Stream([rows])) as warehouse:
        assert views_of(warehouse, Condition("country", "is_not", ("DE",))) == 1
        assert views_of(warehouse, Condition("country", "is_not", ("DE",)), on="events") == 2


def test_a_visit_matches_by_an_event_outside_the_period_too(filled):
    rows = [row(0, path="/campaign", time=naive(MOMENTS[0] - 60_000)), row(1, path="/b")]
    with filled(Stream([rows])) as warehouse:
        assert views_of(warehouse, Condition("path", "is", ("/campaign",))) == 1
        assert views_of(warehouse, Condition("path", "is", ("/campaign",)), on="events") == 0


def test_a_visit_without_a_page_view_has_no_entry_not_even_an_unknown_one(filled):
    click = row(0, kind="link_click", link_url="x", visit_id=id_of(0))
    with filled(Stream([[click, row(1, path="", visit_id=id_of(1))]])) as warehouse:
        page, scope = asked_of(warehouse, DAY, Segment((Condition("entry", "is", ("",)),)))
        assert totals_of(page, scope)["visits"] == 1
        page, scope = asked_of(warehouse, DAY, Segment((Condition("entry", "is_not", ("",)),)))
        assert totals_of(page, scope)["visits"] == 1


def test_a_segment_of_one_site_finds_nothing_of_another(filled):
    rows = [row(0, site_id=2, country="DE", visitor_id="w", consent_id="d")]
    with filled(Stream([rows])) as warehouse:
        assert views_of(warehouse, Condition("country", "is", ("DE",))) == 0


def test_numbers_of_a_page_are_parameters_and_the_statement_stays(filled):
    from askfirst.store.warehouse import compiled

    one = Segment((Condition("path", "contains", ("/first",)),))
    other = Segment((Condition("path", "contains", ("/second' --",)),))
    with filled(Stream([[row(0, path="/second' --")]])) as warehouse:
        views_of(warehouse, *one.conditions)
        before = compiled._sql.cache_info().misses
        assert views_of(warehouse, *other.conditions) == 1
        assert compiled._sql.cache_info().misses == before


def test_a_scope_that_no_filter_restricts_asks_for_no_matches():
    assert not Scope(SITE, 0, 1).matched
    assert Scope(SITE, 0, 1).only == ()
