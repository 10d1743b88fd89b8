"""Whatever a form holds becomes a draft that can be checked, shown and sent back unchanged."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askfirst.settings import Settings
from askfirst.store.ledger.sites.policies import Policy
from consent.policy.checks.draft import check
from consent.policy.drafts import content_of, draft_of, words_of
from consent.policy.editing import Editing
from consent.policy.wording import default_policy, shown_of
from reports.wording.form import read_draft
from tests.factories import a_site

EDITING = Editing(None, None, Settings(), None)  # the form needs none of its stores
SHIPPED = draft_of(default_policy("Example", "Example Ltd", "p@example.org", ""))
DRAFT = SHIPPED | {"languages": ["en", "de"]}
SITE = a_site()
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
NAMES = st.sampled_from(
    [
        *("name", "controller", "address", "contact", "privacy_url", "authority", "recipients"),
        *(
            "retention_months",
            "choice_days",
            "refusal_days",
            "only_this_visit",
            "manager",
            "ip_mode",
        ),
        *("default_language", "language.en", "language.de", "language.xx", "language", "show"),
        *("offered.revenue", "offered.x", "column.amount"),
        *("purpose.0", "purpose.1", "purpose.2", "purpose.x", "column.country", "column.time"),
        *("theme.text", "theme.button", "theme.evil", "banner.title", "banner.accept"),
        *("banner.evil", "purposes.statistics.title", "purposes.a.title", "purposes..", "own"),
    ]
)


@given(st.dictionaries(NAMES, TEXTS), st.sampled_from(["en", "de", "fr", "", "xx", "__class__"]))
@settings(max_examples=150)
def test_any_form_makes_a_draft_that_can_be_checked_and_rendered(form, tag):
    draft = read_draft(form, DRAFT, EDITING, tag)
    check(draft, Settings())
    policy = Policy(site_id=1, version=2, content=content_of(draft), hash="", published_at=0)

    assert draft["languages"]
    for language, texts in policy.content["texts"].items():
        assert shown_of(policy, SITE, language, texts)["language"] == language

    assert set(draft) == set(DRAFT)
    assert set(draft["own"]) <= {"en", "de", "fr"}
    assert all(
        key in words_flat(draft, name) for name in draft["own"] for key in draft["own"][name]
    )
    assert draft["purposes"][0]["id"] == "statistics"
    assert set(draft["theme"]) <= set(EDITING.options().colours)


def words_flat(draft, tag):
    assert words_of(draft, tag)
    return EDITING.words(draft, tag)


@given(st.dictionaries(NAMES, TEXTS))
@settings(max_examples=50)
def test_reading_the_same_form_twice_changes_nothing_more(form):
    once = read_draft(form, DRAFT, EDITING, "en")
    assert read_draft(form, once, EDITING, "en") == once


@pytest.mark.parametrize(
    ("typed", "made"),
    [
        ("Shop ads", "shop-ads"),
        ("  --X--  ", "x"),
        ("a" * 40, "a" * 32),
        ("<script>", "script"),
        ("../../etc", "etc"),
    ],
)
def test_an_id_is_made_of_what_was_typed(typed, made):
    draft = read_draft({"purpose.1": typed}, DRAFT, EDITING, "en")
    assert [purpose["id"] for purpose in draft["purposes"]] == ["statistics", made]


@pytest.mark.parametrize("typed", ["statistics", "Statistics", "", " ", "€"])
def test_what_is_no_new_id_adds_no_purpose(typed):
    draft = read_draft({"purpose.1": typed}, DRAFT, EDITING, "en")
    assert [purpose["id"] for purpose in draft["purposes"]] == ["statistics"]


def test_a_fact_that_makes_the_event_cannot_be_moved():
    form = {"purpose.1": "ads", "column.time": "ads", "column.country": "ads"}
    draft = read_draft(form, DRAFT, EDITING, "en")
    assert draft["purposes"][1]["columns"] == ["country"]
    assert "time" in draft["purposes"][0]["columns"]
    assert "country" not in draft["purposes"][0]["columns"]


@pytest.mark.parametrize("typed", ["", "-1", "1.5", "٣", "1e3", "9999999", "x"])
def test_a_number_that_is_none_is_refused_and_not_guessed(typed):
    draft = read_draft({"retention_months": typed, "language.en": "on"}, DRAFT, EDITING, "en")
    assert "retention_months" in [problem.field for problem in check(draft, Settings())]


def test_a_forged_way_with_addresses_changes_nothing():
    assert read_draft({"ip_mode": "foo"}, DRAFT, EDITING, "en")["ip_mode"] == DRAFT["ip_mode"]
    assert read_draft({"ip_mode": "dropped"}, DRAFT, EDITING, "en")["ip_mode"] == "dropped"


@pytest.mark.parametrize(("default", "kept"), [("de", "de"), ("xx", "en"), ("", "en")])
def test_one_language_stays_on(default, kept):
    draft = read_draft({"default_language": default}, DRAFT, EDITING, "en")
    assert draft["languages"] == [kept]
