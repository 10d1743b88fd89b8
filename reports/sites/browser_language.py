"""Which of the languages on offer the owner's browser asks for, to begin a form with."""

from collections.abc import Iterable

from askfirst.web.accept_language import preferred_languages


def spoken(accept_language: str, offered: Iterable[str], otherwise: str = "en") -> str:
    """Return the offered tag that an `Accept-Language` header wants first, e.g. `de` for `de-AT`.

    A tag fits as it is, or else by its first part (`zh-CN` takes `zh-Hans`). Returns `otherwise`
    where none fits.
    """
    tags = {tag.lower(): tag for tag in offered}
    by_first = {tag.partition("-")[0]: tags[tag] for tag in sorted(tags, key=len, reverse=True)}
    for wanted in map(str.lower, preferred_languages(accept_language)):
        found = tags.get(wanted) or by_first.get(wanted.partition("-")[0])
        if found:
            return found
    return otherwise
