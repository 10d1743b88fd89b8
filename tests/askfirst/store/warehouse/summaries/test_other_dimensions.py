"""Other dimensions: a release that counts by others closes the days of a store anew."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from askfirst.columns import Dimension
from askfirst.store.warehouse.noted import UNNOTED, checksum
from askfirst.store.warehouse.tables import TABLES

ROOT = Path(__file__).parents[5]
OPEN = 0


@pytest.fixture(scope="module", params=["duckdb", "clickhouse"])
def seen(request, tmp_path_factory):
    """Return what three releases saw, one after the other, of one store of an engine."""
    folder = tmp_path_factory.mktemp("store")
    return {name: seen_by(name, request.param, folder) for name in ("older", "newer", "newest")}


def seen_by(release, engine, folder):
    script, into = Path(__file__).with_name("other_release.py"), folder / f"{release}.json"
    command = [sys.executable, str(script), engine, str(folder), release, str(into)]
    paths = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, cwd=ROOT, env=paths, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-4000:]
    return json.loads(into.read_text("utf-8"))


VERSIONS = [["27", 4, 2], ["26", 3, 1]]
TITLES_BY_VIEWS = [["Shop", 4, 3], ["Home", 3, 3]]
TITLES_BY_VISITS = [["Home", 3, 3], ["Shop", 1, 1]]
BY_CLICKS = [["/0", 2, 2], ["/1", 2, 2]]
CAMPAIGNS_BY_VISITS = [["spring", 2, 2], ["", 1, 1], ["autumn", 1, 1]]
CAMPAIGNS_BY_VIEWS = [["spring", 2, 2], ["summer", 2, 2], ["", 2, 2], ["autumn", 1, 1]]


def in_order(rows):
    return sorted(map(tuple, rows))


@pytest.mark.parametrize("when", ["opened", "closed"])
@pytest.mark.parametrize("lists", ["lists", "filtered"])
def test_a_dimension_on_a_column_that_was_there_counts_what_lies_in_closed_days(seen, when, lists):
    found = seen["newer"][when][lists]

    assert in_order(found["os_version"]) == in_order(VERSIONS)
    assert in_order(found["title"]) == in_order(TITLES_BY_VIEWS)
    assert in_order(found["utm_campaign"]) == in_order(CAMPAIGNS_BY_VISITS)
    assert in_order(found["original"]) == in_order(BY_CLICKS)


@pytest.mark.parametrize("when", ["opened", "closed"])
@pytest.mark.parametrize("lists", ["lists", "filtered"])
def test_a_dimension_that_counts_by_something_else_counts_so_in_closed_days(seen, when, lists):
    found = seen["newest"][when][lists]

    assert in_order(found["title"]) == in_order(TITLES_BY_VISITS)
    assert in_order(found["utm_campaign"]) == in_order(CAMPAIGNS_BY_VIEWS)


def test_of_a_dimension_that_is_none_any_more_no_row_is_left(seen):
    known = seen["older"]["closed"]["dimensions"]
    assert seen["newer"]["closed"]["dimensions"] == [*known, 101, 102, 103, 104]
    assert seen["newest"]["closed"]["dimensions"] == [*known, 102, 103]


def test_other_lists_and_the_numbers_of_visits_stay_as_they_were(seen):
    before = seen["older"]["closed"]
    for release in ("newer", "newest"):
        for now in (seen[release]["opened"], seen[release]["closed"]):
            assert now["lists"].items() >= before["lists"].items()
            assert now["filtered"].items() >= before["filtered"].items()
            assert now["visits"] == before["visits"]


def test_days_are_opened_by_the_first_start_of_another_release_alone(seen):
    until = seen["older"]["closed"]["until"]
    assert until > OPEN
    for release in ("newer", "newest"):
        assert seen[release]["opened"]["until"] == OPEN
        assert seen[release]["closed"]["until"] == until
        again = seen[release].get("opened again", seen[release]["closed"])
        assert again == seen[release]["closed"]


def test_a_store_without_a_note_is_of_the_dimensions_of_the_last_release_that_noted_none():
    by_profile = ("country", "browser", "os", "device", "language")
    first_of_visit = {2: "entry", 3: "leaving", 4: "referrer_host", 11: "source", 12: "channel"}
    of_paths = ("entry", "leaving")
    known = [
        Dimension(0, "", "", "", "", "all", ""),
        Dimension(1, "", "path", "path", "event", "views", ""),
        Dimension(5, "", "link_url", "link_url", "event", "clicks", ""),
        *(
            Dimension(number, "", "path" if name in of_paths else name, name, "visit", "visits", "")
            for number, name in first_of_visit.items()
        ),
        *(
            Dimension(number, "", name, name, "profile", "events", "")
            for number, name in enumerate(by_profile, start=6)
        ),
    ]
    assert checksum(known) == UNNOTED


def test_the_note_tells_what_is_counted_and_not_how_it_is_shown():
    one = Dimension(1, "path", "path", "path", "event", "views", "Page")
    other = [
        Dimension(2, "path", "path", "path", "event", "views", "Page"),
        Dimension(1, "path", "title", "path", "event", "views", "Page"),
        Dimension(1, "path", "path", "title", "event", "views", "Page"),
        Dimension(1, "path", "path", "path", "visit", "views", "Page"),
        Dimension(1, "path", "path", "path", "event", "clicks", "Page"),
    ]
    assert checksum([one]) not in {checksum([each]) for each in other} | {checksum([])}
    assert checksum([one]) == checksum(
        [Dimension(1, "page", "path", "path", "event", "views", "Pages")]
    )
    assert TABLES["form"].columns["version"] == "int32"
    assert checksum([one]) < 2**31
