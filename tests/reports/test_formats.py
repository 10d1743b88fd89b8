"""Numbers, shares, durations, changes and names are written as people read them."""

import pytest

from reports import formats

DASH = "\N{EN DASH}"


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (1234567, "count", "1,234,567"),
        (0, "count", "0"),
        (None, "count", DASH),
        (4.5712, "ratio", "4.57"),
        (0.2074, "share", "20.7%"),
        (1.0, "share", "100.0%"),
        (0.00001, "share", "<0.1%"),
        (0.0, "share", "0.0%"),
        (0.4, "seconds", "0s"),
        (59.6, "seconds", "1m 00s"),
        (125, "seconds", "2m 05s"),
        (3780, "seconds", "1h 03m"),
        (None, "seconds", DASH),
    ],
)
def test_figures_are_written_by_their_kind(value: float | None, kind: str, text: str) -> None:
    assert formats.figure(value, kind) == text


@pytest.mark.parametrize(
    ("change", "kind", "text"),
    [
        (0.123, "count", "+12%"),
        (-0.034, "count", "\N{MINUS SIGN}3.4%"),
        (12.5, "count", "+1,250%"),
        (0.0, "count", "0%"),
        (-0.0001, "count", "0%"),
        (3.44, "share", "+3.4 pts"),
        (None, "share", DASH),
    ],
)
def test_changes_carry_their_sign_and_unit(change: float | None, kind: str, text: str) -> None:
    assert formats.delta(change, kind) == text


@pytest.mark.parametrize(
    ("change", "kind", "less", "word"),
    [
        (0.1, "count", False, "better"),
        (-0.1, "count", False, "worse"),
        (2.0, "share", True, "worse"),
        (-2.0, "share", True, "better"),
        (0.001, "count", False, "same"),
        (0.3, "share", True, "same"),
        (None, "count", False, "same"),
    ],
)
def test_a_change_is_better_worse_or_too_small_to_say(
    change: float | None, kind: str, less: bool, word: str
) -> None:
    assert formats.direction(change, kind, less) == word


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (950, "950"), (1200, "1.2k"), (12_000, "12k"), (3_400_000, "3.4M"), (None, DASH)],
)
def test_axis_numbers_are_short(value: float | None, text: str) -> None:
    assert formats.short_number(value) == text


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("DE", "country", "Germany"),
        ("XK", "country", "Kosovo"),
        ("Q1", "country", "Q1"),
        ("", "country", "Unknown"),
        ("en-GB", "language", "English (GB)"),
        ("de", "language", "German"),
        ("xx", "language", "xx"),
        ("", "language", "Unknown"),
        ("phone", "device", "Phone"),
        ("", "referrer", "Direct / none"),
        ("", "path", "(no path)"),
        ("https://x.example/a", "link", "x.example/a"),
        ("http://x.example/a", "link", "http://x.example/a"),
        ("Firefox", "attribute", "Firefox"),
    ],
)
def test_names_in_lists_are_written_by_the_lists_kind(name: str, kind: str, text: str) -> None:
    assert formats.listed(name, kind) == text


def test_links_carry_the_arrow_of_their_kind() -> None:
    kinds = ("outbound", "download", "internal")

    assert len({formats.link_sign(kind) for kind in kinds}) == 3


@pytest.mark.parametrize(
    ("name", "note", "text"),
    [
        ("https://example.org/a?b=1", "internal", "/a?b=1"),
        ("http://127.0.0.1", "internal", "/"),
        ("https://other.test/a", "outbound", "other.test/a"),
        ("https://example.org/list.csv", "download", "example.org/list.csv"),
    ],
)
def test_a_link_within_the_site_is_written_by_its_path(name: str, note: str, text: str) -> None:
    assert formats.listed(name, "link", note) == text
