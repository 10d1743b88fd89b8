"""`Accept-Language` is read by weight, and nothing that a browser sends is an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.web.accept_language import preferred_languages

TAGS = st.from_regex(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,2}", fullmatch=True)
WEIGHTS = st.integers(0, 1000)
SPACES = st.text(" \t", max_size=2)


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ("", []),
        ("de", ["de"]),
        ("de-AT,de;q=0.9,en;q=0.5", ["de-AT", "de", "en"]),
        ("en;q=0.5, de-AT , de;Q=0.9", ["de-AT", "de", "en"]),
        ("fr;q=0.8,pt;q=0.8,zh-Hans-CN", ["zh-Hans-CN", "fr", "pt"]),
        ("de;q=0,en;q=0.000,fr;q=1.000", ["fr"]),
        ("*,nl;q=0.1,*;q=0.5", ["nl"]),
        ("de;q=2,en;q=,fr;q=x,it;level=1,pt_BR,e n,<b>,pl", ["pl"]),
        (",,;q=1,-,sv,", ["sv"]),
    ],
)
def test_tags_come_by_weight_and_then_in_the_order_of_the_header(header: str, tags: list[str]):
    assert preferred_languages(header) == tags


@given(st.lists(st.tuples(TAGS, WEIGHTS, SPACES), max_size=20))
def test_the_tags_of_a_header_are_those_of_weight_sorted_and_no_other(
    wanted: list[tuple[str, int, str]],
):
    header = ",".join(f"{gap}{tag}{gap};{gap}q={weight / 1000:.3f}" for tag, weight, gap in wanted)
    weighed = sorted(wanted, key=lambda one: -one[1])
    assert preferred_languages(header) == [tag for tag, weight, _ in weighed if weight]


@given(st.lists(TAGS, max_size=40))
def test_without_weights_the_first_twenty_tags_keep_their_order(tags: list[str]):
    assert preferred_languages(",".join(tags)) == tags[:20]


@given(st.text() | st.text("de-*;q=0.1, \t\n\0", max_size=60))
def test_whatever_a_browser_sends_only_tags_of_the_header_come_of_it(header: str):
    for tag in preferred_languages(header):
        assert tag in header
        assert tag.replace("-", "").isalnum()
        assert tag.isascii()
