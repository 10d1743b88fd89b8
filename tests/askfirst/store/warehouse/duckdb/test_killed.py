"""A process that ends between two steps of a change leaves all of it in the file or none."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

from askfirst.store.warehouse.duckdb.files import Limits
from askfirst.store.warehouse.duckdb.forms import form_of
from askfirst.store.warehouse.tables import VERSION
from tests.askfirst.store.warehouse.amount import IS_LONG
from tests.askfirst.store.warehouse.duckdb import killing
from tests.askfirst.store.warehouse.duckdb.killing import CHANGES, WORD, Steps, change, held

ROOT = Path(__file__).parents[5]
SOME = 4
"""Steps that are looked at in every run, beside those around a commit or an exchange of files."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("filled") / "w"
    killing.fill(path)
    return path


@pytest.fixture
def path(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(filled, tmp_path / "w"))


def carried_out(path: Path, name: str, folder: Path) -> list[tuple[str, Path]]:
    """Carry out a change; return of each step its name and a copy of the files at that moment."""
    seen: list[tuple[str, Path]] = []

    def reached(number: int, step: str) -> None:
        copy = folder / str(number)
        copy.mkdir(parents=True)
        for found in path.parent.glob(f"{path.name}*"):
            if found.is_file():
                shutil.copy(found, copy)
        seen.append((step, copy / path.name))

    # Of files that are written meanwhile no copy could be made.
    with Steps(reached).watched(), patch.object(Limits, "copied_at_once", return_value=1):
        change(path, name)
    return seen


def looked_at(seen: list[tuple[str, Path]]) -> list[tuple[str, Path]]:
    if IS_LONG:
        return seen
    every = max(1, len(seen) // SOME)
    edges = ("commit", "replace", "after sync")
    return [
        one
        for number, one in enumerate(seen)
        if number % every == 0 or any(edge in one[0] for edge in edges)
    ]


@pytest.mark.parametrize("name", CHANGES)
def test_law_7_files_as_any_step_of_a_change_leaves_them_hold_all_of_it_or_none(
    path: Path, tmp_path: Path, name: str
):
    before = held(path)
    seen = carried_out(path, name, tmp_path / "steps")
    after = held(path)
    assert (before == after) == (name == "a rewrite")
    assert WORD.encode() not in path.read_bytes() or name != "a rewrite"
    found = []
    for step, copy in looked_at(seen):
        assert form_of(copy) == VERSION, step
        there = held(copy)
        assert there in (before, after), step
        found.append((step, there == after))
        change(copy, name)  # whoever was not answered asks again
        assert held(copy) == after, step
        if name == "a rewrite":
            assert not any(WORD.encode() in one.read_bytes() for one in copy.parent.iterdir())
    if name != "a rewrite":
        assert {"before the commit": False, "after the commit": True}.items() <= dict(found).items()


KILLED = [("a batch", 3), ("an erasure", 8), ("a rewrite", 14)]


def killed_at(path: Path, name: str, step: int) -> int:
    program = ROOT / "tests/askfirst/store/warehouse/duckdb/killing.py"
    command = [sys.executable, str(program), str(path), name, str(step)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, check=False, env=environment, timeout=120).returncode


def all_or_none(path: Path, name: str, step: int, after: dict[str, list[str]]) -> bool:
    """Kill a process at a step; return whether it came to it."""
    before = held(path)
    ended = killed_at(path, name, step)
    assert ended in (0, -signal.SIGKILL)
    assert held(path) in (before, after)
    change(path, name)
    assert held(path) == after
    return ended != 0


@pytest.mark.parametrize(("name", "step"), KILLED)
def test_law_7_a_process_that_is_killed_leaves_all_of_a_change_or_none(
    filled: Path, path: Path, tmp_path: Path, name: str, step: int
):
    done = Path(shutil.copy(filled, tmp_path / "done"))
    change(done, name)
    assert all_or_none(path, name, step, held(done))


@pytest.mark.faults
@pytest.mark.parametrize("name", CHANGES)
def test_law_7_a_process_that_is_killed_at_any_step_leaves_all_of_a_change_or_none(
    filled: Path, tmp_path: Path, name: str
):
    done = Path(shutil.copy(filled, tmp_path / "done"))
    change(done, name)
    after, step, reached = held(done), 1, True
    while reached:
        path = Path(shutil.copy(filled, tmp_path / f"w{step}"))
        reached = all_or_none(path, name, step, after)
        step += 1
    assert step > 5
