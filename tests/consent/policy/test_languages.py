"""The thirty languages: the same keys and placeholders, their own direction, times and dates."""

import re

import pytest

from consent.policy.languages import duration, languages, long_date, texts_of, untranslated

EU = (
    "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv".split()  # noqa: SIM905
)
OTHERS = ["uk", "ar", "he", "ja", "zh-Hans", "pt-BR"]
NOVEMBER = 1_793_620_800_000  # 2026-11-02
OTHER_TAGS = [tag for tag in languages() if tag != "en"]


def flat(value, path=""):
    if isinstance(value, dict):
        deps = value.items()
    elif isinstance(value, list):
        deps = enumerate(value)
    else:
        return {path: value}
    return {k: v for name, part in deps for k, v in flat(part, f"{path}.{name}").items()}


def blanks(text):
    return sorted(re.findall(r"\{\w*\}", text))


def test_requirement_16_all_languages_of_the_union_and_six_more_are_there():
    assert set(languages()) == {*EU, *OTHERS}
    assert next(iter(languages())) == "en"


@pytest.mark.parametrize("tag", OTHER_TAGS)
def test_requirement_16_each_language_has_every_text_and_the_same_blanks(tag):
    english, texts = flat(texts_of("en")), flat(texts_of(tag))
    assert texts.keys() == english.keys()
    assert {key: blanks(text) for key, text in texts.items()} == {
        key: blanks(text) for key, text in english.items()
    }
    assert [key for key, text in texts.items() if not text.strip()] == []
    assert untranslated(tag) == []  # recorded columns that this language's file lacks


@pytest.mark.parametrize("tag", OTHER_TAGS)
def test_requirement_16_no_sentence_is_left_in_english(tag):
    english, texts = flat(texts_of("en")), flat(texts_of(tag))
    same = [key for key, text in texts.items() if text == english[key] and len(text) > 20]
    assert same == []


@pytest.mark.parametrize("tag", languages())
def test_requirement_46_the_direction_is_the_scripts_own(tag):
    texts = texts_of(tag)
    assert texts["direction"] == ("rtl" if tag in ("ar", "he") else "ltr")
    assert texts["language"] == tag
    assert texts["name"] == languages()[tag]


@pytest.mark.parametrize("tag", languages())
@pytest.mark.parametrize(
    ("number", "unit"), [(1, "day"), (180, "day"), (2, "month"), (25, "month")]
)
def test_times_are_said_in_the_language(tag, number, unit):
    said = duration(number, unit, tag)
    assert said.strip()
    # Some languages have words for one and two.
    assert number < 3 or re.search(rf"{number}|٢٥|١٨٠", said)
    assert tag == "en" or not re.search(r"\b(days?|months?)\b", said)


@pytest.mark.parametrize("tag", languages())
def test_dates_are_said_in_the_language(tag):
    said = long_date(NOVEMBER, tag)
    assert re.search("2026|٢٠٢٦", said)
    assert tag == "en" or "November" not in said or tag in ("de", "da", "sv", "nl")
