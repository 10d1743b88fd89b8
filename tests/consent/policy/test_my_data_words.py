"""The words of the visitor's own page: each language has them all, with the same facts in them."""

import re

import pytest

from consent.policy.languages import languages
from consent.policy.my_data_words import filled, words_in

PLACEHOLDER = re.compile(r"\{\w+\}")
OTHERS = [tag for tag in languages() if tag != "en"]


@pytest.mark.parametrize("tag", OTHERS)
def test_each_language_of_the_banner_has_the_words_of_the_page(tag: str) -> None:
    english, words = words_in("en"), words_in(tag)
    names = {key for key, text in english.items() if " " not in text}  # "Link" may be one elsewhere
    same = {key for key in english if words[key] == english[key]}

    assert words.keys() == english.keys()
    assert same <= names
    assert all(text == text.strip() != "" for text in words.values())
    for key, text in english.items():
        found, expected = PLACEHOLDER.findall(words[key]), PLACEHOLDER.findall(text)
        assert sorted(found) == sorted(expected), key


def test_an_unknown_language_has_the_english_words() -> None:
    assert words_in("tlh") == words_in("en")


def test_facts_stand_as_they_are_and_placeholders_without_a_fact_stay() -> None:
    assert filled({"a": "{name}: {day}"}, name="{day}", other="x") == {"a": "{day}: {day}"}
