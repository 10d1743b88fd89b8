"""The languages that a browser asks for by the header `Accept-Language`."""

import re
from collections.abc import Iterator

from askfirst.text.text_cache import remembered
from askfirst.web.language_tags import NAMELESS, canonical_tag, with_region

LONGEST_KEPT = 250
"""Characters of a header or a preference that are kept with an event."""
_LONGEST = 8192
"""Characters of a header that are read."""
_MOST_TAGS = 20
LONGEST_TAG = 80
"""Characters of one tag that are kept; the longest in use have about 30."""
_BETWEEN = ", "
_BLANKS = " \t"
_ELEMENT = re.compile(
    r"([a-z]{1,8}(?:[-_][a-z0-9]{1,8})*)"  # a language range (RFC 4647, 2.1) other than `*`
    r"(?:[ \t]*;[ \t]*q[ \t]*=[ \t]*([0-9]{0,9}(?:\.[0-9]{0,20})?))?",  # weight (RFC 9110, 12.4.2)
    re.IGNORECASE,
)


def read_of(header: str) -> str:
    """Return what is kept of a header: itself, or of a long one the preference that it tells.

    The functions of this file read the same out of both.
    """
    return header if len(header) <= LONGEST_KEPT else languages_of(header)


def preferred_languages(header: str) -> list[str]:
    """Return the tags that a header asks for, most wanted first, e.g. `["de-AT", "de", "en"]`.

    Tags have their canonical form (`askfirst/web/language_tags.py`), and each stands once. Those of
    one weight keep the order of the header (RFC 9110, 12.5.4). Left out are `*`, `und` and its
    like (`NAMELESS`), tags of weight 0 and elements that are malformed. A weight may have more
    digits than three, or none before the point; one above 1 is malformed.

    The first 8 KB are read. Returned are at most twenty tags, of 250 characters together; the first
    that names a language is always among them.
    """
    return list(_preferred(header))


def languages_of(header: str) -> str:
    """Return the whole preference of a header in one text, e.g. `de-AT, de, en`, or ''."""
    return _BETWEEN.join(_preferred(header))


@remembered(4096)
def language_of(header: str) -> str:
    """Return the language that a header wants most, with its region: `en-GB`, `de`, or ''.

    The first preference that names a language counts; its script, variants and extensions are not
    told: `zh-TW` for `zh-Hant-TW`, `de-CH` for `de-CH-1996`.
    """
    return next(filter(None, map(with_region, _preferred(header))), "")


@remembered(4096)
def _preferred(header: str) -> tuple[str, ...]:
    """Return the tags that are told; of a very long header most are never brought into their form.

    Room is held for the first tag that names a language until it has come.
    """
    told: dict[str, None] = {}
    left, named = LONGEST_KEPT - LONGEST_TAG - len(_BETWEEN), False
    for tag in _by_weight(header):
        if tag in told:
            continue
        chosen = not named and with_region(tag) != ""
        if chosen:
            named, left = True, left + LONGEST_TAG + len(_BETWEEN)
        cost = len(tag) + (len(_BETWEEN) if told else 0)
        fits = cost <= left and len(told) < _MOST_TAGS - (not named)
        if fits:
            told[tag] = None
            left -= cost
        elif named:
            break
    return tuple(told)


def _by_weight(header: str) -> Iterator[str]:
    """Yield the tags of a header in their canonical form, most wanted first."""
    weighted = [one for one in map(_weighted, _elements(header)) if one[1] > 0]
    weighted.sort(key=lambda one: one[1], reverse=True)
    for text, _ in weighted:
        tag = _shortened(canonical_tag(text))
        if tag and tag not in NAMELESS:
            yield tag


def _shortened(tag: str) -> str:
    """Return a tag without its last subtags, where it is longer than any (RFC 5646, 4.4.2)."""
    while len(tag) > LONGEST_TAG:
        tag = tag[: tag.rindex("-", 0, LONGEST_TAG + 1)]
        if tag[-2] == "-":
            tag = tag[:-2]  # a letter that says of what kind the next subtags are
    return tag


def _elements(header: str) -> list[str]:
    """Return the elements of the list; of a longer header than is read, the last is cut off."""
    elements = header[:_LONGEST].split(",")
    return elements[:-1] if len(header) > _LONGEST else elements


_NOTHING = ("", 0.0)


def _weighted(element: str) -> tuple[str, float]:
    """Return the text of a tag and its weight; the weight is 0 for what is left out."""
    found = _ELEMENT.fullmatch(element.strip(_BLANKS))
    if not found:
        return _NOTHING
    weight = _weight(found[2])
    return (found[1], weight) if weight <= 1 else _NOTHING


def _weight(text: str | None) -> float:
    if text is None:
        return 1.0
    return float(text) if any(one.isdigit() for one in text) else 0.0
