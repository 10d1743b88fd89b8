"""Each file says what lives in it, is named for it, and points at nothing outside the project."""

import ast
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOT_OURS = {
    ".git",
    ".hypothesis",
    ".venv",
    "node_modules",
    "dist",
    "build",
    "htmlcov",
    "askfirst-data",
}
BINARY = {".png", ".jpg", ".ico", ".xz", ".mmdb", ".woff2", ".webp", ".gz"}
DATA = {
    ROOT / "consent" / "policy" / "languages",
    ROOT / "consent" / "policy" / "my_data_words",
    ROOT / "askfirst" / "store" / "ledger" / "migrations" / "versions",
}
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "shared"}
OUTSIDE = ("../" + "shared", "/" + "work/", "issues" + " show", "/" + "tmp/brief")


def _files() -> Iterator[Path]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [n for n in folders if n not in NOT_OURS and not n.endswith(("_cache", "__"))]
        yield from (Path(folder, name) for name in names)


FILES = sorted(_files())
TEXTS = [p for p in FILES if p.suffix not in BINARY]


def _named(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def _opens_with_a_sentence(path: Path) -> bool:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        first = (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
        return first.endswith((".", "?"))
    lines = text.removeprefix("#!/bin/sh\n")
    return lines.startswith(("//", "/*", "# "))


@pytest.mark.parametrize("suffix", [".py", ".js", ".mjs", ".cjs", ".css", ".sh"])
def test_each_source_file_opens_with_a_sentence(suffix: str) -> None:
    silent = [p for p in FILES if p.suffix == suffix and not _opens_with_a_sentence(p)]
    assert _named(silent) == []


def test_each_script_without_suffix_opens_with_a_sentence() -> None:
    scripts = [ROOT / ".ci" / "run", *(ROOT / "scripts" / n for n in ("serve", "test", "bench"))]
    assert all(_opens_with_a_sentence(path) for path in scripts)
    assert all(os.access(path, os.X_OK) for path in scripts)


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    vague = [
        p for p in FILES if VAGUE & {part.partition(".")[0] for part in p.parts[len(ROOT.parts) :]}
    ]
    assert _named(vague) == []


def test_no_folder_has_more_than_fourteen_files() -> None:
    """What has a file for each language, version, picture or result is data, not a corridor."""
    files = Counter(p.parent for p in FILES if p.name != "__init__.py")
    long = [folder for folder, number in files.items() if number > 14 and folder not in DATA]
    assert _named(sorted(long)) == []


def test_no_pattern_repeats_a_group_possessively() -> None:
    """Python before 3.11.5 matches that wrongly where the group has a choice in it."""
    possessive = re.compile(r"(?<!\()\)(?:[*+?]|\{{1,2}\d*,?\d*\}{1,2})\+")
    ours = [path for path in FILES if path.suffix == ".py" and "tests" not in path.parts]
    assert possessive.search("(?:a|bc)++")
    assert possessive.search("(?:{_A}){{2,}}+")
    assert _named([path for path in ours if possessive.search(path.read_text("utf-8"))]) == []


def test_no_package_under_tests_hides_a_room() -> None:
    assert _named(sorted((ROOT / "tests").rglob("__init__.py"))) == []


def test_no_file_points_outside_the_project() -> None:
    texts = {path: path.read_text(encoding="utf-8", errors="replace") for path in TEXTS}
    pointing = [path for path, text in texts.items() if any(word in text for word in OUTSIDE)]
    assert _named(pointing) == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "tests" / "wire").glob("*.json")), ids=lambda p: p.name
)
def test_each_wire_example_is_json(path: Path) -> None:
    assert json.loads(path.read_text(encoding="utf-8"))
