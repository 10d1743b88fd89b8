"""Numbers, shares, durations, changes and names are written as people read them."""

from contextvars import copy_context
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from reports.formatting import template_filters as formats
from reports.formatting.dates import day_of
from reports.formatting.readers import write_for

DASH = "\N{EN DASH}"


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (1234567, "count", "1.2M"),
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
    ("change", "kind", "now", "text"),
    [
        (0.334, "count", 5, "▲ 33%"),
        (-0.1, "seconds", 5, "▼ 10%"),
        (9.99, "count", 5, "▲ 999%"),
        (11.5, "count", 5, "▲ \N{MULTIPLICATION SIGN}12"),
        (1774.857, "count", 5, "▲ \N{MULTIPLICATION SIGN}1,776"),
        (9.994, "count", 5, "▲ 999%"),
        (9.996, "count", 5, "▲ \N{MULTIPLICATION SIGN}11"),
        (0.005, "count", 5, "="),
        (0.0051, "count", 5, "▲ 1%"),
        (0.004, "count", 5, "="),
        (-0.0049, "ratio", 5, "="),
        (0, "count", 0, "="),
        (3.44, "share", 0.4, "▲ 3.4 pts"),
        (-0.7, "share", 0.4, "▼ 0.7 pts"),
        (0.33, "share", 0.05, "▲ 0.3 pts"),
        (0.04, "share", 0.4, "="),
        (None, "count", 3, "new"),
        (None, "count", 0, DASH),
        (None, "share", None, DASH),
    ],
)
def test_a_change_is_an_arrow_and_an_amount(
    change: float | None, kind: str, now: float | None, text: str
) -> None:
    assert formats.delta(change, kind, now) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0%"), (0.6175, "62%"), (0.004, "<1%"), (0.996, ">99%"), (1, "100%")],
)
def test_a_whole_percentage_is_none_or_all_only_where_it_is_just_that(
    value: float, text: str
) -> None:
    assert formats.round_percent(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(9999, "9,999"), (99_999, "99,999"), (123_400, "123.4k")]
)
def test_a_figure_is_short_above_99999(value: float, text: str) -> None:
    assert formats.figure(value, "count") == text


@given(st.text(alphabet="/ab.ü", max_size=12))
def test_an_address_is_cut_before_its_last_part_and_loses_nothing(name: str) -> None:
    head, tail = formats.ends_last(name)

    assert head + tail == name
    assert not head or "/" not in tail.rstrip("/")


@pytest.mark.parametrize(
    ("change", "kind", "less", "word"),
    [
        (0.1, "count", False, "better"),
        (-0.1, "count", False, "worse"),
        (2.0, "share", True, "worse"),
        (-2.0, "share", True, "better"),
        (0.001, "count", False, "same"),
        (0.3, "share", True, "worse"),
        (0.04, "share", True, "same"),
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
        ("local", "country", "Local network"),
        ("en-GB", "language", "English (GB)"),
        ("de", "language", "German"),
        ("xx", "language", "xx"),
        ("", "language", "Unknown"),
        ("phone", "device", "Phone"),
        ("", "referrer", "Direct, or not recorded"),
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

    assert len({formats.link_icon(kind) for kind in kinds}) == 3


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


def test_places_in_a_row_have_their_endings() -> None:
    numbers = (1, 2, 3, 4, 11, 12, 13, 21, 101, 111, 1002)

    assert [formats.ordinal(number) for number in numbers] == (
        ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "101st", "111th", "1,002nd"]
    )


@pytest.mark.parametrize(
    ("tag", "said"), [("de", "27. Nov."), ("en", "27 Nov."), ("bg", "27.11."), ("kk", "27 қар.")]
)
def test_a_sentence_that_ends_with_a_date_has_one_full_stop(tag: str, said: str) -> None:
    def ended() -> tuple[str, str]:
        write_for([tag])
        day = day_of(date(2026, 11, 27), date(2026, 11, 30))
        element = Markup("<time>{}</time>").format(day)
        return formats.ended(day), Markup(formats.ended(element)).striptags()

    assert copy_context().run(ended) == (said, said)
