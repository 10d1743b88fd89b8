"""The examples of docs/definitions.md, each counted by hand, by the oracle and by the questions."""

from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from askfirst.columns import EVENT_COLUMNS
from askfirst.store.warehouse.batches import batch_of
from askfirst.store.warehouse.filters.conditions import Condition, Segment
from askfirst.store.warehouse.filters.matching import keep_matching, narrowed
from askfirst.store.warehouse.logical.scope import scope_between
from askfirst.store.warehouse.warehouse import Warehouse
from reports.questions.breakdown import breakdown
from reports.questions.figures_by.columns import By, listing
from reports.questions.figures_by.figures_by import figures_by
from reports.questions.totals import totals
from reports.url.steps import ms_of
from tests.askfirst.store.warehouse import oracle
from tests.askfirst.store.warehouse.streams import NOTHING, id_of, with_visits

SITE = 1
MONDAY = datetime(2026, 9, 21)  # noqa: DTZ001 - naive UTC, on clocks of UTC
TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)


def events(*given):
    """Build rows of visitor `v`, each from a time and what differs; visits are the shipper's."""
    rows = [
        {
            **NOTHING,
            "site_id": SITE,
            "event_id": id_of(number),
            "kind": "page_view",
            "time": time,
            "visitor_id": "v",
            "consent_id": "c",
            "policy_version": 1,
            "path": "/",
            **changes,
        }
        for number, (time, changes) in enumerate(given)
    ]
    with_visits(rows)
    return rows


@contextmanager
def asked(rows):
    """Yield what answers (question, start, end, segment, *values) from these rows."""
    warehouse = Warehouse(Path(":memory:"))
    warehouse.append(
        batch_of({name: [row[name] for row in rows] for name in EVENT_COLUMNS}), "j", 1
    )

    def answer(question, start, end, segment=None, *values):
        page, scope = warehouse.page(), scope_between(SITE, ms_of(start), ms_of(end))
        if segment:
            keep_matching(page, scope, segment)
            scope = narrowed(scope, segment)
        return page.ask(question, scope, *values)

    yield answer
    warehouse.close()


def wrong(rows, start, end, segment=None, **by_hand):
    """Return the totals of which (by hand, by the oracle, by the warehouse) are not the same."""
    by_definition = oracle.totals(rows, oracle.Window(SITE, start, end), segment or Segment())
    with asked(rows) as answer:
        found = answer(totals, start, end, segment).to_dict("records")[0]
    told = {name: (one, by_definition[name], found[name]) for name, one in by_hand.items()}
    return {name: counts for name, counts in told.items() if len(set(counts)) > 1}


def at(day, hour, minute):
    return day + timedelta(hours=hour, minutes=minute)


OVER_MIDNIGHT = events((at(MONDAY, 23, 50), {}), (at(TUESDAY, 0, 10), {}))
CLICK = {"kind": "link_click", "link_url": "https://example.net/"}
CLICK_AFTER_MIDNIGHT = events((at(MONDAY, 23, 50), {}), (at(TUESDAY, 0, 10), CLICK))


def test_a_visit_over_midnight_counts_whole_where_it_began():
    assert not wrong(
        OVER_MIDNIGHT, MONDAY, TUESDAY, visitors=1, visits=1, views=1, bounces=0, seconds=1200
    )
    assert not wrong(OVER_MIDNIGHT, TUESDAY, WEDNESDAY, visitors=1, visits=0, views=1, bounces=0)
    assert not wrong(OVER_MIDNIGHT, MONDAY, WEDNESDAY, visitors=1, visits=1, views=2, seconds=1200)


def test_a_click_after_midnight_makes_the_visit_before_it_no_bounce():
    assert not wrong(
        CLICK_AFTER_MIDNIGHT, MONDAY, TUESDAY, visitors=1, visits=1, views=1, bounces=0
    )
    assert not wrong(CLICK_AFTER_MIDNIGHT, TUESDAY, WEDNESDAY, visitors=1, visits=0, views=0)
    with asked(CLICK_AFTER_MIDNIGHT) as answer:
        clicks = answer(breakdown, TUESDAY, WEDNESDAY, None, "link", 10, 0)
    assert clicks.to_dict("records") == [
        {"name": "https://example.net/", "amount": 1, "visitors": 1}
    ]


def test_a_single_page_view_is_a_bounce_of_no_length():
    rows = events((at(MONDAY, 12, 0), {}))
    assert not wrong(rows, MONDAY, TUESDAY, visits=1, bounces=1, seconds=0)


ENGAGEMENT = {"kind": "engagement", "engaged_ms": 360_000, "scroll": 100}


@pytest.mark.parametrize("kind", ["engagement", "web_vitals"])
def test_a_single_page_that_is_read_for_six_minutes_is_a_bounce_of_six_minutes(kind):
    read = {**ENGAGEMENT, "kind": kind}
    rows = events((at(MONDAY, 12, 0), {}), (at(MONDAY, 12, 3), read), (at(MONDAY, 12, 6), read))
    assert not wrong(rows, MONDAY, TUESDAY, visitors=1, visits=1, views=1, bounces=1, seconds=360)


@pytest.mark.parametrize("kind", ["link_click", "form_submit", "custom_event"])
def test_an_interaction_makes_a_visit_of_one_page_view_no_bounce(kind):
    rows = events(
        (at(MONDAY, 12, 0), {}),
        (at(MONDAY, 12, 2), {"kind": kind}),
        (at(MONDAY, 12, 3), ENGAGEMENT),
    )
    assert not wrong(rows, MONDAY, TUESDAY, visits=1, views=1, bounces=0, seconds=180)


def test_a_visit_of_engagement_alone_has_no_view_and_is_no_bounce():
    rows = events((at(MONDAY, 12, 0), ENGAGEMENT))
    assert not wrong(rows, MONDAY, TUESDAY, visitors=1, visits=1, views=0, bounces=0, seconds=0)
    with asked(rows) as answer:
        for name in ("entry", "leaving", "referrer", "path", "link"):
            assert answer(breakdown, MONDAY, TUESDAY, None, name, 10, 0).empty


@pytest.mark.parametrize(("minutes", "visits"), [(29, 1), (30, 2)])
def test_half_an_hour_of_silence_ends_a_visit(minutes, visits):
    rows = events((at(MONDAY, 12, 0), {}), (at(MONDAY, 12, minutes), {}))
    assert not wrong(rows, MONDAY, TUESDAY, visits=visits, views=2, visitors=1)


def test_24_hours_end_a_visit():
    rows = events(*((MONDAY + timedelta(minutes=20 * n), {}) for n in range(24 * 3 + 1)))
    assert not wrong(rows, MONDAY, WEDNESDAY, visits=2, visitors=1, views=73)
    assert not wrong(rows, TUESDAY, WEDNESDAY, visits=1, views=1, bounces=1)


def test_a_visit_without_a_page_view_is_in_no_list_of_pages():
    rows = events((at(MONDAY, 12, 0), CLICK))
    assert not wrong(rows, MONDAY, TUESDAY, visitors=1, visits=1, views=0, bounces=0)
    with asked(rows) as answer:
        for name in ("entry", "leaving", "referrer", "path"):
            assert answer(breakdown, MONDAY, TUESDAY, None, name, 10, 0).empty
            assert oracle.listed(rows, oracle.Window(SITE, MONDAY, TUESDAY), name) == []


def test_who_changes_country_during_a_visit_is_a_visitor_of_both():
    rows = events((at(MONDAY, 12, 0), {"country": "DE"}), (at(MONDAY, 12, 1), {"country": "FR"}))
    expected = [("DE", 1, 1), ("FR", 1, 1)]
    assert oracle.listed(rows, oracle.Window(SITE, MONDAY, TUESDAY), "country") == expected
    with asked(rows) as answer:
        found = answer(breakdown, MONDAY, TUESDAY, None, "country", 10, 0)
    assert list(zip(found["name"], found["amount"], found["visitors"], strict=True)) == expected


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        ("2026-10-24T21:59", 24),
        ("2026-10-24T22:00", 25),
        ("2026-10-25T22:59", 25),
        ("2026-10-25T23:00", 26),
    ],
)
def test_the_day_on_which_summer_time_ends_has_25_hours(utc, day):
    assert oracle.local_day(datetime.fromisoformat(utc), "Europe/Berlin").day == day


A_FROM_FR = (Condition("path", "is", ("/a",)), Condition("country", "is", ("FR",)))
NOT_DE = (Condition("country", "is_not", ("DE",)),)


def views_from(first, second):
    return events(
        (at(MONDAY, 12, 0), {"path": "/a", "country": first}),
        (at(MONDAY, 12, 1), {"path": "/b", "country": second}),
    )


def test_on_visits_conditions_may_be_fulfilled_by_different_events():
    for rows in (views_from("DE", "FR"), views_from("FR", "DE")):
        assert not wrong(rows, MONDAY, TUESDAY, Segment(A_FROM_FR), views=2, visits=1)


def test_on_events_one_event_has_to_fulfil_all_conditions():
    on_events = Segment(A_FROM_FR, "events")
    assert not wrong(
        views_from("DE", "FR"), MONDAY, TUESDAY, on_events, views=0, visits=0, visitors=0
    )
    assert not wrong(
        views_from("FR", "DE"), MONDAY, TUESDAY, on_events, views=1, visits=1, seconds=60
    )


def test_is_not_is_fulfilled_by_a_visit_none_of_whose_events_has_the_value():
    for rows in (views_from("DE", "FR"), views_from("FR", "DE")):
        assert not wrong(rows, MONDAY, TUESDAY, Segment(NOT_DE), views=0, visits=0)
        assert not wrong(rows, MONDAY, TUESDAY, Segment(NOT_DE, "events"), views=1, visits=1)


def test_a_visit_matches_whichever_period_is_shown():
    rows = events((at(MONDAY, 23, 50), {"path": "/a"}), (at(TUESDAY, 0, 10), {"path": "/b"}))
    for path in ("/a", "/b"):
        segment = Segment((Condition("path", "is", (path,)),))
        assert not wrong(rows, MONDAY, TUESDAY, segment, views=1, visits=1)
        assert not wrong(rows, TUESDAY, WEDNESDAY, segment, views=1, visits=0)


def rows_by_path(rows, start, end):
    """Return visitors, visits, views, bounce rate and engaged seconds by path."""
    with asked(rows) as answer:
        by, wanted = By("path", reading_tells=True), listing()
        found = answer(figures_by, start, end, None, by, wanted, 10, 0)
    names = ("visitors", "visits", "views", "bounce_rate", "engaged")
    return {row["name"]: tuple(row[one] for one in names) for row in found.to_dict("records")}


def test_of_a_page_counts_the_time_in_which_it_was_read():
    read = {"kind": "engagement", "path": "/a", "engaged_ms": 40_000}
    rows = events(
        (at(MONDAY, 12, 0), {"path": "/a"}),
        (at(MONDAY, 12, 1), read),
        (at(MONDAY, 12, 2), {"path": "/b"}),
        (at(MONDAY, 12, 3), {**read, "path": "/b", "engaged_ms": 20_000}),
    )
    expected = {"/a": (1, 1, 1, 0, 40), "/b": (1, 1, 1, 0, 20)}
    assert rows_by_path(rows, MONDAY, TUESDAY) == expected


def test_a_visit_counts_where_it_began_in_the_row_of_each_of_its_pages():
    rows = events((at(MONDAY, 23, 50), {"path": "/a"}), (at(TUESDAY, 0, 10), {"path": "/b"}))
    assert rows_by_path(rows, MONDAY, TUESDAY) == {"/a": (1, 1, 1, 0, 0)}
    tuesday = rows_by_path(rows, TUESDAY, WEDNESDAY)
    assert {path: row[:3] for path, row in tuesday.items()} == {"/b": (1, 0, 1)}
    both = {"/a": (1, 1, 1, 0, 0), "/b": (1, 1, 1, 0, 0)}
    assert rows_by_path(rows, MONDAY, WEDNESDAY) == both
