"""The words of the visitor's own page: each language has them all, with the same facts in them."""

import re
from pathlib import Path

import pytest

from askfirst.rate_limits import HOUR_MS, MINUTE_MS
from askfirst.store.ledger.accounts.fields import FIELDS
from askfirst.store.ledger.accounts.messages import OWN
from consent.accounts.mailing.kinds import CONFIRM_MS, LINK_MS
from consent.policy.languages import languages
from consent.policy.my_data_words import filled, words_in

VALUES = ("device_", "channel_", "ground_", "kind_", "mail_", "field_gender_")
VALUES += ("lost_noted_", "lost_ended_", "joined_")
NAMES = {f"field_{one}" for one in FIELDS} | {f"message_{one}" for one in OWN}
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


def test_links_of_mails_last_as_long_as_their_words_are_inflected_for() -> None:
    assert (CONFIRM_MS, LINK_MS) == (24 * HOUR_MS, 30 * MINUTE_MS)


def test_an_unknown_language_has_the_english_words() -> None:
    assert words_in("tlh") == words_in("en")


def test_facts_stand_as_they_are_and_placeholders_without_a_fact_stay() -> None:
    assert filled({"a": "{name}: {day}"}, name="{day}", other="x") == {"a": "{day}: {day}"}


def test_each_word_is_used() -> None:
    """A value's name is put together: `device_phone` of the column and what is stored."""
    root = Path(__file__).parents[3]
    pages = [
        *root.glob("templates/consent/my_data/**/*.html"),
        *root.glob("templates/consent/accounts/*/*"),
    ]
    files = [*pages, *(root / "consent").rglob("*.py")]
    code = "".join(path.read_text("utf-8") for path in files)
    named = [key for key in {*words_in("en")} - NAMES if not key.startswith(VALUES)]
    unused = [key for key in named if f"words.{key}" not in code and f'"{key}"' not in code]

    assert named
    assert unused == []
