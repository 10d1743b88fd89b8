"""The words of the question: complete, honest about what is recorded, and of one hash."""

import pytest

from askfirst.errors import Malformed
from askfirst.events import EVENT_COLUMNS
from askfirst.sites import Site
from askfirst.store.site_book import Policy, content_hash
from consent.wording import Terms, default_policy, purpose_ids, wording

SAYS_NOTHING_OF_A_VISITOR = {"site_id"}
BANNER_TEXTS = [
    "title",
    "intro",
    "accept",
    "refuse",
    "preferences",
    "save",
    "withdraw",
    "erase",
    "keep",
    "close",
    "policy",
    "control",
    "thanks",
    "refused",
    "withdrawn",
    "erase_now",
    "erased",
    "receipt",
    "receipt_text",
    "failed",
    "state_granted",
    "state_refused",
    "state_withdrawn",
    "state_none",
    "gpc",
    "fields_title",
    "controller",
    "retention",
    "recipients",
    "rights",
]
SITE = Site(
    id=1,
    key="0123456789abcdef",
    name="Example",
    hosts=("example.org",),
    time_zone="UTC",
    ip_mode="whole",
    policy_version=3,
    asked_version=1,
)


def policy_of(content, version=3):
    return Policy(
        site_id=1, version=version, content=content, hash=content_hash(content), published_at=0
    )


def english(**changes):
    values = {"name": "Example", "controller": "Example Ltd", "contact": "p@example.org"}
    return default_policy(**(values | {"privacy_url": ""} | changes))


def test_every_recorded_column_is_named_in_plain_words():
    """A column that says something of the visitor cannot be added without telling them."""
    fields = wording(policy_of(english()), SITE, "en")["fields"]
    told = [field["column"] for field in fields]
    assert set(told) == set(EVENT_COLUMNS) - SAYS_NOTHING_OF_A_VISITOR
    assert len(told) == len(set(told))
    for field in fields:
        assert "_" not in field["name"]
        assert field["text"].endswith(".")


def test_the_banner_has_every_text_and_no_blank_left_open():
    texts = wording(policy_of(english()), SITE, "en")["texts"]
    assert set(texts) == set(BANNER_TEXTS)
    for text in texts.values():
        assert text
        assert "{" not in text


def test_accepting_and_refusing_are_named_by_what_they_do():
    texts = wording(policy_of(english()), SITE, "en")["texts"]
    assert texts["accept"] == "Accept statistics"
    assert texts["refuse"] == "Refuse statistics"


def test_the_wording_names_controller_purpose_retention_and_recipients():
    shown = wording(policy_of(english()), SITE, "en")
    assert shown["controller"] == {"name": "Example Ltd", "contact": "p@example.org"}
    assert purpose_ids(shown) == ("statistics",)
    assert shown["retention"] == "25 months"
    assert shown["recipients"] == "nobody"
    assert shown["version"] == 3
    assert shown["policy_url"] == "/policy/0123456789abcdef"
    assert (shown["language"], shown["direction"]) == ("en", "ltr")


def test_the_owners_terms_are_in_the_wording():
    terms = Terms(retention_months=1, choice_days=30, ip_mode="dropped")
    shown = wording(policy_of(english(terms=terms)), SITE, "en")
    [ip] = [field["text"] for field in shown["fields"] if field["column"] == "ip"]
    assert shown["retention"] == "1 month"
    assert "30 days" in shown["texts"]["refused"]
    assert ip.startswith("Not kept")


def test_the_hash_is_of_everything_that_is_shown():
    shown = wording(policy_of(english()), SITE, "en")
    without = {name: value for name, value in shown.items() if name != "hash"}
    assert shown["hash"] == content_hash(without)
    other = wording(policy_of(english(controller="Another")), SITE, "en")
    assert other["hash"] != shown["hash"]


def test_each_language_has_its_own_hash():
    content = english()
    content["texts"]["ar"] = content["texts"]["en"]
    first, second = (wording(policy_of(content), SITE, tag) for tag in ("en", "ar"))
    assert first["hash"] != second["hash"]
    assert second["direction"] == "rtl"


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("en", "en"),
        ("EN-gb", "en"),
        ("de-AT-1996", "de"),
        ("fr", "en"),
        ("", "en"),
        ("-", "en"),
        ("__class__", "en"),
        ("de-", "de"),
    ],
)
def test_the_best_language_there_is_answers(wanted, given):
    content = english()
    content["texts"]["de"] = content["texts"]["en"]
    assert wording(policy_of(content), SITE, wanted)["language"] == given


def test_where_english_is_missing_the_first_language_answers():
    content = english()
    content["texts"] = {"de": content["texts"]["en"]}
    assert wording(policy_of(content), SITE, "fr")["language"] == "de"


@pytest.mark.parametrize("wrong", ["javascript:alert(1)", "example.org", "https://", "https://a b"])
def test_a_privacy_address_that_is_no_web_address_is_refused(wrong):
    with pytest.raises(Malformed) as error:
        english(privacy_url=wrong)
    assert error.value.field == "privacy_url"
    assert wrong not in str(error.value)


def test_braces_in_the_owners_names_stay_as_they_are():
    shown = wording(policy_of(english(name="{days}{0}")), SITE, "en")
    assert "{days}{0}" in shown["texts"]["intro"]
