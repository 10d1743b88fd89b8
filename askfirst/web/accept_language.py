"""The languages that a browser asks for by the header `Accept-Language`."""

import re

from askfirst.text.text_cache import remembered
from askfirst.web.language_tags import UNDETERMINED, canonical_tag, with_region

KEPT = 1024
"""Characters of a header that are kept with an event."""
_LONGEST = 8192
"""Characters of a header that are read."""
_MOST_TAGS = 20
_LONGEST_STORED = 250
_BLANKS = " \t"
_ELEMENT = re.compile(
    r"([a-z]{1,8}(?:[-_][a-z0-9]{1,8})*)"  # a language range (RFC 4647, 2.1) other than `*`
    r"(?:[ \t]*;[ \t]*q[ \t]*=[ \t]*([0-9]{0,9}(?:\.[0-9]{0,20})?))?",  # weight (RFC 9110, 12.4.2)
    re.IGNORECASE,
)


def read_of(header: str) -> str:
    """Return the part of a header that is read and kept: its elements within 1,024 characters."""
    return header if len(header) <= KEPT else header[:KEPT].rpartition(",")[0]


def preferred_languages(header: str) -> list[str]:
    """Return the tags that a header asks for, most wanted first, e.g. `["de-AT", "de", "en"]`.

    Tags have their canonical form (`askfirst/web/language_tags.py`), and each stands once. Those of
    one weight keep the order of the header (RFC 9110, 12.5.4). Left out are `*`, `und`, tags of
    weight 0 and elements that are malformed. A weight may have more digits than three, or none
    before the point; one above 1 is malformed. At most twenty tags of the first 8 KB are returned.
    """
    return list(_preferred(header))


def languages_of(header: str) -> str:
    """Return the whole preference of a header in one text, e.g. `de-AT, de, en`, or ''.

    Of a very long one, the tags that fit into 250 characters.
    """
    told = ""
    for tag in _preferred(header):
        longer = f"{told}, {tag}" if told else tag
        if len(longer) > _LONGEST_STORED:
            break
        told = longer
    return told


@remembered(4096)
def language_of(header: str) -> str:
    """Return the language that a header wants most, with its region: `en-GB`, `de`, or ''.

    The first preference that names a language counts; its script, variants and extensions are not
    told: `zh-TW` for `zh-Hant-TW`, `de-CH` for `de-CH-1996`.
    """
    return next(filter(None, map(with_region, _preferred(header))), "")


@remembered(4096)
def _preferred(header: str) -> tuple[str, ...]:
    weighted = [one for one in map(_weighted, _elements(header)) if one[1] > 0]
    weighted.sort(key=lambda one: one[1], reverse=True)
    return tuple(dict.fromkeys(tag for tag, _ in weighted))[:_MOST_TAGS]


def _elements(header: str) -> list[str]:
    """Return the elements of the list; of a longer header than is read, the last is cut off."""
    elements = header[:_LONGEST].split(",")
    return elements[:-1] if len(header) > _LONGEST else elements


_NOTHING = ("", 0.0)


def _weighted(element: str) -> tuple[str, float]:
    """Return a canonical tag and its weight; the weight is 0 for what is left out."""
    found = _ELEMENT.fullmatch(element.strip(_BLANKS))
    if not found:
        return _NOTHING
    tag, weight = canonical_tag(found[1]), _weight(found[2])
    return (tag, weight) if tag and tag != UNDETERMINED and weight <= 1 else _NOTHING


def _weight(text: str | None) -> float:
    if text is None:
        return 1.0
    return float(text) if any(one.isdigit() for one in text) else 0.0
