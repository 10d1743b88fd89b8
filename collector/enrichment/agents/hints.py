"""Client hints and touch points: what a browser tells beside its user agent, as one short text.

The text has the form `brand=Brave/142;mobile=1;platform=Android;touch=5`, each part only where it
is known, in this order. It belongs to the user agent: it is stored with it and dropped with it.
Sources: https://wicg.github.io/ua-client-hints/ and `navigator.maxTouchPoints`.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

HEADERS = ("sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform")
"""The headers that browsers send without being asked."""

LONGEST = 128
_LONGEST_HEADER = 256
_MOST_TOUCH = 9
_BRAND = re.compile(r'"([A-Za-z][A-Za-z0-9 .]{0,31})";v="(\d{1,4})')
_PLATFORM = re.compile(r'^"?([A-Za-z][A-Za-z ]{0,15})"?$')
_NO_NAMES = re.compile(r"^(?:Chromium|.*Not.*Brand.*)$", re.IGNORECASE)
"""The engine, and the name that browsers make up so that servers do not rely on the list."""


def hints_of(headers: Mapping[str, str], touch: int | None = None) -> str:
    """Return the hints of a request as text, or ''; `touch` is `navigator.maxTouchPoints`.

    `headers` are read by names in lower case. What is not of the form of a hint is left out.
    """
    brands, mobile, platform = (headers.get(name, "")[:_LONGEST_HEADER] for name in HEADERS)
    if not brands and not mobile and not platform and touch is None:
        return ""
    points = -1 if touch is None else min(max(touch, 0), _MOST_TOUCH)
    return _text(brands, mobile, platform, points)


@lru_cache(maxsize=4096)
def _text(brands: str, mobile: str, platform: str, touch: int) -> str:
    parts = []
    names = (found for found in _BRAND.finditer(brands) if not _NO_NAMES.match(found[1]))
    if brand := next(names, None):
        parts.append(f"brand={brand[1]}/{brand[2]}")
    if mobile in ("?0", "?1"):
        parts.append(f"mobile={mobile[1]}")
    if found := _PLATFORM.match(platform):
        parts.append(f"platform={found[1]}")
    if touch >= 0:
        parts.append(f"touch={touch}")
    return ";".join(parts)


def read_hints(text: str) -> dict[str, str]:
    """Return the parts of a text of hints by name; a text of another form has none."""
    parts = (part.partition("=") for part in text[:LONGEST].split(";"))
    return {name: value for name, sign, value in parts if sign and value}
