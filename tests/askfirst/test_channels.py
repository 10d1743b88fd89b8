"""An owner's channel rules: read from JSON, checked with the place of each fault, written again."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.channels import (
    DEFAULT,
    KINDS,
    ChannelRule,
    ChannelRules,
    checked,
    read_rules,
    rules_as_json,
)
from askfirst.errors import Malformed

RULE = {"channel": "Partners", "source": ["partner.example", "*.partner.example"]}
PATTERN = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=100)
PATTERNS = st.lists(PATTERN, max_size=3)
RULES = st.lists(
    st.fixed_dictionaries(
        {
            "channel": st.from_regex(
                r"[A-Za-z0-9](?:[A-Za-z0-9 &+/-]{0,38}[A-Za-z0-9])?", fullmatch=True
            )
        },
        optional={
            "kind": st.lists(st.sampled_from(KINDS), max_size=3),
            "paid": st.none() | st.booleans(),
            "source": PATTERNS,
            "medium": PATTERNS,
            "campaign": PATTERNS,
            "referrer": PATTERNS,
            "click_id": PATTERNS,
        },
    ).filter(lambda rule: any(rule[name] not in ([], None) for name in rule if name != "channel")),
    max_size=4,
)


def fault(rules: Any) -> Malformed:
    with pytest.raises(Malformed) as raised:
        read_rules(json.dumps(rules))
    return raised.value


@given(RULES)
def test_what_is_written_reads_as_the_same_rules(rules: list[dict[str, Any]]):
    read = read_rules(json.dumps(rules))

    assert read_rules(rules_as_json(read)) == read
    assert hash(read_rules(rules_as_json(read))) == hash(read)
    assert [rule.channel for rule in read.rules] == [rule["channel"] for rule in rules]


def test_only_what_a_rule_says_is_written():
    assert json.loads(rules_as_json(read_rules(json.dumps([RULE])))) == [RULE]
    assert rules_as_json(DEFAULT) == "[]"


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ([RULE] * 101, "rules"),
        ({}, "rules"),
        ("text", "rules"),
        (None, "rules"),
        ([RULE, 1], "rules[1]"),
        ([{}], "rules[0]"),
        ([{"channel": "social"}], "rules[0]"),
        ([{"channel": "social", "source": []}], "rules[0]"),
        ([RULE, {**RULE, "price": 1}], "rules[1]"),
        ([{**RULE, "channel": ""}], "rules[0].channel"),
        ([{**RULE, "channel": " social"}], "rules[0].channel"),
        ([{**RULE, "channel": "<b>"}], "rules[0].channel"),
        ([{**RULE, "channel": "a" * 41}], "rules[0].channel"),
        ([{**RULE, "channel": 1}], "rules[0].channel"),
        ([{**RULE, "kind": ["search", "engine"]}], "rules[0].kind"),
        ([{**RULE, "kind": "search"}], "rules[0].kind"),
        ([{**RULE, "paid": "yes"}], "rules[0].paid"),
        ([{**RULE, "source": "partner.example"}], "rules[0].source"),
        ([{**RULE, "source": [1]}], "rules[0].source[0]"),
        ([{**RULE, "source": ["a"] * 51}], "rules[0].source"),
        ([RULE, {**RULE, "medium": ["a", "b" * 101]}], "rules[1].medium[1]"),
        ([{**RULE, "medium": [""]}], "rules[0].medium"),
        ([{**RULE, "medium": [" cpc"]}], "rules[0].medium"),
        ([{**RULE, "campaign": ["a\u202eb"]}], "rules[0].campaign"),
        ([{**RULE, "referrer": ["a\x00"]}], "rules[0].referrer"),
        ([{**RULE, "click_id": ["a\nb"]}], "rules[0].click_id"),
    ],
)
def test_a_fault_is_told_with_its_place(rules: Any, field: str):
    assert fault(rules).field == field


@pytest.mark.parametrize(
    "text", ["", "[", "[{]", b"\xff\xfe", "\ud800", '[{"channel": "\\ud800"}]']
)
def test_what_is_no_json_is_told(text: str | bytes):
    with pytest.raises(Malformed) as raised:
        read_rules(text)

    assert raised.value.field == "rules"


def test_no_message_repeats_what_was_sent():
    secret = "secret-text"
    for rule in ({secret: 1}, {"channel": f"<{secret}>"}, {**RULE, "kind": [secret]}):
        assert secret not in str(fault([rule]).body())


def test_rules_made_by_a_program_are_checked_alike():
    long = ChannelRules((ChannelRule(channel="a", source=("b" * 101,)),))

    with pytest.raises(Malformed) as raised:
        checked(long)

    assert raised.value.field == "rules[0].source"
