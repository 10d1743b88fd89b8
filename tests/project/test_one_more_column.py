"""One more line in the table of columns is a column everywhere, from the request to the erasure."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what a server saw of two more lines of the table, see `longer_table.py`."""
    folder = tmp_path_factory.mktemp("served")
    command = [sys.executable, str(Path(__file__).with_name("longer_table.py")), str(folder)]
    paths = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, cwd=ROOT, env=paths, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-4000:]
    return json.loads((folder / "seen.json").read_text("utf-8"))


def test_the_warehouse_stores_it(seen: dict[str, Any]):
    assert "utm_id" in seen["schema"]["events"]
    assert "panel" in seen["schema"]["profiles"]
    assert seen["names"][-2:] == ["utm_id", "panel"]


def test_enrichment_reads_it_from_its_source(seen: dict[str, Any]):
    for row in (seen["batch"], seen["row"]):
        assert (row["utm_id"], row["panel"]) == ("zq-term", "desktop")
    assert "private" not in str(seen["row"])


def test_law_3_under_a_policy_that_does_not_tell_of_it_nothing_of_it_is_stored(
    seen: dict[str, Any],
):
    untold = seen["untold"]

    assert (untold["utm_id"], untold["panel"]) == ("", "")
    assert (untold["utm_source"], untold["browser"], untold["device"]) == (
        "post",
        "Chrome",
        "desktop",
    )
    assert not seen["untold_in_journal"]


def test_requirement_13_the_policy_tells_of_it_before_the_choice(seen: dict[str, Any]):
    words = {"column": "panel", "name": "Panel", "text": "What kind of panel you look at."}

    assert words in seen["told"]
    assert words in seen["manifest"]
    assert words["text"] in seen["policy"]


def test_a_language_without_its_words_shows_the_english_ones_and_is_listed(seen: dict[str, Any]):
    words = {field["column"]: field["name"] for field in seen["german"]}

    assert (words["panel"], words["country"]) == ("Panel", "Land")
    assert seen["untranslated"] == ["utm_id", "panel"]


def test_an_owner_may_move_it_to_another_purpose_and_publish(seen: dict[str, Any]):
    assert seen["movable"].items() >= {"utm_id": "Campaign number", "panel": "Panel"}.items()
    assert seen["problems"] == []


def test_the_summaries_of_closed_days_count_by_it(seen: dict[str, Any]):
    assert seen["summarised"] == {"101": 1, "102": 1}


def test_the_overview_counts_by_it(seen: dict[str, Any]):
    assert seen["cards"]["technology"][-1] == "panels"
    assert seen["cards"]["sources"][-1] == "terms"
    assert "technology=panels#card-technology" in seen["overview"]
    assert "zq-term" in seen["overview"]
    assert "zq-term" in seen["lists"]["terms"]
    assert "desktop" in seen["lists"]["panels"].lower()


def test_law_6_the_visitors_page_and_file_have_it(seen: dict[str, Any]):
    assert "Panel" in seen["page"]
    assert "zq-term" in seen["page"]
    [event] = seen["file"]
    assert (event["utm_id"], event["panel"]) == ("zq-term", "desktop")


def test_law_6_an_erasure_counts_its_rows_and_leaves_no_row_text_or_count(seen: dict[str, Any]):
    assert seen["before"]["warehouse.events"] == 1
    assert {"texts", "counts"} <= seen["left"].keys()
    assert set(seen["left"].values()) == {0}
