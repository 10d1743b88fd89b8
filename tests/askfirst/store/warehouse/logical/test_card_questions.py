"""Bounces, reading time, web vitals, scroll depth and hours equal a count by hand."""

import random
from collections import Counter, defaultdict
from datetime import UTC, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from askfirst.store.warehouse.compiled import Text
from reports.questions.cards.hours import hours
from reports.questions.cards.page_days import page_days
from reports.questions.cards.scroll import DEPTHS, scroll, scroll_by_page
from reports.questions.cards.vitals import LIMITS, vitals, vitals_by_page
from reports.questions.measures.engaged import engaged
from reports.questions.measures.rates_over_time import bounces_over_time, engaged_over_time
from reports.questions.scope import raw
from reports.url.periods import Window
from reports.url.steps import moment_of, shifts, since_of
from tests.askfirst.store.warehouse import oracle
from tests.askfirst.store.warehouse.amount import examples
from tests.askfirst.store.warehouse.streams import rows_of
from tests.askfirst.store.warehouse.test_definitions import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    at,
    events,
)
from tests.askfirst.store.warehouse.test_definitions import asked as hand
from tests.askfirst.store.warehouse.test_questions import (
    MANY,
    asked,
    scope_of,
    warehouse_of,
)


def _enriched(stream, seed):
    """Return a stream whose events carry measurements, as the visitor's scripts send them."""
    luck = random.Random(seed)
    return [[_measured(row, luck) for row in batch] for batch in stream]


def _measured(row, luck):
    kind = luck.choice([row["kind"], "engagement", "web_vitals"])
    changes = {"kind": kind, "path": row["path"] or "/"}
    if kind == "engagement":
        before = luck.choice([0, 0, 20, 50])
        seen = luck.choice([0, 5, 25, 50])
        changes |= {"engaged_ms": luck.randrange(0, 90_000), "scroll_from": before}
        changes["scroll"] = before + seen
    if kind == "web_vitals":
        changes |= {
            name: luck.choice([0, 1, good, poor, poor + 1]) for name, (good, poor) in LIMITS.items()
        }
    return {**row, **changes}


def _in(rows, window, kind):
    return [row for row in oracle.counted(rows, window)[0] if row["kind"] == kind]


def _vitals(rows, name):
    good, poor = LIMITS[name]
    values = sorted(row[name] for row in rows if row[name])
    return {
        "loads": len(values),
        "p75": values[ceil(len(values) * 0.75) - 1] if values else 0,
        "good": sum(value <= good for value in values),
        "poor": sum(value > poor for value in values),
    }


def _scroll(rows):
    notes = [
        (row["scroll_from"], row["scroll"]) for row in rows if row["scroll"] > row["scroll_from"]
    ]
    return {
        "views": sum(before == 0 for before, _ in notes),
        "depth": sum(after - before for before, after in notes),
        **{f"reached_{n}": sum(before < n <= after for before, after in notes) for n in DEPTHS},
    }


def _by_path(rows):
    found = defaultdict(list)
    for row in rows:
        found[row["path"]].append(row)
    return found


@settings(MANY, max_examples=examples(1, 40))
@given(asked(), st.integers(0, 99), st.sampled_from(("hour", "day", "week", "month")))
def test_what_cards_show_is_what_the_definitions_say(open_engine, drawn, seed, by):
    stream, zone, window, closed = drawn
    stream = _enriched(stream, seed)
    rows = rows_of(stream)
    with warehouse_of(open_engine, stream, zone, closed) as warehouse:
        scope = scope_of(warehouse, window, zone)
        ask = warehouse.ask
        measured, read = _in(rows, window, "web_vitals"), _in(rows, window, "engagement")
        visits = oracle.counted(rows, window)[1]

        got = ask(vitals, scope).drop(columns="measure").to_dict("records")
        assert got == [_vitals(measured, name) for name in LIMITS]
        pages = {row.pop("name"): row for row in ask(vitals_by_page, scope, 99).to_dict("records")}
        assert pages == {
            path: {"loads": len(some), **{name: _vitals(some, name)["p75"] for name in LIMITS}}
            for path, some in _by_path(measured).items()
        }
        assert ask(scroll, scope).to_dict("records") == [_scroll(read)]
        pages = {row.pop("name"): row for row in ask(scroll_by_page, scope, 99).to_dict("records")}
        expected = {path: _scroll(some) for path, some in _by_path(read).items()}
        assert pages == {path: one for path, one in expected.items() if one["views"]}

        some = tuple(sorted({row["path"] for row in rows})[:2])
        frame = ask(page_days, raw(scope), tuple(map(Text, some)))
        got = {(name, day): n for name, day, n in frame.itertuples(index=False)}
        assert got == Counter(
            (row["path"], (row["time"] - moment_of(0)).days)
            for row in _in(rows, window, "page_view")
            if row["path"] in some
        )

        offsets = shifts(Window(window.start, window.end), zone, "day")
        found = ask(hours, scope, offsets).itertuples(index=False)
        begun = [one.begin.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)) for one in visits]
        assert {(day, hour): n for day, hour, n in found} == Counter(
            (local.weekday(), local.hour) for local in begun
        )

        read_ms = {one.id: sum(event["engaged_ms"] for event in one.events) for one in visits}
        assert ask(engaged, scope)["engaged_ms"][0] == sum(read_ms.values())
        offsets = shifts(Window(window.start, window.end), zone, by)
        steps = oracle.over_time(rows, window, by, zone)
        begun = {key: one["visits"] for key, one in steps.items() if one["visits"]}
        for question, name, total in (
            (bounces_over_time, "bounces", sum(one.is_bounce for one in visits)),
            (engaged_over_time, "engaged_ms", sum(read_ms.values())),
        ):
            frame = ask(question, scope, by, offsets, since_of(scope, zone, by))
            pairs = zip(frame["bucket"], frame["visits"], strict=True)
            assert {moment_of(int(ms)): n for ms, n in pairs if n} == begun
            assert frame[name].sum() == total


AT_NOON = at(MONDAY, 12, 0)


def test_of_four_loads_the_third_is_the_75th_percentile():
    loads = [(AT_NOON + timedelta(hours=n), lcp) for n, lcp in enumerate((2500, 1200, 4001, 2501))]
    rows = events(*((time, {"kind": "web_vitals", "lcp_ms": lcp}) for time, lcp in loads))
    with hand(rows) as answer:
        lcp, inp, *_ = answer(vitals, MONDAY, TUESDAY).to_dict("records")

    assert lcp == {"measure": 0, "loads": 4, "p75": 2501, "good": 2, "poor": 1}
    assert inp == {"measure": 1, "loads": 0, "p75": 0, "good": 0, "poor": 0}


def test_a_view_passes_each_depth_once_however_often_it_is_noted():
    notes = ((0, 30, 20), (30, 80, 25), (0, 10, 5))  # two notes of one view, one of another
    rows = events(
        (AT_NOON, {}),
        *(
            (
                AT_NOON + timedelta(minutes=n),
                {"kind": "engagement", "scroll_from": a, "scroll": b, "engaged_ms": s * 1000},
            )
            for n, (a, b, s) in enumerate(notes)
        ),
    )
    with hand(rows) as answer:
        [found] = answer(scroll, MONDAY, TUESDAY).to_dict("records")
        read = answer(engaged, MONDAY, TUESDAY)["engaged_ms"][0]

    reached = {"reached_25": 1, "reached_50": 1, "reached_75": 1, "reached_100": 0}
    assert found == {"views": 2, "depth": 90, **reached}
    assert read == 50_000  # of one visit


def test_reading_after_midnight_belongs_to_the_visit_that_began_before_it():
    note = {"kind": "engagement", "engaged_ms": 7000}
    with hand(events((at(MONDAY, 23, 50), {}), (at(TUESDAY, 0, 10), note))) as answer:
        read = [
            answer(engaged, *days)["engaged_ms"][0]
            for days in ((MONDAY, TUESDAY), (TUESDAY, WEDNESDAY))
        ]

    assert read == [7000, 0]
