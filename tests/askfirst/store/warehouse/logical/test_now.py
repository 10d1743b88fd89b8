"""Who is here now: any stream has what the definitions say, on both engines."""

from collections import Counter, defaultdict

from hypothesis import given

from reports.questions.now import now
from reports.questions.scope import scope_between
from reports.url.steps import ms_of
from tests.askfirst.store.warehouse.filters.segments import segments
from tests.askfirst.store.warehouse.filters.test_matching import SITE, asked_streams
from tests.askfirst.store.warehouse.logical.drawn_pages import FEW, SEVERAL, asked


def order(row):
    return row["time"], row["event_id"]


def by_hand(rows, window):
    """Count the last page of each visitor in a window, with the source of the visit."""
    mine = sorted((row for row in rows if row["site_id"] == SITE), key=order)
    sources, last = {}, defaultdict(str)
    visits = {}
    for row in mine:
        if row["kind"] == "page_view" and row["time"] < window.end:
            sources.setdefault(row["visit_id"], row["source"])
        if window.start <= row["time"] < window.end:
            visits[row["visitor_id"]] = row["visit_id"]
            last[row["visitor_id"]] = row["path"] or last[row["visitor_id"]]
    return Counter((last[one], sources.get(visit, "")) for one, visit in visits.items())


@FEW
@given(asked_streams(), segments(most=0), SEVERAL)
def test_each_visitor_is_on_the_last_page_and_came_by_the_source_of_the_visit(
    open_engine, drawn, segment, paths
):
    stream, _, _ = drawn
    for number, row in enumerate(row for rows in stream for row in rows):
        row["source"] = ("", "Google", "example.net")[number % 3]
    with asked(open_engine, drawn, segment, paths, ["outbound"]) as (rows, window, page, *_):
        scope = scope_between(SITE, ms_of(window.start), ms_of(window.end))
        found = page.ask(now, scope)
        told = Counter()
        for path, source, visitors in found[["path", "source", "visitors"]].to_numpy().tolist():
            told[(path, source)] += visitors
        assert told == by_hand(rows, window)
