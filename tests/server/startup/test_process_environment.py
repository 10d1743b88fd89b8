"""What the environment of a process lacks is in the data folder; what it has is not changed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import json, os, pathlib, sys, tempfile
if sys.argv[2] == "homeless":
    def nobody(self):
        raise RuntimeError("Could not determine home directory.")
    pathlib.Path.expanduser = nobody
    usual = pathlib.Path.home
    pathlib.Path.home = classmethod(lambda cls: cls(os.environ["HOME"]) if "HOME" in os.environ
                                    else cls("~").expanduser())
if sys.argv[2] == "no-tmp":
    tempfile._candidate_tempdir_list = lambda: []
from server.startup.process_environment import prepare_environment
prepare_environment(pathlib.Path(sys.argv[1]))
if sys.argv[2] == "homeless":
    import reports.warehouse_pages
print(json.dumps({"home": os.environ.get("HOME"), "tmp": tempfile.gettempdir(),
                  "sqlite": os.environ["SQLITE_TMPDIR"],
                  "arrow": __import__("pyarrow").default_memory_pool().backend_name}))
"""


def _prepared(folder: Path, lacking: str, **environment: str) -> dict[str, str]:
    command = [sys.executable, "-c", SCRIPT, str(folder), lacking]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout.splitlines()[-1])


def test_a_user_without_a_home_gets_one_in_the_data_folder_and_the_reports_load(tmp_path: Path):
    assert _prepared(tmp_path, "homeless")["home"] == str(tmp_path)


def test_without_a_folder_for_temporary_files_they_lie_in_the_data_folder(tmp_path: Path):
    assert _prepared(tmp_path, "no-tmp", HOME="/")["tmp"] == str(tmp_path)


def test_what_is_there_is_left_alone_and_sqlite_sorts_in_the_data_folder(tmp_path: Path):
    data, other = tmp_path / "data", tmp_path / "other"
    other.mkdir()
    found = _prepared(data, "nothing", HOME="/somewhere", TMPDIR=str(other))

    arrow = found.pop("arrow")
    assert found == {"home": "/somewhere", "tmp": str(other), "sqlite": str(data)}
    assert arrow == "system"  # Arrow's own pools keep what a page has freed


def test_a_memory_pool_that_somebody_has_chosen_is_kept(tmp_path: Path):
    found = _prepared(tmp_path, "nothing", HOME="/", ARROW_DEFAULT_MEMORY_POOL="mimalloc")
    assert found["arrow"] == "mimalloc"


@pytest.mark.parametrize("zone", ["", "Asia/Tokyo", "Nowhere/Here"])
def test_times_are_right_whatever_the_system_says_of_zone_and_language(zone: str):
    code = (
        "from datetime import datetime; from reports.formatting.dates import filters;"
        "exactly = filters(lambda: 0)['exactly'];"
        "print(exactly(datetime(2026, 1, 1, 12), 'Europe/Berlin').striptags(),"
        " exactly(0, 'UTC').striptags())"
    )
    environment = {"PATH": os.environ["PATH"], **({"TZ": zone, "LANG": "xx_YY"} if zone else {})}
    ended = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip() == "1 Jan 2026, 13:00:00 1 Jan 1970, 00:00:00"
