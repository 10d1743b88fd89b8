"""What the reports of a site leave out is stored, and moves from one side of it to the other."""

from datetime import timedelta

import pandas as pd
import pytest

from askfirst.clock import DAY_MS
from askfirst.columns import EVENT_COLUMNS
from askfirst.local_days import local_day
from askfirst.store.warehouse.batches import batch_of
from askfirst.store.warehouse.logical.scope import scope_between
from askfirst.store.warehouse.logical.sides import by_rule
from askfirst.store.warehouse.warehouse import Warehouse
from reports.questions.grounds import grounds
from reports.questions.span import span
from reports.questions.totals import totals
from reports.questions.visitors import visitors
from tests.askfirst.store.warehouse.amount import IS_LONG, long_on_clickhouse
from tests.askfirst.store.warehouse.closing import close_days
from tests.askfirst.store.warehouse.streams import MINUTE, NOTHING, hex_of, id_of, ms, naive

NOON = ms("2026-05-01T12:00")
DAY = local_day(NOON, "UTC")
EVER = ((DAY - 10) * DAY_MS, (DAY + 100) * DAY_MS)
CLOSED = DAY + 20


def row(number, visitor, rule="", *, visit=None, day=0, site=1):
    """Return a page view a minute after that of the number before."""
    return {
        **NOTHING,
        "site_id": site,
        "event_id": id_of(number),
        "kind": "page_view",
        "time": naive(NOON + day * DAY_MS + number * MINUTE),
        "visitor_id": hex_of(visitor),
        "visit_id": id_of(number if visit is None else visit),
        "consent_id": hex_of(f"consent of {visitor}"),
        "policy_version": 1,
        "path": f"/{number}",
        "amount": number,
        "bot_rule": rule,
    }


ROWS = [
    row(0, "person"),
    row(1, "mixed"),
    row(2, "mixed", "prefetch", visit=1),
    row(3, "program", "agent:X"),
    row(4, "program", "agent:X", visit=3),
    row(5, "program", "agent:X", day=1),
    row(6, "other", "agent:X", site=2),
    row(7, "left out", "agent:Y", site=-1),
]


def fill(engine):
    warehouse = Warehouse(engine)
    columns = {name: [one[name] for one in ROWS] for name in EVENT_COLUMNS}
    warehouse.append(batch_of(columns), "j", 1)
    close_days(warehouse, 1, "UTC", CLOSED)
    return warehouse


@pytest.fixture
def filled(engine):
    return fill(engine)


@pytest.fixture(scope="module")
def kept(open_engine):
    """Return a warehouse for the tests that change nothing in it."""
    with open_engine() as engine:
        yield fill(engine)


def counted(warehouse, site=1):
    scope = scope_between(site, *EVER, "UTC", warehouse.summarised(site))
    found = warehouse.ask(totals, scope).to_dict("records")[0]
    return tuple(int(found[name]) for name in ("visitors", "visits", "views", "bounces"))


def shown(warehouse):
    return sorted(tuple(map(str, one)) for one in warehouse.events(1).to_numpy().tolist())


def test_what_a_rule_fits_is_left_out_of_every_figure_and_counts_again(filled):
    before = shown(filled)
    assert counted(filled) == (3, 4, 6, 2)
    for _ in range(2 if IS_LONG or filled.dialect == "duckdb" else 1):
        assert filled.set_left_out(1, "agent:X", left_out=True) == 3
        assert filled.set_left_out(1, "agent:X", left_out=True) == 0
        assert counted(filled) == (2, 2, 3, 1)
        close_days(filled, 1, "UTC", CLOSED)
        assert filled.summarised(1).until == CLOSED
        assert counted(filled) == (2, 2, 3, 1)
        assert int(filled.ask(span, 1)["events"][0]) == 3
        assert len(filled.ask(visitors, scope_between(1, *EVER), 10, 0)) == 2
        assert shown(filled) == before
        assert filled.set_left_out(1, "agent:X", left_out=False) == 3
        assert counted(filled) == (3, 4, 6, 2)
        close_days(filled, 1, "UTC", CLOSED)
        assert counted(filled) == (3, 4, 6, 2)
    assert counted(filled, 2) == (1, 1, 1, 1)


@long_on_clickhouse
def test_a_visit_of_which_a_rule_fits_a_part_is_split_and_joined_again(filled):
    assert filled.set_left_out(1, "prefetch", left_out=True) == 1
    assert counted(filled) == (3, 4, 5, 3)
    close_days(filled, 1, "UTC", CLOSED)
    assert counted(filled) == (3, 4, 5, 3)
    assert filled.set_left_out(1, "prefetch", left_out=False) == 1
    assert counted(filled) == (3, 4, 6, 2)


def test_what_stands_on_the_wrong_side_is_put_right_and_all_else_stays(filled):
    out = {"agent:X", "agent:Y"}
    assert filled.set_sides(1, out.__contains__) == 3
    assert filled.set_sides(1, out.__contains__) == 0
    assert counted(filled) == (2, 2, 3, 1)
    assert counted(filled, 2) == (1, 1, 1, 1)


@long_on_clickhouse
def test_what_stands_on_either_wrong_side_is_put_right(filled):
    filled.set_sides(1, {"agent:X", "agent:Y"}.__contains__)
    assert filled.set_sides(1, {"prefetch"}.__contains__) == 5
    assert counted(filled) == (4, 5, 6, 4)
    assert counted(filled, 2) == (1, 1, 1, 1)


def test_a_rule_that_fits_nothing_moves_nothing(kept):
    assert kept.set_left_out(1, "agent:Z", left_out=True) == 0
    assert kept.set_left_out(3, "agent:X", left_out=True) == 0
    assert counted(kept) == (3, 4, 6, 2)


def test_law_6_a_visitors_file_and_erasure_reach_what_is_left_out(filled):
    filled.set_left_out(1, "prefetch", left_out=True)
    mixed = filled.rows_of(1, hex_of("mixed"))
    assert list(mixed["path"]) == ["/1", "/2"]
    assert set(mixed["site_id"]) == {1}
    assert list(mixed["amount"]) == [1, 2]
    assert filled.counts_of(1) == (7, 4)
    assert filled.delete_visitor(1, hex_of("mixed")) == 2
    assert filled.rows_of(1, hex_of("mixed")).empty
    assert filled.counts_of(1) == (5, 3)


@long_on_clickhouse
def test_retention_reaches_what_is_left_out(filled):
    after = naive(NOON + DAY_MS)
    assert filled.delete_before(1, after, version=2) == 0
    assert filled.delete_before(1, after, version=1) == 6
    assert filled.delete_before(1, after + timedelta(days=1)) == 1


def test_a_time_a_visit_and_a_whole_site_are_deleted_on_both_sides(filled):
    assert filled.delete_visit(1, hex_of("left out"), id_of(7)) == 1
    filled.set_left_out(1, "agent:X", left_out=True)
    assert filled.delete_span(1, hex_of("program"), NOON + DAY_MS, NOON + 2 * DAY_MS) == 1
    assert filled.delete_site(1) == 5
    assert filled.counts_of(1) == (0, 0)
    assert list(filled.events()["path"]) == ["/6"]


def test_days_of_both_sides_are_closed_by_one_call(kept):
    assert {kept.summarised(side).until for side in (1, -1)} == {CLOSED}
    assert kept.summarised(2).until < CLOSED


RULED = ("rule", "left_out", "events", "visitors", "visits", "views")


def ruled(warehouse, start=EVER[0], end=EVER[1]):
    found = warehouse.ask(by_rule, 1, start, end)
    return list(zip(*(found[name].tolist() for name in RULED), strict=True))


def test_what_each_rule_fits_is_counted_as_the_reports_would_count_it_alone(filled):
    filled.set_left_out(1, "prefetch", left_out=True)
    assert ruled(filled) == [
        ("agent:X", False, 3, 1, 2, 3),
        ("agent:Y", True, 1, 1, 1, 1),
        ("prefetch", True, 1, 1, 1, 1),
    ]
    before = counted(filled)
    filled.set_left_out(1, "agent:X", left_out=True)
    assert ruled(filled)[0] == ("agent:X", True, 3, 1, 2, 3)
    left = counted(filled)
    assert [now - then for now, then in zip(before, left, strict=True)][:3] == [1, 2, 3]


def test_of_a_rule_a_visit_counts_where_its_part_begins_and_views_where_they_are(kept):
    third, fourth = (NOON + number * MINUTE for number in (3, 4))
    assert ruled(kept, third, fourth) == [("agent:X", False, 1, 1, 1, 1)]
    assert ruled(kept, fourth, fourth + 1) == [("agent:X", False, 1, 1, 0, 1)]
    assert ruled(kept, third, third) == []
    assert ruled(kept, third + DAY_MS, EVER[1]) == [("agent:X", False, 1, 1, 1, 1)]


def test_what_is_no_page_view_is_an_event_of_its_rule_and_no_view(engine):
    rows = [
        row(0, "a", "agent:X"),
        {**row(1, "a", "agent:X", visit=0), "kind": "engagement"},
        {**row(2, "b", "agent:X"), "kind": "link_click"},
        row(3, "b", "", visit=2),
        row(4, "c", "", site=-1),
    ]
    warehouse = Warehouse(engine)
    columns = {name: [one[name] for one in rows] for name in EVENT_COLUMNS}
    warehouse.append(batch_of(columns), "j", 1)
    expected = [("", True, 1, 1, 1, 1), ("agent:X", False, 3, 2, 2, 1)]
    assert ruled(warehouse) == expected
    warehouse.set_left_out(1, "agent:X", left_out=True)
    assert ruled(warehouse) == [expected[0], ("agent:X", True, *expected[1][2:])]


def test_law_3_what_is_left_out_needs_a_consent_too(kept):
    given = {"site": 1, "given": 0, "until": EVER[1]}
    named = [{**given, "consent_id": hex_of(f"consent of {one}")} for one in ("mixed", "left out")]
    beside = {"valid_consents": pd.DataFrame(named)}
    found = kept.ask_beside(beside, grounds, 1, EVER[1]).to_dict("records")[0]
    assert (int(found["events"]), int(found["ungrounded"])) == (7, 4)


def test_visits_that_go_on_are_told_with_their_side(kept):
    alive = {visit: side for side, _, visit, _, _ in kept.last_visits(naive(NOON))}
    assert (alive[id_of(7)], alive[id_of(0)]) == (-1, 1)
