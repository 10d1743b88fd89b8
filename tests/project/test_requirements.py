"""Each requirement of docs/consent.md has a row there and a test that carries its number."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
LATER = {30}  # corrections
WANTED = set(range(1, 56)) - LATER


def _tests() -> str:
    files = [*ROOT.glob("tests/**/*.py"), *ROOT.glob("tests/**/*.mjs")]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def test_each_requirement_has_a_test_that_carries_its_number():
    named = re.findall(r"def test_requirements?_((?:\d+_)+)", _tests())
    tested = {int(number) for numbers in named for number in numbers.split("_") if number}
    assert tested >= WANTED, sorted(WANTED - tested)
    assert tested <= set(range(1, 56))


def test_each_requirement_has_a_row_that_says_how_it_is_met():
    page = (ROOT / "docs" / "consent.md").read_text(encoding="utf-8")
    rows = {int(number): row for number, row in re.findall(r"^\| (\d+) \|(.*)$", page, re.M)}
    assert set(rows) == WANTED
    for row in rows.values():
        assert len(row.split("|")[1].strip()) > 20
