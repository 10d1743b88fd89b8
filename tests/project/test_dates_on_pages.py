"""Each page has one form of dates, and says the time zone of its times once."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STAFF = sorted(path for path in (ROOT / "templates" / "reports").rglob("[!_]*.html"))
TIMES = re.compile(r"\|\s*(?:moment|seen|clock|exactly|headed)\(")
OWN_FORMS = re.compile(r"strftime|isoformat|toLocale|format_date|format_time")


@pytest.mark.parametrize("path", STAFF, ids=lambda path: path.name)
def test_a_page_of_staff_that_shows_times_says_their_zone_once(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert text.count("{{ times_in(") == bool(TIMES.search(text) or "times_in" in text)


@pytest.mark.parametrize("path", STAFF, ids=lambda path: path.name)
def test_no_page_of_staff_makes_an_element_of_time_by_itself(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert "<time" not in text
    assert not OWN_FORMS.search(text)


def test_what_visitors_read_is_dated_by_their_language_alone() -> None:
    """`long_date` is the one form of a language: 2. November 2026."""
    scripts = list((ROOT / "static" / "js").rglob("*.js"))
    files = [*(ROOT / "consent").rglob("*.py"), *scripts]
    own = [path for path in files if OWN_FORMS.search(path.read_text(encoding="utf-8"))]

    assert scripts
    languages = ROOT / "consent" / "policy" / "languages"
    assert sorted(own) == [languages / "__init__.py", languages / "times.py"]
