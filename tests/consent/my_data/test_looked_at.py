"""Who looked at a person's data, in the words of the page."""

from consent.my_data.looked_at import looks_of
from consent.policy.my_data_words import words_in
from tests.consent.conftest import NOON

WORDS = words_in("en")


def entry(what: str, reason: str = "") -> dict[str, object]:
    return {"to_whom": "owner@example.org", "what": what, "reason": reason, "disclosed_at": NOON}


def test_law_9_the_reason_for_opening_an_account_is_told() -> None:
    entries = [entry("opened account", "A prize"), entry("opened account", "A letter")]
    said = [look.what for look in looks_of(entries, WORDS, "en", "UTC")]
    assert said == [f"{WORDS['seen_fields']}. Reason: {why}" for why in ("A prize", "A letter")]


def test_alike_entries_without_a_reason_are_counted_together() -> None:
    (look,) = looks_of([entry("opened"), entry("opened")], WORDS, "en", "UTC")
    assert (look.what, look.times) == (WORDS["seen_page"], 2)
