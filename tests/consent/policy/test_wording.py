"""The wording of the banner: complete, honest about what is recorded, and of one hash."""

import re

import pytest

from askfirst.columns import EVENT_COLUMNS, HIDDEN_COLUMNS
from askfirst.errors import Malformed
from askfirst.sites import Site
from askfirst.store.ledger.sites.policies import Policy, content_hash
from consent.policy.drafts import content_of, draft_of, placed
from consent.policy.languages import languages
from consent.policy.wording import (
    Terms,
    default_policy,
    first_layer,
    language_of,
    purpose_ids,
    shown_of,
)

SITE = Site(
    id=1,
    key="0123456789abcdef",
    name="Example",
    hosts=("example.org",),
    time_zone="UTC",
    ip_mode="whole",
    policy_version=3,
    min_policy_version=1,
)

SALES = {"id": "revenue", "columns": []}
SCHEMA_1 = "de070ae754d11f92bc224a04e540814930c5b904bafa35ce6b0c70566cf987c2"


def policy_of(content, version=3):
    return Policy(
        site_id=1, version=version, content=content, hash=content_hash(content), published_at=0
    )


def english(**changes):
    values = {"name": "Example", "controller": "Example Ltd", "contact": "p@example.org"}
    return default_policy(**(values | {"privacy_url": ""} | changes))


def shown(content, wanted="en", version=3):
    policy = policy_of(content, version)
    tag = language_of(policy, wanted)
    return shown_of(policy, SITE, tag, content["texts"][tag])


def test_requirement_13_every_recorded_column_is_named_in_plain_words():
    """A column with data of visitors cannot be added without telling them."""
    content = content_of(draft_of(english()) | {"purposes": placed([SALES])})
    fields = [field for purpose in shown(content)["purposes"] for field in purpose["fields"]]
    told = [field["column"] for field in fields]
    assert set(told) == set(EVENT_COLUMNS) - HIDDEN_COLUMNS
    assert len(told) == len(set(told))
    for field in fields:
        assert "_" not in field["name"]
        assert field["text"].endswith(".")


@pytest.mark.parametrize("tag", languages())
def test_no_blank_is_left_open_in_what_the_banner_says(tag):
    told = shown(english(), tag)
    for key, text in told["texts"].items():
        left = {"{item}"} if key.startswith("change_") else set()
        assert text
        assert set(re.findall(r"\{\w*\}", text)) <= left


def test_requirement_10_accepting_and_refusing_are_named_by_what_they_do():
    texts = shown(english())["texts"]
    assert texts["accept"] == "Accept statistics"
    assert texts["refuse"] == "Refuse statistics"


def test_requirement_13_the_wording_names_controller_purpose_retention_and_recipients():
    told = shown(english())
    assert told["controller"] == {
        "name": "Example Ltd",
        "address": "",
        "contact": "p@example.org",
    }
    assert purpose_ids(told) == ("statistics",)
    assert told["retention"] == "25 months"
    assert told["recipients"] == "nobody"
    assert told["version"] == 3
    assert told["policy_url"] == "/policy/0123456789abcdef"
    assert (told["language"], told["direction"]) == ("en", "ltr")


def test_the_owners_terms_are_in_the_wording():
    told = shown(english(terms=Terms(retention_months=1, choice_days=30, ip_mode="dropped")))
    fields = told["purposes"][0]["fields"]
    [ip] = [field["text"] for field in fields if field["column"] == "ip"]
    assert told["retention"] == "1 month"
    assert "30 days" in told["texts"]["refused"]
    assert ip.startswith("Not kept")


def test_requirement_20_the_hash_is_of_everything_that_is_shown():
    told = shown(english())
    without = {name: value for name, value in told.items() if name != "hash"}
    assert told["hash"] == content_hash(without)
    assert shown(english(controller="Another"))["hash"] != told["hash"]


def test_each_language_has_its_own_hash():
    content = english()
    first, second = shown(content, "en"), shown(content, "ar")
    assert first["hash"] != second["hash"]
    assert second["direction"] == "rtl"


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("en", "en"),
        ("EN-gb", "en"),
        ("de-AT-1996", "de"),
        ("xx", "en"),
        ("", "en"),
        ("-", "en"),
        ("__class__", "en"),
        ("de-", "de"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh-Hans-SG", "zh-Hans"),
        ("pt", "pt"),
        ("pt-PT", "pt"),
        ("pt-BR", "pt-BR"),
        ("iw", "he"),
        ("iw-IL", "he"),
        ("sr-Latn", "en"),
    ],
)
def test_requirement_16_the_best_language_there_is_answers(wanted, given):
    assert shown(english(), wanted)["language"] == given


@pytest.mark.parametrize("wanted", ["zh", "zh-CN", "zh-TW", "ZH-hans", "zh-Hans-SG", "iw-IL"])
def test_a_language_that_is_turned_off_is_answered_by_the_default(wanted):
    """The search for the language once never ended and blocked the whole server."""
    content = english()
    content["texts"] = {tag: content["texts"][tag] for tag in ("de", "en")}
    assert language_of(policy_of(content), wanted) == "en"


def test_where_the_default_is_missing_the_first_language_answers():
    content = english()
    content["texts"] = {"de": content["texts"]["de"]}
    assert shown(content, "fr")["language"] == "de"


@pytest.mark.parametrize("wrong", ["javascript:alert(1)", "example.org", "https://", "https://a b"])
def test_a_privacy_address_that_is_no_web_address_is_refused(wrong):
    with pytest.raises(Malformed) as error:
        english(privacy_url=wrong)
    assert error.value.field == "privacy_url"
    assert wrong not in str(error.value)


def test_braces_in_the_owners_names_stay_as_they_are():
    assert "{days}{0}" in shown(english(name="{days}{0}"))["texts"]["intro"]


def test_the_first_layer_leaves_out_a_theme_and_an_offer_that_the_policy_has_not():
    empty = first_layer(shown(english()))
    assert empty.keys().isdisjoint({"theme", "only_this_visit"})
    offered = {"theme": {"button": "#114488"}, "only_this_visit": True}
    assert first_layer(shown(english() | offered)).items() >= offered.items()


def test_requirement_20_what_a_schema_gives_never_changes():
    """A consent record names this hash: a change of it would break the link to older versions.

    Words, times and facts are fixed here, so only the program itself can change it.
    """
    content = english() | {"times": {"en": {"retention": "1 month", "remembered": "1 day"}}}
    content["ip_mode"] = "whole"
    content["purposes"] = [{"id": "statistics", "columns": ["time", "ip"]}]
    content["texts"] = {"en": fixed()}
    assert content["schema"] == 1
    assert shown(content)["hash"] == SCHEMA_1


def fixed():
    """Return texts of the same sections, whose words and keys are this test's own."""
    sections = ("banner", "preferences", "page", "states")
    words = {"title": "{name} {days} {contact}", "withdraw": "W", "control": "C", "erase": "E"}
    return {
        "direction": "ltr",
        **{section: dict(words) for section in sections},
        "purposes": {"statistics": {"title": "T", "text": "X"}},
        "fields": {name: {"title": name, "text": "."} for name in ("time", "ip")},
        "addresses": {},
        "recipients": {"nobody": "nobody"},
        "rights": ["{withdraw} {erase} {control}"],
    }
