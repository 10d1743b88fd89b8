"""A language tag has one canonical form, and its language and region can be told of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.web.language_tags import canonical_tag, with_region

PARTS = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0129", min_size=1, max_size=8)
TAGS = st.lists(PARTS, min_size=1, max_size=8).map("-".join)


@pytest.mark.parametrize(
    ("text", "tag", "told"),
    [
        ("de", "de", "de"),
        ("DE-at", "de-AT", "de-AT"),
        ("en_us", "en-US", "en-US"),
        ("ES-419", "es-419", "es-419"),
        ("zh-hANT-tw", "zh-Hant-TW", "zh-TW"),
        ("zh-Hant", "zh-Hant", "zh"),
        # deprecated codes, those of three letters that have two, and those of bibliographers
        ("iw-IL", "he-IL", "he-IL"),
        ("in", "id", "id"),
        ("ji", "yi", "yi"),
        ("mo-MD", "ro-MD", "ro-MD"),
        ("jw", "jv", "jv"),
        ("eng-UK", "en-GB", "en-GB"),
        ("ger-DD", "de-DE", "de-DE"),
        ("tl-PH", "fil-PH", "fil-PH"),
        ("sh", "sr-Latn", "sr"),
        ("sh-Cyrl-BA", "sr-Cyrl-BA", "sr-BA"),
        ("prs", "fa-AF", "fa-AF"),
        ("en-840", "en-US", "en-US"),
        # grandfathered and extended languages
        ("i-klingon", "tlh", "tlh"),
        ("I-LUX", "lb", "lb"),
        ("zh-min-nan", "nan", "nan"),
        ("zh-guoyu", "zh", "zh"),
        ("no-bok", "nb", "nb"),
        ("en-GB-oed", "en-GB-oxendict", "en-GB"),
        ("sgn-BE-FR", "sfb", "sfb"),
        ("i-enochian", "und-x-i-enochian", ""),
        ("zh-yue-HK", "yue-HK", "yue-HK"),
        ("zh-cmn-Hans-CN", "zh-Hans-CN", "zh-CN"),
        # variants, extensions, private subtags
        ("de-ch-1996", "de-CH-1996", "de-CH"),
        ("SL-ROZAJ-BISKE-1994", "sl-rozaj-biske-1994", "sl"),
        ("sl-rozaj-rozaj", "sl-rozaj", "sl"),
        ("ca-ES-valencia", "ca-ES-valencia", "ca-ES"),
        ("de-DE-U-CO-Phonebk", "de-DE-u-co-phonebk", "de-DE"),
        ("en-u-ca-gregory-a-bbb-X-a", "en-a-bbb-u-ca-gregory-x-a", "en"),
        ("ar-a-aaa-b-bbb-a-ccc", "ar-a-aaa-b-bbb", "ar"),
        ("en-US-x-Twain", "en-US-x-twain", "en-US"),
        ("x-whatever", "x-whatever", ""),
        ("qaa-Qaaa-QM-x-southern", "qaa-Qaaa-QM-x-southern", "qaa-QM"),
        ("und-DE", "und-DE", ""),
        # what is well-formed to begin with, and then no more
        ("de-DE-1", "de-DE", "de-DE"),
        ("de-419-DE", "de-419", "de-419"),
        ("en-usa", "en", "en"),
    ],
)
def test_a_tag_has_one_form_and_tells_language_and_region(text: str, tag: str, told: str):
    assert canonical_tag(text) == tag
    assert with_region(tag) == told


@pytest.mark.parametrize(
    "text", ["", "-", "d", "C", "POSIX", "english", "a-DE", "x", "x-", "1-de", "*", "d\xe9", "d DE"]
)
def test_what_is_no_tag_has_no_form(text: str):
    assert canonical_tag(text) == ""


@given(TAGS)
def test_the_form_of_a_form_is_itself(text: str):
    tag = canonical_tag(text)
    assert canonical_tag(tag) == tag
    assert canonical_tag(text.swapcase()) == tag


@given(TAGS | st.text(max_size=40))
def test_what_is_told_of_a_tag_is_a_language_with_a_region_or_nothing(text: str):
    told = with_region(canonical_tag(text))
    language, _, region = told.partition("-")
    assert told == "" or (language.islower() and len(language) in (2, 3))
    assert region == region.upper()
    assert len(region) in (0, 2, 3)
