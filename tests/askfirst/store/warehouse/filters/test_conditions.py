"""Conditions: what has no meaning, or costs too much, or serves another purpose, is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.columns import EVENT_NUMBERS, EVENT_TEXTS, HIDDEN_COLUMNS, PROFILE_TEXTS
from askfirst.errors import Malformed
from askfirst.store.warehouse.duckdb import patterns
from askfirst.store.warehouse.duckdb.pattern_size import size_of
from askfirst.store.warehouse.filters.conditions import (
    COLUMNS,
    EMPTY_OPERATORS,
    GOAL,
    LONGEST_PATTERN,
    LONGEST_VALUE,
    MOST_CONDITIONS,
    MOST_VALUES,
    OPERATORS,
    TEXT_COLUMNS,
    VISIT_COLUMNS,
    Condition,
    Segment,
    check_segment,
    columns_for,
)
from tests.factories import a_site

EVERY = frozenset(COLUMNS)
GERMANS = Condition("country", "is", ("DE",))


def fault_of(*conditions, columns=EVERY, on="visits"):
    """Return the field and the message of the error, or None where the segment is taken."""
    try:
        check_segment(Segment(tuple(conditions), on), columns)
    except Malformed as error:
        return error.field, error.message
    return None


def fault_of_value(operator, *values):
    return fault_of(Condition("path", operator, values))


def test_every_column_of_texts_and_the_visits_own_can_be_asked():
    every = {*EVENT_TEXTS, *PROFILE_TEXTS, *VISIT_COLUMNS}
    assert every - HIDDEN_COLUMNS == {*TEXT_COLUMNS}
    for column in TEXT_COLUMNS:
        assert fault_of(Condition(column, "is", ("x",))) is None


def test_every_column_of_numbers_can_be_asked():
    every = {*EVENT_NUMBERS, "screen_width", "screen_height"}
    assert every - HIDDEN_COLUMNS == EVERY - {*TEXT_COLUMNS, GOAL}
    for column in EVERY - {*TEXT_COLUMNS, GOAL}:
        for operator in ("is", "at_least", "at_most"):
            assert fault_of(Condition(column, operator, ("5",))) is None
        assert fault_of(Condition(column, "between", ("5", "5"))) is None


def test_a_goal_is_asked_for_by_its_number_and_was_reached_or_not():
    assert fault_of(Condition(GOAL, "reached", ("12",))) is None
    assert fault_of(Condition(GOAL, "not_reached", ("1",))) is None
    operators = "Condition 1: The operator of a goal is one of reached, not_reached."
    assert fault_of(Condition(GOAL, "is", ("1",))) == ("where", operators)
    for values in ((), ("",), ("0",), ("01",), ("-1",), ("\u00b2",), ("1", "2"), ("9" * 10,)):
        found = fault_of(Condition(GOAL, "reached", values))
        assert found == ("where", "Condition 1: A goal is named by its number."), values


@pytest.mark.parametrize(
    ("column", "operator", "values", "said"),
    [
        ("status", "is_not", ("5",), "The operator of a number is one of is, at_least"),
        ("status", "one_of", ("5",), "The operator of a number is one of is, at_least"),
        ("status", "is", (), "It takes one value."),
        ("status", "at_least", ("1", "2"), "It takes one value."),
        ("status", "between", ("1",), "It takes two values."),
        ("status", "between", ("1", "2", "3"), "It takes two values."),
        ("status", "between", ("9", "10"), None),
        ("status", "between", ("10", "9"), "The smaller of the two values comes first."),
        ("scroll", "at_least", ("2147483647",), None),
        ("scroll", "at_least", ("2147483648",), "a whole number from 0 to 2147483647."),
        ("amount", "at_least", ("19.99",), None),
        ("amount", "at_most", ("-1000000000000",), None),
        ("amount", "at_most", ("1000000000000.001",), "from -1000000000000 to 1000000000000 with"),
        ("amount", "at_most", ("19.9999",), "at most three decimals"),
        ("cls", "at_most", ("0.1",), None),
        ("cls", "at_most", ("-0.1",), "from 0 to 2147483 with"),
        ("path", "at_least", ("5",), "Others are for numbers."),
    ],
)
def test_what_a_condition_on_a_number_takes(column, operator, values, said):
    fault = fault_of(Condition(column, operator, values))
    assert fault is None if said is None else said in fault[1]


@pytest.mark.parametrize(
    "text",
    ["", " ", "x", "1.5", "-1", "+1", "1e3", "0x1", "1,000", " 1", "1\n", "1_0", "٣", "²", "½",
     "nan", "inf", "9" * 11, "9" * 5000, "\ud800", "1' OR 1=1"],
)  # fmt: skip
def test_what_is_no_whole_number_is_refused_and_not_repeated(text):
    field, message = fault_of(Condition("engaged_ms", "at_least", (text,)))
    assert (field, message) == (
        "where",
        "Condition 1: A value is a whole number from 0 to 2147483647.",
    )


@given(st.text(max_size=20), st.sampled_from(("amount", "cls", "status", "screen_width")))
def test_any_text_is_a_number_or_refused(text, column):
    fault = fault_of(Condition(column, "at_most", (text,)))
    if fault:
        assert "A value is a" in fault[1]
    else:
        assert float(text) <= 10**12
        assert text.isascii()


def test_a_screen_of_another_purpose_has_no_width_either():
    columns = columns_for(a_site(column_purposes={"screen": "marketing", "amount": "revenue"}))
    for column in ("screen_width", "screen_height", "amount"):
        message = fault_of(Condition(column, "at_least", ("5",)), columns=columns)[1]
        assert "does not cover" in message
    assert "status" in columns


def test_a_segment_without_conditions_is_everything():
    assert fault_of() is None


@pytest.mark.parametrize(
    "column", ["", "visitor_id", "event_id", "time", "PATH", "path ", "text", "screen_depth"]
)
def test_what_is_no_column_is_refused(column):
    assert fault_of(Condition(column, "is", ("x",))) == (
        "where",
        "Condition 1: There is no such column.",
    )


def test_the_error_tells_which_condition_is_wrong_and_repeats_nothing():
    field, message = fault_of(GERMANS, Condition("secret", "is", ("x",)))
    assert field == "where"
    assert message.startswith("Condition 2:")
    assert "secret" not in message


@pytest.mark.parametrize("operator", ["", "IS", "like", "equals", "is not"])
def test_what_is_no_operator_is_refused(operator):
    assert "operator is one of" in fault_of_value(operator, "x")[1]


def test_conditions_are_on_visits_or_on_events():
    assert fault_of(GERMANS, on="events") is None
    assert fault_of(GERMANS, on="visitors")[0] == "on"


def test_too_many_conditions_are_refused():
    assert fault_of(*[GERMANS] * MOST_CONDITIONS) is None
    assert "at most 20" in fault_of(*[GERMANS] * (MOST_CONDITIONS + 1))[1]


def test_too_many_values_are_refused_and_none_too():
    assert fault_of_value("one_of", *["x"] * MOST_VALUES) is None
    for values in ([], ["x"] * (MOST_VALUES + 1)):
        assert "1 to 100 values" in fault_of_value("one_of", *values)[1]


@pytest.mark.parametrize("operator", sorted({*OPERATORS} - {*EMPTY_OPERATORS, "one_of"}))
def test_most_operators_take_one_value(operator):
    assert fault_of_value(operator, "x") is None
    assert fault_of_value(operator) is not None
    assert fault_of_value(operator, "x", "y") is not None


@pytest.mark.parametrize("operator", EMPTY_OPERATORS)
def test_whether_there_is_any_text_is_asked_without_a_value(operator):
    assert fault_of_value(operator) is None
    assert fault_of_value(operator, "") == ("where", "Condition 1: It takes no value.")
    assert fault_of(Condition("status", operator, ())) is not None


def test_unknown_can_be_asked_for_but_what_every_text_fulfils_cannot():
    for operator in ("is", "is_not", "one_of"):
        assert fault_of_value(operator, "") is None
    for operator in ("contains", "starts_with", "matches"):
        assert "empty" in fault_of_value(operator, "")[1]


def test_too_long_values_are_refused():
    assert fault_of_value("contains", "x" * LONGEST_VALUE) is None
    assert fault_of_value("contains", "x" * (LONGEST_VALUE + 1)) is not None
    assert fault_of_value("one_of", "x", "y" * (LONGEST_VALUE + 1)) is not None
    assert fault_of_value("matches", "x" * LONGEST_PATTERN) is None
    assert fault_of_value("matches", "x" * (LONGEST_PATTERN + 1)) is not None


def test_what_utf_8_cannot_write_is_refused():
    for operator in OPERATORS:
        assert fault_of_value(operator, "a\ud800") is not None


@pytest.mark.parametrize(
    "pattern",
    [
        "^/shop/(a|b)/", r"[0-9]{4}-\d\d", "(?i)größe", r"\p{Greek}+", r"a\.b$", "(?s)a.b", "'",
        "%", "(a+)+$", "(a|a)*b", r"(\w+\s?)*$", "(.*)(.*)(.*)(.*)(.*)x", "a{50}", "(a{7}){7}",
        "a\x00b",
    ],
)  # fmt: skip
def test_patterns_of_re2_are_taken_also_those_that_explode_elsewhere(pattern):
    assert fault_of_value("matches", pattern) is None


@pytest.mark.parametrize(
    "pattern",
    ["(", "a)|(b", "[", "*", "a**", "\\", "(?=a)", "(?<!a)b", r"(a)\1", "(?<n>a)", "(?", "[z-a]"],
)
def test_what_re2_does_not_know_is_refused(pattern):
    assert "no regular expression of RE2" in fault_of_value("matches", pattern)[1]


@pytest.mark.parametrize(
    "pattern",
    [r"\pL{1000}", "(?i:\\pL){300}", "a{51}", "((a{4}){4}){4}", "a{1,51}", "a{51,}", "x{99999999}"],
)
def test_patterns_that_repeat_too_often_are_refused(pattern):
    assert "costs too much" in fault_of_value("matches", pattern)[1]


@pytest.mark.parametrize(
    "pattern",
    [
        "(?i:" + r"((\pL|\pN|\pP)(\pL|\pN|\pP)(\pL|\pN|\pP)(\pL|\pN|\pP))" + "{50}1)",
        "(" + ".?" * 80 + "){50}x$",
        "(" + ".?" * 5 + "){50}x",
        "(" + ".*" * 5 + "){50}x",
        r"(\pL?){50}x", r"(?P<name>\pL\pN){50}", r"(?:[\pL\pN\pP]){20}", r"[^\p{Greek}\d\pL]{30}",
        r"([]\]\pN\pL[:alpha:]]){50}", "[" + "äß€" * 20 + "]{50}", "(" + "a" * 40 + "){50}",
        r"(\Q" + "(" * 40 + r"\E){50}", r"(\pL){50}?x(\pL){2}", "(" * 12 + "a" + ")?" * 12,
    ],
)  # fmt: skip
def test_patterns_that_expand_to_too_much_are_refused_without_being_compiled(pattern, monkeypatch):
    monkeypatch.setattr(patterns, "_found_in_nothing", lambda one: pytest.fail("compiled"))
    assert "costs too much" in fault_of_value("matches", pattern)[1]


def test_patterns_that_cost_too_much_together_are_refused_without_being_compiled(monkeypatch):
    large = tuple(Condition("path", "matches", (rf"\pL{{45}}{n}",)) for n in range(20))
    ordinary = tuple(Condition("path", "matches", (rf"^/(de|en)/[^/]+/{n}$",)) for n in range(20))
    check_segment(Segment(ordinary), frozenset(COLUMNS))
    monkeypatch.setattr(patterns, "_found_in_nothing", lambda one: pytest.fail("compiled"))
    with pytest.raises(Malformed, match="too much together"):
        check_segment(Segment(large), frozenset(COLUMNS))


@pytest.mark.parametrize(
    "pattern",
    [
        r"^/(de|en|fr)(/[^/]+){2,4}/?$", r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}", r"^\p{L}{1,20}$",
        r"\Q{99}{99}(\E", r"\{99\}", "[{99}]", "{99", "a{,99}", "(?i)^/shop/.*?\\.html?$",
        "^(/a(/b(/c)?)?)?$", "x{2}" * 30, r"[a-z0-9_-]{36}", "[]{99}]", "[^]{99}]",
        "[[:alpha:]]{9}",
    ],
)  # fmt: skip
def test_ordinary_patterns_and_brackets_that_repeat_nothing_are_taken(pattern):
    assert fault_of_value("matches", pattern) is None


PARTS = (
    "a",
    r"\d",
    r"\pL",
    "[^]{9}]",
    "(a|b)?",
    "(?i:x)*",
    r"\Q{9}(\E",
    r"\{9",
    "{,9}",
    r"[\]\pN]+?",
)


@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=9), st.integers(1, 9))
def test_a_repeated_group_is_as_large_as_its_copies(parts, count):
    once = sum(size_of(part).size for part in parts)
    assert size_of("".join(parts)).size == once
    assert size_of(f"({''.join(parts)}){{{count}}}") == (count * once, count)


@given(st.text(max_size=LONGEST_PATTERN + 5))
def test_any_pattern_is_taken_or_refused(pattern):
    fault = fault_of_value("matches", pattern)
    assert fault is None or fault[0] == "where"


def test_a_column_of_another_purpose_is_refused_and_what_is_derived_from_it_too():
    site = a_site(column_purposes={"country": "marketing", "referrer_host": "marketing"})
    columns = columns_for(site)
    for column in ("country", "referrer_host", "first_referrer_host"):
        message = fault_of(Condition(column, "is", ("x",)), columns=columns)[1]
        assert "does not cover" in message
    for column in ("browser", "entry", "leaving", "referrer"):
        assert fault_of(Condition(column, "is", ("x",)), columns=columns) is None


@pytest.mark.parametrize("ip_mode", ["whole", "shortened", "dropped"])
@pytest.mark.parametrize("operator", OPERATORS)
def test_law_9_no_condition_asks_about_one_persons_address(ip_mode, operator):
    columns = columns_for(a_site(ip_mode=ip_mode))
    field, message = fault_of(Condition("ip", operator, ("192.0.2.7",)), columns=columns)
    assert field == "where"
    assert "never about addresses" in message
    assert "192" not in message
