"""What a goal or a step asks of events, as a question takes it: a kind and a test of one text."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from askfirst.store.ledger.goals import Deed
from askfirst.store.warehouse.compiled import Text
from askfirst.store.warehouse.logical.fulfilled import Test

COLUMN_OF: dict[str, str] = {
    "page": "path",
    "click": "link_url",
    "outbound": "link_url",
    "download": "link_url",
    "mail": "link_url",
    "telephone": "link_url",
    "form": "form",
    "event": "event_name",
}
"""What can be asked for, and the column of its pattern."""
KIND_OF: dict[str, str] = {"path": "page_view", "form": "form_submit", "event_name": "custom_event"}
"""The kind of events whose column a pattern is about; of an address it is a click."""
LINK_KINDS = ("outbound", "download", "mail", "telephone")
"""Clicks on links of one kind only; a `click` is one on any link."""

_WORD = re.compile(r"[A-Za-z0-9_]")
_SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]*://|mailto:|tel:|\*)", re.IGNORECASE)


@dataclass(frozen=True)
class Matcher:
    """What one goal or step asks for; `link_kind` restricts clicks, () where it does not."""

    test: Test
    link_kind: tuple[Text, ...] = ()

    @property
    def column(self) -> str:
        """The column that the test is about."""
        return self.test.column


def matcher_of(deed: Deed) -> Matcher:
    """Return what a checked deed asks for."""
    column = COLUMN_OF[deed.what]
    kind = (Text(deed.what),) if deed.what in LINK_KINDS else ()
    return Matcher(_test(column, deed.pattern), kind)


def columns_of(deed: Deed) -> frozenset[str]:
    """Return the columns that a site's policy has to cover for a checked deed to be told."""
    column = COLUMN_OF[deed.what]
    return frozenset({column, "link_kind"} if column == "link_url" else {column})


def sought_by(deed: Deed) -> Test:
    """Return what a checked deed asks for, as the conditions of filters take it."""
    found = matcher_of(deed)
    kind = KIND_OF.get(found.column, "link_click")
    return replace(found.test, kind=kind, link_kind=found.link_kind)


def _test(column: str, pattern: str) -> Test:
    """Return a test that a text fulfils which fits a pattern as a whole."""
    if column == "link_url":
        return _matching(column, address_expression(pattern))
    if "*" not in pattern:
        return Test(column, "is", (Text(pattern),), not pattern)
    return _matching(column, expression(pattern))


def _matching(column: str, found: str) -> Test:
    return Test(column, "matches", (Text(f"(?s)^{found}$"),), holds_of_nothing=False)


def expression(pattern: str) -> str:
    """Return a regular expression of RE2 that finds what fits a pattern."""
    return "".join(_escaped(letter) for letter in re.sub(r"\*+", "*", pattern))


def address_expression(pattern: str) -> str:
    """Return the same for the address of a link, which may be written without its host or scheme.

    '' is any address; `/files/*` is on any host, with whatever follows a question mark.
    """
    found = expression(pattern)
    if not pattern:
        return ".+"
    if pattern.startswith("/"):
        return f"[a-z]+://[^/?#]*{found}(?:[?#].*)?"
    return found if _SCHEME.match(pattern) else f"(?:[a-z]+://)?(?:www\\.)?{found}"


def _escaped(letter: str) -> str:
    if letter == "*":
        return ".*"
    return letter if _WORD.match(letter) or not letter.isascii() else f"\\x{{{ord(letter):x}}}"
