"""Names of visitors, such as "Chrome on Windows, Germany", and digits that tell them apart."""

from collections import Counter
from collections.abc import Sequence
from itertools import count

from reports.formatting.marks import browser_name
from reports.formatting.template_filters import country as country_name

DIGITS = 4
"""How many digits of a pseudonym tell visitors of one name apart, unless more are needed."""
_SYSTEMS = {"Mac OS X": "Mac", "Chrome OS": "ChromeOS"}
_APPLE = {"phone": "iPhone", "tablet": "iPad"}


def person_name(browser: str, system: str, device: str, country: str = "") -> str:
    """Return what a visitor is called; each value as it is stored, '' where it is unknown.

    >>> person_name("Mobile Safari", "iOS", "phone", "GB")
    'Safari on iPhone, United Kingdom'
    """
    shown, where = browser_name(browser), system_name(system, device)
    if shown and where:
        agent = f"{shown} on {where}"
    else:
        agent = shown or (f"A browser on {where}" if where else "A visitor")
    return f"{agent}, {country_name(country)}" if country else agent


def system_name(system: str, device: str) -> str:
    """Return a system as people say it: an iPhone, an iPad, a Mac."""
    if system == "iOS":
        return _APPLE.get(device, system)
    return _SYSTEMS.get(system, system)


def telling_apart(named: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Return the digits that tell each of these visitors from those of the same name.

    `named` are (name, pseudonym), each pseudonym once. A visitor whose name nobody shares gets '';
    the others get the first four digits of their pseudonym, or as many as it takes to differ.
    """
    alike = Counter(name for name, _ in named)
    length = {name: _length([i for n, i in named if n == name]) for name in alike}
    return tuple(one[: length[name]] if alike[name] > 1 else "" for name, one in named)


def _length(ids: Sequence[str]) -> int:
    distinct = len(set(ids))
    return next(n for n in count(DIGITS) if len({one[:n] for one in ids}) == distinct)
