"""Dates and numbers have the form of the reader's language; digits stay the same in all of them."""

import re
from collections.abc import Callable, Iterator
from contextvars import copy_context
from datetime import date, datetime
from typing import Any

import pytest
from babel.localedata import locale_identifiers
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from askfirst.web.accept_language import preferred_languages
from reports.formatting import dates, readers
from reports.formatting import template_filters as formats
from tests.factories import StoppedClock

DAY, TODAY = date(2025, 9, 3), date(2026, 1, 1)
AT = datetime(2025, 9, 3, 13, 5, 9)  # noqa: DTZ001 - naive UTC
NOW = 1767225600000
PLAIN = str.maketrans(
    "\N{EN DASH}\N{FULLWIDTH TILDE}",
    "-~",
    "\N{RIGHT-TO-LEFT ISOLATE}\N{POP DIRECTIONAL ISOLATE}\N{LEFT-TO-RIGHT MARK}",
)


@pytest.fixture(autouse=True)
def _usual_form_behind_each() -> Iterator[None]:
    yield
    readers.write_for(())


def _said(header: str) -> list[str]:
    """Return what one who sends a header reads: day, weekday, hour, span, numbers, per cent."""
    readers.write_for(preferred_languages(header))
    return [
        dates.day_of(DAY, TODAY),
        dates.short_weekday(DAY),
        dates.clock_of(AT),
        dates.span_of(DAY, date(2025, 9, 28), TODAY),
        formats.number(1234567),
        formats.percent(0.421),
    ]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("", "3 Sep 2025|Wed 3 Sep|13:05|3 Sep - 28 Sep 2025|1,234,567|42.1%"),
        ("en", "3 Sep 2025|Wed 3 Sep|13:05|3 Sep - 28 Sep 2025|1,234,567|42.1%"),
        ("tlh", "3 Sep 2025|Wed 3 Sep|13:05|3 Sep - 28 Sep 2025|1,234,567|42.1%"),
        ("en-GB", "3 Sept 2025|Wed 3 Sept|13:05|3 Sept - 28 Sept 2025|1,234,567|42.1%"),
        ("en-US", "Sep 3, 2025|Wed, Sep 3|1:05 PM|Sep 3 - Sep 28, 2025|1,234,567|42.1%"),
        ("de", "3. Sept. 2025|Mi., 3. Sept.|13:05|3. Sept. - 28. Sept. 2025|1.234.567|42,1 %"),
        ("fr", "3 sept. 2025|mer. 3 sept.|13:05|3 sept. - 28 sept. 2025|1 234 567|42,1 %"),
        ("ja", "2025年9月3日|9月3日(水)|13:05|9月3日~2025年9月28日|1,234,567|42.1%"),
        (
            "ar",
            "3 سبتمبر 2025|الأربعاء، 3 سبتمبر|1:05 م|3 سبتمبر - 28 سبتمبر 2025|1,234,567|42.1%",
        ),
        (
            "pt-BR",
            "3 de set. de 2025|qua., 3 de set.|13:05|3 de set. - 28 de set. de 2025"  # noqa: ISC004
            "|1.234.567|42,1%",
        ),
        ("hi-IN", "3 सित॰ 2025|बुध, 3 सित॰|1:05 pm|3 सित॰ - 28 सित॰ 2025|12,34,567|42.1%"),
        ("tr", "3 Eyl 2025|3 Eyl Çar|13:05|3 Eyl - 28 Eyl 2025|1.234.567|%42,1"),
    ],
)
def test_each_reader_has_the_form_of_their_language(header: str, said: str) -> None:
    read = [one.translate(PLAIN) for one in _said(header)]

    assert [re.sub(r"\s", " ", one) for one in read] == said.split("|")


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("de;q=0.5, fr", "fr"),
        ("tlh, ja;q=0.9", "ja"),
        ("zh-TW", "zh-Hant-TW"),
        ("de-CH-1996", "de-CH"),
        ("fr-XX", "fr"),
        ("*, und", ""),
        ("de;q=0, en", ""),
    ],
)
def test_the_most_wanted_language_that_has_a_form_counts(header: str, tag: str) -> None:
    readers.write_for(preferred_languages(header))

    assert readers.reader().tag == tag


@pytest.mark.parametrize("name", sorted(locale_identifiers())[::27])
def test_every_language_writes_every_shape_with_latin_digits(name: str) -> None:
    readers.write_for([name.replace("_", "-")])
    shapes = {shape: readers.written(AT, shape) for shape in readers.USUAL}
    figures = [formats.percent(0.0004), formats.figure(1.5, "ratio"), shapes["clock_to_second"]]

    assert all(one.strip() for one in [*shapes.values(), *_in_sentences()])
    assert not re.search(r"(?![0-9])\d", "".join(figures))
    assert "3" in shapes["day"]
    assert "2025" in shapes["full_of_year"]
    assert escape(shapes["full"]).striptags() == shapes["full"]


def _in_sentences() -> list[str]:
    filters: dict[str, Callable[..., Any]] = dict(dates.filters(StoppedClock(NOW)))
    return [str(filters[name](AT, "UTC")) for name in ("moment", "seen", "headed", "exactly")]


@given(
    st.integers(0, 10**12), st.integers(0, 3), st.sampled_from(["de", "hi", "fr", "ja", "de-CH"])
)
def test_a_number_read_back_is_the_number(value: int, places: int, tag: str) -> None:
    readers.write_for([tag])
    form, text = readers.reader(), readers.decimal(value / 8, places)
    read = text.replace(form.group, "").replace(form.point, ".")

    assert read == f"{value / 8:.{places}f}"
    assert all(len(one) <= 3 for one in text.partition(form.point)[0].split(form.group))


def test_words_from_right_to_left_stay_together_in_an_english_sentence() -> None:
    readers.write_for(["he"])
    said = dates.day_of(DAY, TODAY)

    assert said.startswith("\N{RIGHT-TO-LEFT ISOLATE}")
    assert said.endswith("\N{POP DIRECTIONAL ISOLATE}")


def test_the_element_of_a_time_names_its_language_and_stays_iso() -> None:
    readers.write_for(["de"])
    day = dates.filters(StoppedClock(NOW))["day"]

    assert day(AT, "UTC") == '<time datetime="2025-09-03T13:05:09Z" lang="de">3. Sept. 2025</time>'
    assert day(NOW, "UTC") == '<time datetime="2026-01-01T00:00:00Z">today</time>'


def test_one_reader_does_not_change_what_another_reads() -> None:
    copy_context().run(readers.write_for, ["ja"])

    assert readers.reader().tag == ""


@pytest.mark.parametrize(
    ("tag", "said"), [("de-AT", "de-AT"), ("de-Latn-AT-1996", "de-AT"), ("de-LI", "de"), ("fr", "")]
)
def test_whoever_has_no_account_is_heeded_in_the_languages_of_the_list_alone(
    tag: str, said: str
) -> None:
    readers.write_for(["yav", tag], only={"de", "de-AT"})

    assert readers.reader().tag == said


def test_tags_of_one_meaning_share_their_form() -> None:
    """A header can name any script: each must not take memory for ever."""
    forms = {readers.form_of(tag) for tag in ("de-AT", "de-Abcd-AT", "de-Latn-AT")}

    assert len(forms) == 1


@pytest.mark.parametrize(
    ("tag", "has_letters"), [("en", True), ("ru", True), ("el", True), ("ja", False), ("ar", False)]
)
def test_a_pdf_is_dated_in_letters_that_its_font_has(tag: str, has_letters: bool) -> None:
    readers.write_for([tag])

    assert readers.is_in_shipped_font() is has_letters
