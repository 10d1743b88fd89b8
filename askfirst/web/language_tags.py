"""Language tags (BCP 47): the one form in which each is recorded and compared."""

import re

from babel.core import get_global

from askfirst.text.text_cache import remembered

_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})"
    r"(?:-(?P<extlang>[a-z]{3}))?(?:-[a-z]{3}){0,2}"
    r"(?:-(?P<script>[a-z]{4}))?"
    r"(?:-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?P<variants>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)"
    r"(?P<extensions>(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*)"
    r"(?P<private>(?:-x(?:-[a-z0-9]{1,8})+)?)"
    r"(?=-|\Z)"
)
"""The grammar of RFC 5646, 2.1, in lower case; what follows the well-formed part is not read."""
_PRIVATE = re.compile(r"x(?:-[a-z0-9]{1,8})+")
_EXTENSION = re.compile(r"-(?=[0-9a-wy-z]-)")

# fmt: off
_GRANDFATHERED = {
    "art-lojban": "jbo", "cel-gaulish": "xtg-x-cel-gaulish", "en-gb-oed": "en-GB-oxendict",
    "i-ami": "ami", "i-bnn": "bnn", "i-default": "en-x-i-default",
    "i-enochian": "und-x-i-enochian", "i-hak": "hak", "i-klingon": "tlh", "i-lux": "lb",
    "i-mingo": "see-x-i-mingo", "i-navajo": "nv", "i-pwn": "pwn", "i-tao": "tao", "i-tay": "tay",
    "i-tsu": "tsu", "no-bok": "nb", "no-nyn": "nn", "sgn-be-fr": "sfb", "sgn-be-nl": "vgt",
    "sgn-ch-de": "sgg", "zh-guoyu": "zh", "zh-hakka": "hak", "zh-min": "nan-x-zh-min",
    "zh-min-nan": "nan", "zh-xiang": "hsn",
}
# fmt: on
"""The tags of RFC 5646, 2.2.8, which are no more than these, and what CLDR has in their place."""
_EXTENDED = frozenset({"ar", "kok", "lv", "ms", "sgn", "sw", "uz", "zh"})
"""The languages that extended language subtags are registered for (RFC 5646, 2.2.2)."""
NAMELESS = frozenset({"mis", "mul", "und", "zxx"})
"""Subtags that name no language: uncoded, several, undetermined, none (ISO 639-2)."""


@remembered(4096)
def canonical_tag(text: str) -> str:
    """Return the canonical form of a language tag, or '' for a text that is none.

    The form is that of RFC 5646, 4.5, with the aliases of CLDR (UTS 35, annex C): `DE-at` is
    `de-AT`, `iw` is `he`, `i-klingon` is `tlh`, `zh-yue-hk` is `yue-HK`, `eng-uk` is `en-GB`,
    `zh_hant_tw` is `zh-Hant-TW`. Variants stay, extensions are sorted. What follows the last
    well-formed part is left out: `de-DE-1` is `de-DE`.
    """
    lower = text.lower().replace("_", "-")
    if lower in _GRANDFATHERED:
        return _GRANDFATHERED[lower]
    if _PRIVATE.fullmatch(lower):
        return lower
    found = _TAG.match(lower) if text.isascii() else None
    return _written(found) if found else ""


def _written(found: re.Match[str]) -> str:
    language, script, region = _aliased(_language(found), found["script"], found["region"])
    variants = dict.fromkeys(found["variants"].split("-")[1:])
    extensions: dict[str, str] = {}
    for one in _EXTENSION.split(found["extensions"])[1:]:
        extensions.setdefault(one[0], one)  # a second one of its letter says nothing (RFC 5646)
    parts = (language, script.title(), region.upper(), *variants, *sorted(extensions.values()))
    return "-".join(part for part in parts if part) + found["private"]


def _language(found: re.Match[str]) -> str:
    """Return the language; an extended one takes the place of what it extends."""
    extended = found["extlang"] if found["language"] in _EXTENDED else None
    return str(extended or found["language"])


def _aliased(language: str, script: str | None, region: str | None) -> tuple[str, str, str]:
    """Return language, script and region; an alias may say a script or a region, too."""
    alias, _, more = get_global("language_aliases").get(language, language).partition("_")
    script = script or (more if len(more) == 4 else "")
    region = region or (more if len(more) == 2 else "")
    regions = get_global("territory_aliases").get(region.upper())
    return alias, script, regions[0] if regions else region


def with_region(tag: str) -> str:
    """Return the language of a canonical tag with its region, if any: `zh-TW` for `zh-Hant-TW`.

    '' where the tag names no language: `x-mine`, `und-DE`, `mul`.
    """
    found = _TAG.match(tag.lower())
    if not found or found["language"] in NAMELESS:
        return ""
    region = found["region"]
    return found["language"] + (f"-{region.upper()}" if region else "")
