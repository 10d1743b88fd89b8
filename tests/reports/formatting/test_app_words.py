"""An app that is a referrer stands in the reports by its name."""

import pytest

from reports.formatting.app_words import app_words
from reports.formatting.template_filters import listed


@pytest.mark.parametrize(
    ("package", "words"),
    [
        ("com.google.android.googlequicksearchbox", "Google (app)"),
        ("com.openai.chatgpt", "ChatGPT (app)"),
        ("COM.Reddit.Frontpage", "Reddit (app)"),
        ("org.example.unknown", ""),
        ("news.example", ""),
        ("", ""),
    ],
)
def test_a_known_package_is_written_by_the_name_of_its_source(package: str, words: str) -> None:
    assert app_words(package) == words


def test_only_a_referrer_is_taken_for_an_app() -> None:
    assert listed("com.openai.chatgpt", "referrer") == "ChatGPT (app)"
    assert listed("com.openai.chatgpt", "attribute") == "com.openai.chatgpt"
    assert listed("news.example", "referrer") == "news.example"
