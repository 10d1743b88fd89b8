"""The table of channels: each rule decides its own example, and an owner's rules come before it."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.channels import CHANNELS, KINDS, ChannelRule, ChannelRules
from collector.enrichment.sources.channel_table import (
    PAID_MEDIUMS,
    TABLE,
    ChannelTable,
    Facts,
    is_paid_medium,
    matcher,
    table_of,
)
from collector.enrichment.sources.click_ids import CLICK_IDS
from collector.enrichment.sources.origin import source_of
from tests.effort import least_seconds

DOCS = Path(__file__).parents[4] / "docs" / "collecting" / "sources.md"
HOSTS = ("example.com",)

EXAMPLES = [
    ("internal", Facts("internal", False)),
    ("direct", Facts("direct", False)),
    ("cross_network", Facts("search", True, medium="cpc", campaign="de-cross-network")),
    ("email", Facts("search", False, medium="email")),
    ("sms", Facts("campaign", False, medium="sms")),
    ("push", Facts("campaign", False, medium="web_push")),
    ("audio", Facts("campaign", False, medium="podcast")),
    ("affiliate", Facts("campaign", False, medium="affiliate")),
    ("paid_shopping", Facts("campaign", True, medium="paid_shopping")),
    ("paid_search", Facts("campaign", True, medium="paid-search")),
    ("paid_social", Facts("campaign", True, medium="paidsocial")),
    ("paid_video", Facts("campaign", True, medium="paid video")),
    ("display", Facts("search", False, medium="display")),
    ("paid_shopping", Facts("shopping", True, medium="cpc")),
    ("paid_shopping", Facts("search", True, medium="cpc", campaign="shoes-shopping")),
    ("paid_search", Facts("search", True, medium="cpc")),
    ("paid_social", Facts("social", True, medium="cpm")),
    ("paid_video", Facts("video", True, medium="cpv")),
    ("display", Facts("display", True)),
    ("display", Facts("campaign", True, medium="cpm")),
    ("affiliate", Facts("affiliate", True, medium="cpc")),
    ("paid", Facts("campaign", True, medium="cpc")),
    ("shopping", Facts("shopping", False)),
    ("shopping", Facts("campaign", False, campaign="spring_shop")),
    ("social", Facts("social", False, medium="referral")),
    ("social", Facts("campaign", False, medium="social-media")),
    ("video", Facts("video", False)),
    ("video", Facts("campaign", False, medium="video")),
    ("ai_assistant", Facts("ai_assistant", False)),
    ("ai_assistant", Facts("campaign", False, medium="ai")),
    ("search", Facts("search", False)),
    ("search", Facts("campaign", False, medium="organic")),
    ("email", Facts("email", False)),
    ("audio", Facts("audio", False)),
    ("sms", Facts("sms", False)),
    ("push", Facts("push", False)),
    ("push", Facts("campaign", False, medium="mobile app")),
    ("referral", Facts("campaign", False, medium="referral")),
    ("referral", Facts("referral", False)),
    ("campaign", Facts("campaign", False, medium="flyer")),
]


@pytest.mark.parametrize(("place", "example"), list(enumerate(EXAMPLES)))
def test_each_rule_decides_its_own_example_and_no_earlier_one(place: int, example):
    channel, facts = example

    assert ChannelTable(TABLE[:place]).channel(facts) == ""
    assert ChannelTable([TABLE[place]]).channel(facts) == channel
    assert ChannelTable(TABLE).channel(facts) == channel


def test_every_rule_has_an_example_and_every_channel_a_rule():
    assert len(EXAMPLES) == len(TABLE)
    assert {rule.channel for rule in TABLE} == set(CHANNELS)
    assert {kind for rule in TABLE for kind in rule.kind} <= set(KINDS)


def _cell(values: tuple[str, ...]) -> str:
    return ", ".join(f"`{one}`" for one in values)


def _row(place: int, rule: ChannelRule) -> str:
    paid = {True: "yes", False: "no", None: ""}[rule.paid]
    cells = (_cell(rule.kind), paid, _cell(rule.medium), _cell(rule.campaign))
    return f"| {place} | `{rule.channel}` | {' | '.join(cells)} |"


def test_the_documented_table_is_the_table():
    documented = re.findall(r"^\| \d+ \| `.*\|$", DOCS.read_text("utf-8"), re.MULTILINE)

    assert documented == [_row(place, rule) for place, rule in enumerate(TABLE, 1)]


def test_the_documented_mediums_that_are_paid_are_those_of_the_code():
    assert _cell(PAID_MEDIUMS) in DOCS.read_text("utf-8").replace("\n", " ")


def test_the_documented_click_ids_are_those_of_the_code():
    rows = re.findall(
        r"^\| `(\S+)` \| (.*) \| `(\w+)` \| (yes|) \|$", DOCS.read_text("utf-8"), re.M
    )

    expected = [(one.name, one.source, one.kind, "yes" if one.paid else "") for one in CLICK_IDS]
    assert rows == expected


@pytest.mark.parametrize(
    "medium", ["cpc", "ppc", "cpm", "paid", "paidsocial", "retargeting", "ads"]
)
def test_paid_mediums_are_told(medium: str):
    assert is_paid_medium(medium)


@pytest.mark.parametrize(
    "medium", ["", "organic", "social", "email", "referral", "leads", "unpaid", "download"]
)
def test_other_mediums_are_not_paid(medium: str):
    assert not is_paid_medium(medium)


def rules(**conditions: object) -> ChannelRules:
    return ChannelRules((ChannelRule(channel="Ours", **conditions),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("conditions", "referrer", "query"),
    [
        ({"source": ("partner.example",)}, "https://www.partner.example/", ""),
        ({"source": ("*.PARTNER.example",)}, "https://shop.partner.example/", ""),
        ({"source": ("google",)}, "https://www.google.de/", ""),
        ({"source": ("adw*",)}, "", "?utm_source=adwords"),
        ({"medium": ("flyer",)}, "", "?utm_medium=Flyer"),
        ({"campaign": ("*tv*",)}, "", "?utm_campaign=spring-tv-2"),
        ({"referrer": ("intranet.*",)}, "https://www.intranet.example.org/", ""),
        ({"referrer": ("com.example.app",)}, "android-app://com.example.app/", ""),
        ({"click_id": ("sccid",)}, "", "?ScCid=1"),
        ({"kind": ("internal",)}, "https://example.com/", ""),
        ({"paid": True, "source": ("google",)}, "", "?gclid=1"),
        ({"kind": ("search",), "paid": False}, "https://www.bing.com/", ""),
    ],
)
def test_an_owners_rule_comes_before_the_shipped_ones(
    conditions: dict[str, object], referrer: str, query: str
):
    page = f"https://example.com/{query}"

    assert source_of(referrer, page, HOSTS, rules(**conditions)).channel == "Ours"
    assert source_of(referrer, page, HOSTS).channel in CHANNELS


@pytest.mark.parametrize(
    ("conditions", "referrer", "query"),
    [
        ({"source": ("partner.example",)}, "https://notpartner.example/", ""),
        ({"source": ("*.partner.example",)}, "https://partner.example/", ""),
        ({"source": ("google",), "medium": ("flyer",)}, "https://www.google.de/", ""),
        ({"source": ("google",), "paid": True}, "https://www.google.de/", ""),
        ({"click_id": ("gclid",)}, "", "?gbraid=1"),
        ({"kind": ("social",)}, "https://www.google.de/", ""),
    ],
)
def test_an_owners_rule_holds_only_where_every_condition_does(
    conditions: dict[str, object], referrer: str, query: str
):
    page = f"https://example.com/{query}"

    found = source_of(referrer, page, HOSTS, rules(**conditions))

    assert found == source_of(referrer, page, HOSTS)


def test_the_first_of_an_owners_rules_decides():
    first, second = (ChannelRule(channel=name, source=("google",)) for name in ("A", "B"))

    found = source_of(
        "https://google.com/", "https://example.com/", HOSTS, ChannelRules((first, second))
    )

    assert found.channel == "A"


@given(
    st.lists(st.text("ab*", min_size=1, max_size=6), min_size=1, max_size=4),
    st.text("ab", max_size=8),
)
def test_a_star_stands_for_anything(patterns: list[str], text: str):
    expected = any(re.fullmatch(re.escape(one).replace(r"\*", ".*"), text) for one in patterns)

    assert matcher(tuple(patterns))(text) is expected


def test_no_pattern_takes_long():
    matches = matcher(("*a" * 50, "a*" * 50, "*".join("a" * 50) + "*b*c"))
    text = "a" * 49 + "b" * 151

    assert not matches(text)
    assert least_seconds(lambda: matches(text)) < 0.1  # it takes 10 microseconds


@given(
    st.sampled_from(KINDS),
    st.booleans(),
    st.text(max_size=20),
    st.text(max_size=20),
)
def test_every_visit_has_a_channel(kind: str, paid: bool, medium: str, campaign: str):
    facts = Facts(kind, paid, (), medium, campaign)

    assert table_of(ChannelRules()).channel(facts) in CHANNELS
