"""`Accept-Language` is read by weight, and nothing that a browser sends is an error."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.web.accept_language import (
    LONGEST_KEPT,
    LONGEST_TAG,
    language_of,
    languages_of,
    preferred_languages,
    read_of,
)
from askfirst.web.language_tags import canonical_tag

TAGS = st.from_regex(r"[A-Za-z]{2,3}(-[A-Za-z]{2}){0,1}(-x-[A-Za-z0-9]{1,8})?", fullmatch=True)
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
        ("de;q=2,en;q=,fr;q=x,it;level=1,e n,<b>,pl", ["pl"]),
        (",,;q=1,-,sv,", ["sv"]),
        ("fr\t;\tq = 0.2 ,\tde", ["de", "fr"]),
        ("da;q=.5,nb;q=0.30000000000000004,sv;q=1.", ["sv", "da", "nb"]),
        ("pt_BR;q=0.5,en_us", ["en-US", "pt-BR"]),
        ("iw,he;q=0.9,he-IL;q=0.8,en", ["he", "en", "he-IL"]),
        ("de;q=0.1,en,DE", ["en", "de"]),
        ("und,x-mine,en;q=0.5", ["x-mine", "en"]),
        ("mul,zxx,MIS,en;q=0.5", ["en"]),
    ],
)
def test_tags_come_by_weight_and_then_in_the_order_of_the_header(header: str, tags: list[str]):
    assert preferred_languages(header) == tags
    assert languages_of(header) == ", ".join(tags)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("en-GB,en;q=0.8", "en-GB"),
        ("DE-at;q=0.9", "de-AT"),
        ("en;q=0.5, de-at", "de-AT"),
        ("zh-Hant-TW,zh;q=0.9", "zh-TW"),
        ("de-CH-1996,de;q=0.9", "de-CH"),
        ("sl-rozaj-biske-1994", "sl"),
        ("de-DE-u-co-phonebk,en", "de-DE"),
        ("en-US-x-twain", "en-US"),
        ("x-pig-latin,en;q=0.5", "en"),
        ("und-DE,fr;q=0.5", "fr"),
        ("mul-Latn,zxx-CH,mis;q=0.9,fr;q=0.5", "fr"),
        ("mul", ""),
        (", ,de", "de"),
        ("iw", "he"),
        ("i-klingon,en;q=0.5", "tlh"),
        ("*;q=0.9,nl;q=0.1", "nl"),
        ("de;q=0,fr;q=0.1", "fr"),
        ("*", ""),
        ("", ""),
        ("<script>", ""),
        ("=cmd|' /C calc'!A0", ""),
    ],
)
def test_the_first_language_is_told_with_its_region(header: str, language: str):
    assert language_of(header) == language


@given(st.lists(st.tuples(TAGS, WEIGHTS, SPACES), max_size=20))
def test_the_tags_of_a_header_are_those_of_weight_sorted_and_no_other(
    wanted: list[tuple[str, int, str]],
):
    header = ",".join(f"{gap}{tag}{gap};{gap}q={weight / 1000:.3f}" for tag, weight, gap in wanted)
    weighed = sorted(wanted, key=lambda one: -one[1])
    tags = [canonical_tag(tag) for tag, weight, _ in weighed if weight]
    assert preferred_languages(header) == list(dict.fromkeys(t for t in tags if t != "und"))


def test_a_header_of_8_kb_is_read_whole_and_20_tags_of_it_are_told():
    head = ",".join(f"en-x-{number:04};q=0.5" for number in range(500))
    assert len(head) > 7900
    header = f"{head},de"

    assert preferred_languages(header)[:2] == ["de", "en-x-0000"]
    assert len(preferred_languages(header)) == 20
    assert languages_of(header).startswith("de, en-x-0000, en-x-0001")
    assert len(languages_of(header)) <= 250


def test_of_a_longer_header_no_tag_is_cut():
    header = "en;q=0.1" + " " * 8181 + ",de,fr"
    assert preferred_languages(header) == ["en"]


def test_the_first_choice_of_a_long_header_is_kept_wherever_it_stands():
    head = ",".join(f"en-x-{number:04};q=0.5" for number in range(500))
    for header in (f"de-AT,{head}", f"{head},de-AT", f"{head[:4000]},de-AT,{head[4001:]}"):
        assert len(header) > 7900
        kept = read_of(header)

        assert len(kept) <= LONGEST_KEPT
        assert language_of(kept) == language_of(header) == "de-AT"
        assert languages_of(kept) == languages_of(header) == kept
        assert kept.startswith("de-AT, en-x-0000, en-x-0001")


def test_a_language_behind_more_tags_that_name_none_than_are_kept_is_the_first_choice():
    header = ",".join(f"x-{number:04}" for number in range(1000)) + ",fr;q=0.001"

    assert language_of(read_of(header)) == "fr"
    assert languages_of(header).startswith("x-0000, x-0001")
    assert languages_of(header).endswith(", fr")


def test_a_tag_longer_than_any_loses_its_last_subtags():
    variants = [f"v{number:05}" for number in range(1000)]
    header = f"en;q=0.5,de-CH-{'-'.join(variants)}-u-co-phonebk"
    tag, other = preferred_languages(header)

    assert tag == "de-CH-" + "-".join(variants[:10])
    assert len(tag) <= LONGEST_TAG
    assert (other, language_of(read_of(header))) == ("en", "de-CH")


def test_a_header_of_ordinary_length_is_kept_as_it_is():
    header = "de-AT,de;q=0.9,en-GB;q=0.8,en;q=0.7,*;q=0.5"
    assert read_of(header) == header


LONG_TAGS = st.builds(
    lambda language, length: f"{language}-{'-'.join(f'v{number:04}' for number in range(length))}",
    st.sampled_from(("de", "x", "und", "zh-Hant", "iw-IL")),
    st.integers(1, 20),
)


@given(st.lists(st.tuples(TAGS | LONG_TAGS, WEIGHTS), max_size=30))
def test_what_is_kept_of_a_header_tells_the_same_as_the_header(wanted: list[tuple[str, int]]):
    header = ",".join(f"{tag};q={weight / 1000}" for tag, weight in wanted)
    kept = read_of(header)

    assert len(kept) <= LONGEST_KEPT
    assert languages_of(kept) == languages_of(header)
    assert language_of(kept) == language_of(header)


@pytest.mark.parametrize(
    "header",
    [
        "de;q=" + "1" * 8000 + "x",
        "de" + "-1996" * 1600 + "-",
        "de;" + " " * 8000 + "q",
        "de" + "-a-aa" * 1600 + "!",
        "," * 8000,
        "de,;q" * 1600,
    ],
)
def test_no_header_takes_long(header: str):
    assert len(languages_of(header)) <= 250


@given(st.text() | st.text("de-*;q=0.1, \t\n\0x_", max_size=60))
def test_whatever_a_browser_sends_only_tags_come_of_it(header: str):
    for tag in preferred_languages(header):
        assert re.fullmatch(r"[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8})*", tag)
        assert canonical_tag(tag) == tag
    told = language_of(header)
    assert told == "" or re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2}|-[0-9]{3})?", told)
