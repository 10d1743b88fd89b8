"""Lists of clicked links, and events without a valid consent, as the definitions say."""

from datetime import datetime, timedelta

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from askfirst.store.warehouse.identifiers import FORMS, stored_id
from reports.questions.clicks import clicks
from reports.questions.grounds import grounds
from reports.url.steps import ms_of
from tests.askfirst.store.warehouse import oracle
from tests.askfirst.store.warehouse.streams import rows_of
from tests.askfirst.store.warehouse.test_questions import (
    MANY,
    SITE,
    asked,
    scope_of,
    warehouse_of,
)

KINDS = ("internal", "outbound", "download")


def with_kinds(stream):
    """Let clicks of one link have several kinds."""
    for rows in stream:
        for row in rows:
            if row["kind"] == "link_click":
                row["link_kind"] = KINDS[sum(row["event_id"].encode()) % len(KINDS)]
    return stream


@MANY
@given(asked())
def test_clicked_links_are_listed_each_by_its_last_kind(open_engine, drawn):
    stream, zone, window, closed = drawn
    with_kinds(stream)
    rows = rows_of(stream)
    with warehouse_of(open_engine, stream, zone, closed) as warehouse:
        found = warehouse.ask(clicks, scope_of(warehouse, window, zone), 1000, 0)
    got = list(zip(found["name"], found["amount"], found["visitors"], strict=True))
    assert got == oracle.listed(rows, window, "link")
    clicked, _ = oracle.counted(rows, window, oracle.EVERYTHING)
    clicked = [row for row in clicked if row["kind"] == "link_click"]
    clicked.sort(key=lambda row: (row["time"], stored_id(row["event_id"], FORMS["event_id"])))
    last = {row["link_url"]: row["link_kind"] for row in clicked}
    assert dict(zip(found["name"], found["kind"], strict=True)) == last


@MANY
@given(asked(), st.data())
def test_law_3_events_outside_of_their_consents_time_are_counted(open_engine, drawn, data):
    stream, zone, window, closed = drawn
    rows = rows_of(stream)
    consents = {
        consent: times
        for consent in sorted({row["consent_id"] for row in rows})
        if (times := data.draw(st.none() | validity(rows)))
    }
    twice = data.draw(st.integers(1, 2))  # two records of one consent count a row once
    records = [
        (SITE, stored_id(one, FORMS["consent_id"]), ms_of(times[0]), ms_of(times[1]))
        for one, times in consents.items()
        for _ in range(twice)
    ]
    others = [(SITE + 1, one, 0, 1 << 50) for _, one, _, _ in records[:1]]
    names = ["site", "consent_id", "given", "until"]
    frame = pd.DataFrame(records + others, columns=names)
    frame = frame.astype({"site": "int32", "consent_id": "str", "given": "int64", "until": "int64"})
    with warehouse_of(open_engine, stream, zone, closed) as warehouse:
        beside = {"valid_consents": frame}
        found = warehouse.ask_beside(beside, grounds, SITE, ms_of(window.end))
    expected = oracle.ungrounded(rows, SITE, window.end, consents)
    assert (int(found["events"][0]), int(found["ungrounded"][0])) == expected


def validity(rows):
    """Draw from when to when a consent is valid: at, around or before the time of an event."""
    moments = st.sampled_from(sorted({row["time"] for row in rows} or {datetime(2026, 1, 1)}))  # noqa: DTZ001 - naive UTC
    around = st.sampled_from([timedelta(milliseconds=one) for one in (-1, 0, 1, 86_400_000)])
    ends = st.tuples(moments, around).map(sum_of)
    return st.tuples(ends, ends)


def sum_of(parts):
    return parts[0] + parts[1]
