"""Which row of a long list a page begins after."""

from collections.abc import Mapping

from askfirst.errors import Malformed

_LONGEST_NUMBER = 18


def before_of(query: Mapping[str, str]) -> int | None:
    """Return the number of the row that a page of a list follows, None where it is the first page.

    Raises `Malformed` where `before` is no whole number.
    """
    text = query.get("before")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER):
        raise Malformed("The place in the list is a whole number.", field="before")
    return int(text)
