"""Flow and paths: any stream, period and segment has what the definitions say, on both engines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.store.warehouse.compiled import Text
from reports.paths import counting
from reports.paths.counting import flow_through, most_used, parts_of
from reports.paths.naming import named, page_key
from reports.questions.paths.flow import AFTER, BEFORE
from reports.questions.paths.pages import pages_with
from reports.questions.paths.seen import seen
from reports.questions.paths.used_paths import LENGTHS, names_of
from tests.askfirst.store.warehouse.filters.test_matching import asked_streams
from tests.askfirst.store.warehouse.logical import paths_oracle as should
from tests.askfirst.store.warehouse.logical.drawn_pages import (
    FEW,
    KINDS,
    SEGMENTS,
    SEVERAL,
    asked,
)

COLUMNS = ("step", "times", "side")


@pytest.fixture(scope="module", autouse=True)
def _small_parts():
    """Let parts have two visits, so that a few visits make several."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "MOST_VISITS", 2)
        yield


@FEW
@given(asked_streams(), SEGMENTS, SEVERAL, KINDS, st.booleans(), st.sampled_from(LENGTHS))
def test_flow_and_paths_are_what_the_definitions_say(
    open_engine, drawn, segment, paths, kinds, with_links, length
):
    with asked(open_engine, drawn, segment, paths, kinds) as (rows, window, page, scope, wanted):
        for path in dict.fromkeys(paths):
            key = page_key(page, path)
            if key is None:
                assert all(row["path"] != path for row in rows)
                continue
            sides = sides_of(page, flow_through(page, parts_of(scope, 6), key, with_links))
            expected = should.flow(rows, window, path, wanted, with_links)
            assert sides == [dict(one) for one in expected], path
            assert sum(sides[0].values()) == sum(sides[1].values())
            each = page.ask(seen, scope, key)
            had = (each["visits"][0], each["visitors"][0])
            assert had == should.seen(rows, window, path, wanted), path
        found = most_used(page, scope, length, with_links, 1000)
        runs = runs_of(page, found, length)
        got = dict(zip(runs, zip(found["visits"], found["visitors"], strict=True), strict=True))
        assert len(got) == len(runs)
        assert got == should.used_paths(rows, window, int(length), wanted, with_links)
        assert list(found["visits"]) == sorted(found["visits"], reverse=True)
        second = most_used(page, scope, length, with_links, 1, 1)
        assert second.to_numpy().tolist() == found[1:2].to_numpy().tolist()
        check_search(page, scope, rows, window, wanted)


def words_of(page, steps):
    """Return the steps of numbers as the oracle has them; that of 0 is None."""
    known = named(page, steps)
    return {0: None, **{number: (one.name, one.is_link) for number, one in known.items()}}


def sides_of(page, found):
    words = words_of(page, found["step"].tolist())
    rows = list(zip(*(found[name] for name in COLUMNS), strict=True))
    return [{words[s]: n for s, n, side in rows if side == one} for one in (BEFORE, AFTER)]


def runs_of(page, found, length):
    runs = found[list(names_of(length))].to_numpy().tolist()
    words = words_of(page, [step for run in runs for step in run])
    return [tuple(words[step] for step in run) for run in runs]


def check_search(page, scope, rows, window, wanted):
    """Check that pages are found by a part of their paths, as the list of pages has them."""
    every = should.oracle.listed(rows, window, "path", wanted)
    found = page.ask(pages_with, scope, Text("/"), 1000)
    pairs = list(zip(found["name"], found["amount"], strict=True))
    assert pairs == [(name, views) for name, views, _ in every if "/" in name]
