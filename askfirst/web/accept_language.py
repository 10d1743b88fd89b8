"""The languages that a browser asks for by the header `Accept-Language`."""

import re

_ELEMENTS_READ = 20
_ELEMENT = re.compile(
    r"([a-z]{1,8}(?:-[a-z0-9]{1,8})*)"  # a language range (RFC 4647, 2.1) other than `*`
    r"(?:[ \t]*;[ \t]*q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?",  # its weight (RFC 9110, 12.4.2)
    re.IGNORECASE,
)


def preferred_languages(header: str) -> list[str]:
    """Return the language tags that a header asks for, most wanted first, e.g. `["de-AT", "de"]`.

    Tags of one weight keep the order of the header (RFC 9110, 12.5.4). `*`, tags of weight 0 and
    elements that are malformed are left out; only the first twenty elements are read.
    """
    elements = (one.strip(" \t") for one in header.split(",")[:_ELEMENTS_READ])
    read = (found for one in elements if (found := _ELEMENT.fullmatch(one)))
    weighted = [(found[1], float(found[2] or 1)) for found in read]
    wanted = [(tag, weight) for tag, weight in weighted if weight > 0]
    return [tag for tag, _ in sorted(wanted, key=lambda one: one[1], reverse=True)]
