"""Every question answers what the definitions say, with whatever days are closed."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from askfirst.clock import DAY_MS
from askfirst.columns import DIMENSIONS, EVENT_COLUMNS
from askfirst.local_days import day_start, local_day
from askfirst.store.warehouse.batches import batch_of
from askfirst.store.warehouse.logical.opened import keep_opened
from askfirst.store.warehouse.warehouse import Warehouse
from reports.questions.breakdown import breakdown
from reports.questions.lists import lists, shown_of
from reports.questions.over_time import over_time
from reports.questions.page_views import page_views
from reports.questions.scope import scope_between
from reports.questions.span import span
from reports.questions.totals import totals
from reports.questions.visitors import visitors
from reports.url.periods import Window
from reports.url.steps import moment_of, ms_of, shifts, since_of
from tests.askfirst.store.warehouse import oracle
from tests.askfirst.store.warehouse.amount import IS_LONG, examples
from tests.askfirst.store.warehouse.closing import close_days
from tests.askfirst.store.warehouse.streams import (
    NOTHING,
    ZONES,
    edges,
    from_log,
    id_of,
    rows_of,
    streams,
    windows,
)

SITE = 1
MAY_FIRST = 20_574  # 2026-05-01
MANY = settings(
    suppress_health_check=list(HealthCheck),
    deadline=None,
    max_examples=examples(2, 40),
    derandomize=not IS_LONG,
    phases=(Phase.generate,),
)


@st.composite
def asked(draw):
    """Draw a stream, a zone, a period, and how far days are closed.

    Mostly days of the period are closed and others are not, with events in both; in others it
    begins and ends within visits.
    """
    stream, zone = draw(streams(least_walks=2)), draw(st.sampled_from(ZONES))
    times = sorted({row["time"] for row in rows_of(stream) if row["site_id"] == SITE})
    days = sorted({local_day(ms_of(time), zone) for time in times})
    how = draw(st.sampled_from(("mixed", "mixed", "edges", "edges", "anywhere")))
    if len(days) < 2 or how == "anywhere":
        return stream, zone, *_anywhere(draw, zone)
    if how == "edges":
        closed = draw(st.sampled_from(days)) + draw(st.sampled_from((0, 1)))
        return stream, zone, oracle.Window(SITE, *draw(edges(stream))), closed
    first = draw(st.sampled_from(days[:-1])) - draw(st.sampled_from((0, 0, 1)))
    closed = draw(st.sampled_from([day for day in days if day > first]))
    ends = [time for time in times if local_day(ms_of(time), zone) >= closed]
    end = draw(st.sampled_from(ends)) + timedelta(milliseconds=draw(st.sampled_from((1, DAY_MS))))
    return stream, zone, oracle.Window(SITE, midnight(first, zone), end), closed


def _anywhere(draw, zone):
    start, end = draw(windows)
    if draw(st.booleans()):  # from midnight to midnight, as most periods are
        start = midnight(local_day(ms_of(start), zone), zone)
        end = midnight(local_day(ms_of(end), zone) + 1, zone)
    closed = local_day(ms_of(start), zone) + draw(st.sampled_from((-1, 0, 1, 2, 3, 8, 40, 400)))
    return oracle.Window(SITE, start, end), closed


def midnight(day, zone):
    return moment_of(day_start(day, zone))


@contextmanager
def warehouse_of(open_engine, stream, zone, closed):
    """Yield a warehouse of a stream, with the days before `closed` closed.

    They are closed after every other batch, and what comes later opens them again.
    """
    with open_engine() as engine:
        warehouse = Warehouse(engine)
        for number, rows in enumerate(stream, 1):
            columns = {name: [row[name] for row in rows] for name in EVENT_COLUMNS}
            warehouse.append(batch_of(columns), "journal", number)
            if number % 2:
                close_days(warehouse, SITE, zone, closed)
        close_days(warehouse, SITE, zone, closed)
        yield warehouse


def scope_of(warehouse, window, zone):
    known = warehouse.summarised(SITE)
    return scope_between(SITE, ms_of(window.start), ms_of(window.end), zone, known)


@MANY
@given(asked())
def test_every_figure_and_list_is_what_the_definitions_say(open_engine, drawn):
    stream, zone, window, closed = drawn
    rows = rows_of(stream)
    with warehouse_of(open_engine, stream, zone, closed) as warehouse:
        scope = scope_of(warehouse, window, zone)
        page = warehouse.page()
        kept = keep_opened(page, scope, tuple(DIMENSIONS))
        shown = tuple(DIMENSIONS)[1:]
        several = page.ask(lists, kept, shown, 1000)
        for name in shown:
            found = shown_of(several, DIMENSIONS[name].number, 1000)
            got = list(zip(found["name"], found["amount"], found["visitors"], strict=True))
            assert got == oracle.listed(rows, window, name), name
        short = page.ask(lists, kept, shown, 2)
        for name in shown:
            found = shown_of(short, DIMENSIONS[name].number, 2)
            got = list(zip(found["name"], found["amount"], found["visitors"], strict=True))
            assert got == oracle.listed(rows, window, name)[:2], name
        for one in (scope, kept):
            check_totals(page.ask(totals, one), oracle.totals(rows, window))
            for name in list(DIMENSIONS)[1:]:
                found = page.ask(breakdown, one, name, 1000, 0)
                got = list(zip(found["name"], found["amount"], found["visitors"], strict=True))
                assert got == oracle.listed(rows, window, name), name
                second = page.ask(breakdown, one, name, 1, 1)
                assert list(second["name"]) == [n for n, *_ in got[1:2]], name
        assert int(page.ask(page_views, scope)["views"][0]) == oracle.page_views(rows, window)


def check_totals(frame, expected):
    assert len(frame) == 1
    for name in ("visitors", "visits", "views", "bounces"):
        assert int(frame[name][0]) == expected[name], name
    if expected["seconds"] is None:
        assert frame["seconds"].isna()[0]
    else:
        assert frame["seconds"][0] == pytest.approx(expected["seconds"])


@MANY
@given(asked(), st.sampled_from(("hour", "day", "week", "month")))
def test_every_step_of_time_is_what_the_definitions_say(open_engine, drawn, by):
    stream, zone, window, closed = drawn
    rows = rows_of(stream)
    with warehouse_of(open_engine, stream, zone, closed) as warehouse:
        scope = scope_of(warehouse, window, zone)
        offsets = shifts(Window(window.start, window.end), zone, by)
        frame = warehouse.ask(over_time, scope, by, offsets, since_of(scope, zone, by))
        names = ("visitors", "visits", "views")
        found = {
            moment_of(int(row["bucket"])): {name: int(row[name]) for name in names}
            for row in frame.to_dict("records")
            if any(row[name] for name in names)
        }
        assert found == oracle.over_time(rows, window, by, zone)


@MANY
@given(asked())
def test_the_list_of_visitors_is_what_the_definitions_say(open_engine, drawn):
    stream, zone, window, closed = drawn
    rows = rows_of(stream)
    with warehouse_of(open_engine, stream, zone, closed) as warehouse:
        scope = scope_of(warehouse, window, zone)
        frame = warehouse.ask(visitors, scope, 1000, 0)
        expected = oracle.visitors(rows, window)
        found = (
            [
                {
                    **{name: row[name] for name in expected[0]},
                    **{name: moment_of(int(row[name])) for name in ("first", "opened", "last")},
                }
                for row in frame.to_dict("records")
            ]
            if len(frame)
            else []
        )
        by_id = {row["visitor_id"]: row for row in expected}
        assert {row["visitor_id"] for row in found} == by_id.keys()
        for row in found:
            wanted = by_id[row["visitor_id"]]
            seconds = pytest.approx(wanted["seconds"])
            assert row == {**wanted, "seconds": seconds}
        assert [row["last"] for row in found] == [row["last"] for row in expected]
        assert all(int(n) == len(expected) for n in frame["everybody"])


def test_a_rewrite_lays_rows_anew_and_changes_no_answer(tmp_path):
    stream = list(from_log(lines=300, batch=100))
    rows = rows_of(stream)
    site, times = rows[0]["site_id"], [ms_of(row["time"]) for row in rows]
    warehouse = Warehouse(tmp_path / "warehouse.duckdb")
    for number, batch in enumerate(stream, 1):
        columns = {name: [row[name] for row in batch] for name in EVENT_COLUMNS}
        warehouse.append(batch_of(columns), "journal", number)
    scope = scope_between(site, min(times), max(times) + 1, "UTC", warehouse.summarised(site))

    def answers():
        page = warehouse.page()
        kept = keep_opened(page, scope, tuple(DIMENSIONS))
        listed = page.ask(lists, kept, tuple(DIMENSIONS)[1:], 1000)
        found = listed, page.ask(totals, scope), page.ask(visitors, scope, 1000, 0)
        return [one.to_dict("records") for one in (*found, warehouse.events(site))]

    before = answers()
    warehouse.rewrite()
    assert answers() == before
    assert all(before)
    warehouse.close()


@MANY
@given(streams(), st.sampled_from(ZONES), st.integers(20540, 20770))
def test_rows_come_back_as_they_were_appended(open_engine, stream, zone, closed):
    rows = rows_of(stream)
    with warehouse_of(open_engine, stream, zone, closed) as warehouse:
        mine = [row for row in rows if row["site_id"] == SITE]
        for visitor in {row["visitor_id"] for row in mine}:
            found = warehouse.rows_of(SITE, visitor)
            assert list(found.columns) == list(EVENT_COLUMNS)
            expected = [row for row in mine if row["visitor_id"] == visitor]
            expected.sort(key=lambda row: (row["time"], row["event_id"]))
            times = {"time": found["time"].dt.to_pydatetime()}
            assert found.assign(**times).to_dict("records") == expected
        assert warehouse.counts_of(SITE) == (len(mine), len({row["visitor_id"] for row in mine}))
        found = warehouse.ask(span, SITE)
        first, last, events = oracle.span(rows, SITE)
        assert int(found["events"][0]) == events
        if events:
            assert (moment_of(int(found["first"][0])), moment_of(int(found["last"][0]))) == (
                first,
                last,
            )
        else:
            assert found["first"].isna()[0]


def test_a_late_event_after_another_leaves_the_earlier_day_open(open_engine):
    with open_engine() as engine:
        warehouse, first = Warehouse(engine), MAY_FIRST
        days = (0, 12, 3, 6, 1, 9)  # in the order in which their events come
        rows = [view(number, first + day) for number, day in enumerate(days)]
        for number, row in enumerate(rows):
            columns = {name: [row[name]] for name in EVENT_COLUMNS}
            warehouse.append(batch_of(columns), "journal", number + 1)
            if number == 1:
                close_days(warehouse, SITE, "UTC", first + 10)
                assert warehouse.summarised(SITE).until == first + 10
        assert warehouse.summarised(SITE).until <= first + 1
        window = oracle.Window(SITE, midnight(first, "UTC"), midnight(first + 13, "UTC"))
        for _ in range(2):
            scope = scope_of(warehouse, window, "UTC")
            check_totals(warehouse.ask(totals, scope), oracle.totals(rows, window))
            close_days(warehouse, SITE, "UTC", first + 10)


def view(number, day):
    """Return a page view at noon of a day, each by a visitor of its own in a visit of its own."""
    return {
        **NOTHING,
        "site_id": SITE,
        "event_id": id_of(number),
        "kind": "page_view",
        "time": midnight(day, "UTC") + timedelta(hours=12),
        "visitor_id": f"{number:032x}",
        "visit_id": id_of(number),
        "consent_id": f"{number:032x}",
        "policy_version": 1,
        "path": f"/{number % 3}",
    }


def test_lists_of_closed_and_open_days_are_one_list(open_engine):
    with open_engine() as engine:
        warehouse, first = Warehouse(engine), MAY_FIRST
        rows = [view(number, first + number % 4) for number in range(12)]
        columns = {name: [row[name] for row in rows] for name in EVENT_COLUMNS}
        warehouse.append(batch_of(columns), "journal", 1)
        close_days(warehouse, SITE, "UTC", first + 2)
        window = oracle.Window(SITE, midnight(first, "UTC"), midnight(first + 4, "UTC"))
        page = warehouse.page()
        kept = keep_opened(page, scope_of(warehouse, window, "UTC"), ("all", "path"))
        assert kept.closed
        assert kept.open
        found = shown_of(page.ask(lists, kept, ("path",), 2), DIMENSIONS["path"].number, 2)
        got = list(zip(found["name"], found["amount"], found["visitors"], strict=True))
        assert got == [("/0", 4, 4), ("/1", 4, 4)]
        assert got == oracle.listed(rows, window, "path")[:2]
