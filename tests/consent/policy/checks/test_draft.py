"""What an owner may not publish: vague or unequal labels, markup, feelings, unreadable colours."""

import re
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askfirst.columns import (
    AGENT_COLUMNS,
    EVENT_COLUMNS,
    FIXED_COLUMNS,
    LANGUAGE_COLUMNS,
    LINK_COLUMNS,
    ORIGIN_COLUMNS,
)
from askfirst.settings import Settings
from askfirst.system.assets import asset_path
from consent.policy.checks.colours import DEFAULTS, PAIRS, check_theme, contrast
from consent.policy.checks.draft import MANAGERS, check
from consent.policy.checks.words import check_words
from consent.policy.drafts import draft_of, placed, untold_columns
from consent.policy.languages import languages, texts_of
from consent.policy.wording import default_policy, statistics_columns

SHIPPED = draft_of(default_policy("Example", "Example Ltd", "p@example.org", ""))

UNDIVIDED = (AGENT_COLUMNS, LINK_COLUMNS, ORIGIN_COLUMNS, LANGUAGE_COLUMNS)
SALES = {"id": "revenue", "columns": []}


def draft(**changes):
    return deepcopy(SHIPPED) | {"languages": ["en", "de"]} | changes


def own(tag="en", **texts):
    return {tag: {key.replace("__", "."): text for key, text in texts.items()}}


def fields(made, **values):
    return [problem.field for problem in check(made, Settings(**values))]


def words(tag="en", **changes):
    texts = texts_of(tag)
    texts["banner"] |= changes
    return dict(check_words(texts, tag))


def test_what_is_shipped_may_be_published_in_all_thirty_languages():
    assert len(SHIPPED["languages"]) == 30
    assert check(SHIPPED, Settings()) == []


@pytest.mark.parametrize(
    ("tag", "label"),
    [
        ("en", "OK"),
        ("en", "Got it!"),
        ("en", "Continue without statistics"),
        ("en", "ok, statistics"),
        ("en", "\uff2f\uff2b"),
        ("de", "Verstanden"),
        ("de", "Okay"),
        ("fr", "D\u2019accord"),
        ("el", "Εντάξει"),
        ("ja", "了解しました"),
        ("zh-Hans", "好的"),
        ("ar", "موافق"),
        ("he", "הבנתי"),
        ("uk", "Зрозуміло"),
    ],
)
def test_requirement_10_a_label_that_names_nothing_is_refused(tag, label):
    assert "does not say what the button does" in words(tag, accept=label)["banner.accept"]


@pytest.mark.parametrize("tag", languages())
def test_requirement_10_each_language_has_its_list_of_vague_labels(tag):
    listed = texts_of(tag)["banner"]
    assert words(tag, refuse="OK" + " " * len(listed["refuse"])).keys() >= {"banner.refuse"}


def test_requirement_10_a_word_that_only_begins_like_a_vague_one_is_fine():
    assert words("en", accept="Okapi statistics", refuse="Refuse statistics") == {}
    assert words("de", accept="Weiterhin Statistik annehmen", refuse="Weiterhin ablehnen!!") == {}


@pytest.mark.parametrize("refuse", ["Accept statistics", "  accept  STATISTICS. "])
def test_requirement_9_equal_labels_are_refused(refuse):
    assert "same label" in words(refuse=refuse)["banner.refuse"]


@pytest.mark.parametrize("refuse", ["No", "Refuse statistics and all that comes with them"])
def test_requirement_9_labels_of_unequal_length_are_refused(refuse):
    assert "length" in words(refuse=refuse)["banner.refuse"]


@pytest.mark.parametrize("empty", ["", "   "])
@pytest.mark.parametrize("key", ["accept", "refuse", "intro", "title", "policy"])
def test_a_text_cannot_be_left_out(key, empty):
    assert words(**{key: empty})[f"banner.{key}"]


@pytest.mark.parametrize("symbol", ["✅", "🎉", "→", "👍"])
def test_requirement_14_no_symbol_stands_beside_one_answer(symbol):
    assert "stand out" in words(accept=f"Accept statistics {symbol}")["banner.accept"]


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("en", "{name}: Please don't go!"),
        ("en", "{name} 😢"),
        ("en", "{name} wants the best experience for you."),
        ("de", "{name}: Bitte bleib bei uns."),
        ("fr", "{name} : ne partez pas"),
        ("ja", "{name}から行かないでください"),
        ("ar", "{name}: سنحزن كثيرا"),
    ],
)
def test_requirement_14_words_that_play_on_feelings_are_refused(tag, text):
    assert "appeals to feelings" in words(tag, intro=text)["banner.intro"]


@pytest.mark.parametrize("text", ["<b>{name}</b>", "{name} > all", "{name} <"])
def test_markup_is_refused(text):
    assert "Markup" in words(intro=text)["banner.intro"]


@pytest.mark.parametrize(
    "char", ["\0", "\n", "\u202e", "\u2066", "\u200b", "\ufeff", "\u2028", "\ud800"]
)
def test_characters_that_control_or_turn_text_are_refused(char):
    assert "invisible" in words(intro=f"{{name}} {char} asks")["banner.intro"]


@pytest.mark.parametrize(
    "text", ["No name", "{name} {evil}", "{name} {", "}{name}", "{name.x}", "{}"]
)
def test_placeholders_must_be_those_of_the_text(text):
    assert re.search("Braces|It needs", words(intro=text)["banner.intro"])


@given(st.text(max_size=80))
def test_no_words_get_through_with_markup_hidden_signs_or_open_blanks(text):
    problems = words(intro=text)
    if not problems:
        assert "{name}" in text
        assert not set("<>\0\n\u202e\u2066") & set(text)
        assert text.replace("{name}", "").count("{") == 0


@given(st.text(max_size=40), st.text(max_size=40))
def test_requirement_9_labels_that_get_through_are_not_the_same_and_not_empty(accept, refuse):
    if not words(accept=accept, refuse=refuse):
        assert accept.strip()
        assert refuse.strip()
        assert accept.strip().casefold() != refuse.strip().casefold()


def test_the_problem_names_the_field_and_the_language():
    [problem] = check(draft(own=own("de", banner__accept="OK, annehmen 12")), Settings())
    assert (problem.field, problem.language) == ("banner.accept", "de")


def test_requirement_16_an_added_purpose_needs_its_words_in_every_language():
    purposes = [
        {"id": "statistics", "columns": list(statistics_columns())},
        {"id": "ads", "columns": []},
    ]
    texts = own("en", purposes__ads__title="Shop", purposes__ads__text="To sell.")
    found = check(draft(purposes=purposes, own=texts), Settings())
    assert {(one.field, one.language) for one in found} == {
        ("purposes.ads.title", "de"),
        ("purposes.ads.text", "de"),
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"retention_months": 0}, "retention_months"),
        ({"retention_months": 26}, "retention_months"),
        ({"retention_months": "12"}, "retention_months"),
        ({"retention_months": True}, "retention_months"),
        ({"choice_days": 0}, "choice_days"),
        ({"choice_days": 184}, "choice_days"),
        ({"controller": {"name": "", "address": "", "contact": "x"}}, "controller"),
        ({"controller": {"name": "x", "address": "", "contact": " "}}, "contact"),
        ({"controller": {"name": "x", "address": "a\u202eb", "contact": "x"}}, "address"),
        ({"name": ""}, "name"),
        ({"name": "<b>"}, "name"),
        ({"privacy_url": "javascript:alert(1)"}, "privacy_url"),
        ({"recipients": [""]}, "recipients"),
        ({"recipients": ["x"] * 31}, "recipients"),
        ({"authority": "x" * 201}, "authority"),
        ({"manager": "my-own"}, "manager"),
        ({"ip_mode": "all"}, "ip_mode"),
        ({"languages": []}, "languages"),
        ({"languages": ["en", "xx"]}, "languages"),
        ({"default_language": "fr"}, "default_language"),
    ],
)
def test_a_wrong_fact_is_refused_at_its_field(changes, field):
    assert field in fields(draft(**changes))


@pytest.mark.parametrize("manager", MANAGERS)
def test_a_known_manager_may_be_named(manager):
    assert fields(draft(manager=manager)) == []


def test_the_managers_that_may_be_named_are_those_that_the_script_knows():
    script = asset_path("static/js/asking/managers.js").read_text(encoding="utf-8")
    known = re.findall(r'^    "?([a-z0-9-]+)"?: \{$', script, re.M)
    assert sorted(MANAGERS) == sorted(known)


def test_requirement_17_the_servers_settings_bound_the_times():
    assert fields(draft(choice_days=30), choice_days=29) == ["choice_days"]
    made = draft(choice_days=29, retention_months=13)
    assert fields(made, choice_days=29, retention_months=12) == ["retention_months"]


@pytest.mark.parametrize(
    "purposes",
    [
        [],
        [{"id": "ads", "columns": list(statistics_columns())}],
        [{"id": "statistics", "columns": list(statistics_columns())}, {"id": "A b", "columns": []}],
        [{"id": "statistics", "columns": list(statistics_columns())}] * 2,
        [
            {"id": "statistics", "columns": list(statistics_columns())},
            *({"id": f"p{n}", "columns": []} for n in range(8)),
        ],
        [{"id": "statistics", "columns": [*statistics_columns(), "shoe_size"]}],
    ],
)
def test_requirement_12_purposes_are_few_named_and_begin_with_statistics(purposes):
    assert "purposes" in fields(draft(purposes=purposes))


@given(st.dictionaries(st.sampled_from(sorted(EVENT_COLUMNS)), st.sampled_from(["", "a", "both"])))
@settings(max_examples=40)
def test_requirement_12_each_fact_belongs_to_one_purpose_and_the_events_own_to_statistics(placed):
    columns = statistics_columns()
    first = [name for name in columns if placed.get(name, "both") == "both"]
    other = [name for name in columns if placed.get(name) in ("a", "both") and name in placed]
    purposes = [{"id": "statistics", "columns": first}, {"id": "a", "columns": other}]
    texts = own("en", purposes__a__title="A", purposes__a__text="A.")
    found = fields(draft(languages=["en"], own=texts, purposes=purposes))
    wrong = {
        name
        for name in columns
        if placed.get(name) in ("", "both") or (name in FIXED_COLUMNS and placed.get(name) == "a")
    }
    for together in UNDIVIDED:
        if set(together) & set(first) and set(together) & set(other):
            wrong.add(together[0])
    assert {field for field in found if field.startswith("column.")} == {
        f"column.{name}" for name in wrong
    }


@pytest.mark.parametrize("together", UNDIVIDED)
def test_requirement_12_columns_that_are_received_together_are_not_divided(together):
    def found(moved):
        added = {"id": "ads", "columns": list(moved)}
        kept = {"id": "statistics", "columns": list(statistics_columns([added]))}
        texts = own("en", purposes__ads__title="Shop", purposes__ads__text="To sell.")
        made = draft(languages=["en"], own=texts, purposes=[kept, added])
        return [(one.field, one.sentence) for one in check(made, Settings())]

    assert found(together) == []
    for column in together:
        [(field, sentence)] = found([column])
        assert field == f"column.{together[0]}"
        assert "in one purpose" in sentence


def test_the_purpose_of_sales_ships_with_its_words_and_alone_has_amounts_of_money():
    purposes = placed([SALES])
    [_, sales] = purposes

    assert sales["columns"] == ["amount", "currency"]
    assert check(deepcopy(SHIPPED) | {"purposes": purposes}, Settings()) == []
    first = {"id": "statistics", "columns": [*statistics_columns(), "amount"]}
    other = {"id": "revenue", "columns": ["currency"]}
    assert fields(draft(purposes=[first, other])) == ["column.amount"]
    assert fields(draft(purposes=[first])) == ["column.amount"]
    assert fields(draft(purposes=[SHIPPED["purposes"][0], SALES])) == [
        "column.amount",
        "column.currency",
    ]


def test_a_new_fact_of_an_older_policy_goes_where_the_facts_are_that_it_is_received_with():
    older = [
        {"id": "statistics", "columns": ["path", "browser"]},
        {"id": "ads", "columns": ["language", "country"]},
        {"id": "revenue", "columns": []},
    ]
    [statistics, ads, sales] = draft_of({**SHIPPED, "purposes": older})["purposes"]

    assert ads["columns"] == ["language", "country", "languages"]
    assert sales["columns"] == ["amount", "currency"]
    assert set(statistics["columns"]) == {*statistics_columns([ads])}
    assert untold_columns({"purposes": older[:1]}) == tuple(
        one for one in statistics_columns() if one not in {"browser", *FIXED_COLUMNS}
    )
    assert untold_columns({"purposes": placed([])}) == ()


def test_requirement_39_the_contrast_is_that_of_wcag():
    assert contrast("#ffffff", "#000000") == 21
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.542, abs=0.001)


def test_requirement_39_the_banners_own_colours_can_be_read_and_are_those_of_the_script():
    assert list(check_theme(DEFAULTS)) == []
    script = asset_path("static/js/asking/banner.js").read_text(encoding="utf-8")
    for name, colour in DEFAULTS.items():
        short = "#fff" if colour == "#ffffff" else colour
        assert f"var(--askfirst-{name}, {short})" in script


COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(COLOURS, COLOURS)
def test_requirement_39_contrast_is_symmetric_and_between_1_and_21(one, other):
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21


@given(st.dictionaries(st.sampled_from(sorted(DEFAULTS)), COLOURS))
def test_requirement_39_exactly_the_colours_that_cannot_be_read_are_refused(theme):
    whole = DEFAULTS | theme
    unreadable = {
        f"theme.{front}"
        for front, back, least in PAIRS
        if contrast(whole[front], whole[back]) < least
    }
    assert {field for field, _ in check_theme(theme)} == unreadable


@pytest.mark.parametrize("value", ["red", "#fff", "#FFFFFF", "url(x)", "#24405c;}", "", None, 5])
def test_what_is_no_colour_is_refused(value):
    [(field, _)] = check_theme({"text": value})
    assert field == "theme.text"


def test_a_theme_knows_no_other_names():
    assert dict(check_theme({"accept": "#000000"})).keys() == {"theme.accept"}
