"""The table of columns: every column has one place, one source, one purpose and words."""

from collections import Counter

import msgspec

from askfirst.columns import (
    COLUMNS,
    DIMENSIONS,
    EVENT_COLUMNS,
    EVENT_NUMBERS,
    EVENT_TEXTS,
    FIXED_COLUMNS,
    HIDDEN_COLUMNS,
    MONEY_COLUMNS,
    PROFILE_TEXTS,
    PURPOSE,
    READ_FROM,
    REVENUE,
)
from askfirst.events import JournalEntry
from askfirst.store.warehouse.tables import TABLES

ENTRY_FIELDS = {field.name for field in msgspec.structs.fields(JournalEntry)}


def test_every_column_that_is_about_a_visitor_has_one_purpose_and_words():
    for one in COLUMNS:
        said = (one.purpose, bool(one.title), one.text.endswith("."))
        expected = (one.purpose, True, True) if one.purpose else ("", False, False)
        assert said == expected, one.name
        assert one.purpose in {"", PURPOSE, REVENUE}
    assert MONEY_COLUMNS == ("amount", "currency")
    assert {"site_id", "original", "excluded"} == HIDDEN_COLUMNS


def test_names_and_titles_of_columns_are_unique():
    names = Counter(one.name for one in COLUMNS)
    titles = Counter(one.title for one in COLUMNS if one.purpose)

    assert [name for name, times in (names | titles).items() if times > 1] == []


def test_every_source_names_a_field_of_a_journal_entry():
    for one in COLUMNS:
        assert one.thing in {"entry", *READ_FROM}
        assert one.field in ENTRY_FIELDS or one.source == "visit"


def test_a_text_is_stored_with_the_event_or_with_the_profile_and_all_else_is_fixed():
    assert {*EVENT_TEXTS, *PROFILE_TEXTS, *EVENT_NUMBERS} == {
        one.name for one in COLUMNS if one.kept != "key"
    }
    assert {EVENT_COLUMNS[name] for name in EVENT_NUMBERS} == {"int32", "int64"}
    assert {EVENT_COLUMNS[name] for name in (*EVENT_TEXTS, *PROFILE_TEXTS)} == {"string"}
    keys = {one.name for one in COLUMNS if one.kept == "key"}
    assert {*keys, "host", "path"} == FIXED_COLUMNS | HIDDEN_COLUMNS - {"original", "excluded"}


def test_the_numbers_of_dimensions_never_change():
    """Summaries on disk are stored under these numbers."""
    numbers = {one.name: one.number for one in DIMENSIONS.values()}

    assert list(numbers.values()) == sorted(set(numbers.values()))
    assert (
        numbers.items()
        >= {
            "all": 0,
            "path": 1,
            "entry": 2,
            "leaving": 3,
            "referrer": 4,
            "link": 5,
            "country": 6,
            "browser": 7,
            "os": 8,
            "device": 9,
            "language": 10,
            "source": 11,
            "channel": 12,
        }.items()
    )


def test_every_dimension_is_counted_from_a_column_that_is_stored():
    tables = {"event": "events", "profile": "profiles", "visit": "visits"}
    for one in DIMENSIONS.values():
        if one.name != "all":
            assert one.column in TABLES[tables[one.kept]].columns
            assert one.texts in {*EVENT_TEXTS, *PROFILE_TEXTS}
            assert (one.kept == "visit") is (one.by == "visits")
