"""ARCHITECTURE.md prints the tree as it is, and every path that a page of the docs names exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("askfirst", "collector", "consent", "reports", "server")
DOCS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
TREE = re.compile(r"^\| (?:\*\*)?`([a-z_/]+(?:/|\.py))`(?:\*\*)? \| (.+) \|$", re.MULTILINE)
PATH = re.compile(
    r"`((?:askfirst|collector|consent|reports|server|static|templates|tests|benchmarks|scripts|docs)"
    r"/[\w/.-]*)`"
)
MADE = {"benchmarks/results/quick/"}
"""What a program makes; a fresh checkout has none of it."""


def _first_sentence(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]


def _tree() -> dict[str, str]:
    """Return what each room, its own files and its folders say of themselves, by their paths."""
    paths = [path for room in ROOMS for path in (ROOT / room).glob("*.py")]
    paths += [path for room in ROOMS for path in (ROOT / room).glob("*/__init__.py")]
    return {_printed(path): _first_sentence(path) for path in paths}


def _printed(path: Path) -> str:
    name = path.relative_to(ROOT).as_posix()
    return name.removesuffix("__init__.py")


def test_the_tree_is_printed_two_levels_deep_as_the_folders_say_of_themselves() -> None:
    printed = dict(TREE.findall((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")))

    assert printed == _tree()


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_every_path_that_a_page_names_exists(path: Path) -> None:
    """The log of changes tells of files that were; NAME stands for any name."""
    text = path.read_text(encoding="utf-8") if path.name != "CHANGELOG.md" else ""
    named = {name for name in PATH.findall(text) if "NAME" not in name} - MADE

    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_the_tests_lie_in_folders_of_the_names_of_the_rooms() -> None:
    inner = [p for room in ROOMS for p in (ROOT / "tests" / room).rglob("*") if p.is_dir()]
    folders = [p.relative_to(ROOT / "tests") for p in inner if not p.name.startswith("__")]

    assert len(folders) > 20
    assert [str(path) for path in folders if not (ROOT / path / "__init__.py").is_file()] == []


def test_the_templates_lie_in_folders_of_the_names_of_the_rooms() -> None:
    pages = [p for room in ROOMS for p in (ROOT / "templates" / room).rglob("*.html")]
    folders = {p.parent.relative_to(ROOT / "templates") for p in pages}

    assert len(folders) > 10
    assert [str(path) for path in folders if not (ROOT / path / "__init__.py").is_file()] == []
