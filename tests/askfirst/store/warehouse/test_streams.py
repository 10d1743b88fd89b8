"""Streams: what Hypothesis draws is what the shipper could have stored, and is not all alike."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings

from askfirst.events import EVENT_COLUMNS
from tests.askfirst.store.warehouse.oracle import visits_of
from tests.askfirst.store.warehouse.streams import from_log, rows_of, streams

DAY = timedelta(days=1)
NO_CHECKS = settings(suppress_health_check=list(HealthCheck), max_examples=50)


@NO_CHECKS
@given(streams())
def test_a_stream_is_what_a_shipper_stores(stream):
    rows = rows_of(stream)
    assert all(row.keys() == EVENT_COLUMNS.keys() for row in rows)
    ids = [row["event_id"] for row in rows]
    assert len(set(ids)) == len(ids)
    for site in (1, 2):
        for visit in visits_of(rows, site):
            assert visit.length < DAY
            assert visit.id in {row["event_id"] for row in visit.events}
            assert len({row["visitor_id"] for row in visit.events}) == 1


def test_the_shipped_access_log_is_a_stream():
    rows = rows_of(from_log(lines=2000))
    assert len(rows) > 500
    assert len({row["visitor_id"] for row in rows}) > 100
    assert {row["browser"] for row in rows} > {"", "Chrome", "Firefox"}
