"""A visitor is called by browser, system and country, and two of one name can be told apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.formatting.marks import browser_icon, device_icon
from reports.visitors.names import DIGITS, person_name, telling_apart


@pytest.mark.parametrize(
    ("known", "name"),
    [
        (("Chrome", "Windows", "desktop", "DE"), "Chrome on Windows, Germany"),
        (("Mobile Safari", "iOS", "phone", "GB"), "Safari on iPhone, United Kingdom"),
        (("Mobile Safari", "iOS", "tablet", ""), "Safari on iPad"),
        (("Safari", "Mac OS X", "desktop", "IE"), "Safari on Mac, Ireland"),
        (("Chrome Mobile", "Android", "phone", "NL"), "Chrome on Android, Netherlands"),
        (("Chrome Mobile iOS", "iOS", "", "NL"), "Chrome on iOS, Netherlands"),
        (("Firefox", "", "", ""), "Firefox"),
        (("", "Linux", "desktop", "FR"), "A browser on Linux, France"),
        (("", "", "", "FR"), "A visitor, France"),
        (("", "", "", ""), "A visitor"),
        (("Mobile", "", "", ""), "Mobile"),
    ],
)
def test_a_visitor_is_called_by_what_is_known(known: tuple[str, ...], name: str) -> None:
    assert person_name(*known) == name


def test_each_browser_and_device_has_an_icon_or_the_one_for_all_others() -> None:
    assert [browser_icon(one) for one in ("Mobile Safari", "Edge", "Lynx", "")] == [
        "compass",
        "edge",
        "globe",
        "globe",
    ]
    assert [device_icon(one) for one in ("desktop", "phone", "tablet", "tv", "")] == [
        "laptop",
        "phone",
        "tablet",
        "",
        "",
    ]


def test_digits_are_given_to_those_alone_who_share_a_name() -> None:
    people = [("Chrome", "aaaa1"), ("Safari", "bbbb1"), ("Chrome", "cccc1"), ("Chrome", "cccc2")]

    assert telling_apart(people) == ("aaaa1", "", "cccc1", "cccc2")
    assert telling_apart(people[:3]) == ("aaaa", "", "cccc")


_IDS = st.text("ab", min_size=32, max_size=32)


@given(st.lists(st.tuples(st.sampled_from("xyz"), _IDS), unique_by=lambda one: one[1], max_size=9))
def test_name_and_digits_together_are_never_the_same_twice(people: list[tuple[str, str]]) -> None:
    digits = telling_apart(people)
    shown = [(name, few) for (name, _), few in zip(people, digits, strict=True)]

    assert len(set(shown)) == len(people)
    assert all(one.startswith(few) for (_, one), few in zip(people, digits, strict=True))
    assert all(few == "" or len(few) >= DIGITS for few in digits)
