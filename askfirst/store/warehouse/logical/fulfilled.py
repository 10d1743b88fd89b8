"""Which rows fulfil a condition: found by the keys of the texts that do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import ibis

from askfirst.columns import EVENT_NUMBERS, EVENT_TEXTS, KINDS, PROFILE_TEXTS
from askfirst.store.warehouse.compiled import Text
from askfirst.store.warehouse.logical.texts import texts_of
from askfirst.store.warehouse.tables import PARTS_OF_SCREENS

_SCREEN = "^" + "x".join(["([0-9][0-9]?[0-9]?[0-9]?[0-9]?)"] * 2) + "$"


@dataclass(frozen=True)
class Test:
    """A condition as a question takes it: its values are parameters, all else is its shape.

    A condition on a number has a `range` instead of values: the least and the most of it, where 0
    is no number. `part` names the number in a text, of which the column is full.

    With a `kind` only events of that kind have it, and with a `link_kind` clicks of that one: that
    is what goals ask for.

    The operator `has_text` takes no value: any text but '' has it.

    `holds_of_nothing` says whether '' has what it asks for: the key of '' is in no dictionary. With
    `negated` it is fulfilled by what does not have that.
    """

    column: str
    operator: str
    values: tuple[Text, ...]
    holds_of_nothing: bool
    negated: bool = False
    range: tuple[int, int] | None = None
    part: str = ""
    kind: str = ""
    link_kind: tuple[Text, ...] = ()

    @property
    def is_of_event(self) -> bool:
        """Whether it is about a text or a number that an event has of its own."""
        return self.column in EVENT_TEXTS or self.column in EVENT_NUMBERS

    @property
    def is_of_profile(self) -> bool:
        """Whether it is about a text that usually stays the same through a visit."""
        return self.column in PROFILE_TEXTS

    @property
    def is_of_visit(self) -> bool:
        """Whether it is about what is known of a visit as a whole."""
        return not (self.is_of_event or self.is_of_profile)


def fulfilling(rows: Any, test: Test, column: str = "", texts: str = "") -> Any:
    """Return the rows that fulfil a test with their key in `column`, a key of `texts`."""
    return _chosen(rows, test, (column, texts), wanted=not test.negated)


def fulfilling_all(rows: Any, tests: Iterable[Test]) -> Any:
    """Return the rows that fulfil every one of these tests.

    The texts of a column are looked up once for all its tests, and so are the rows.
    """
    of_texts: dict[str, list[Test]] = {}
    for test in tests:
        if test.kind or test.operator == "has_text" or test.column in EVENT_NUMBERS:
            rows = fulfilling(rows, test)
        else:
            of_texts.setdefault(test.column, []).append(test)
    for column, those in of_texts.items():
        rows = _with_texts(rows, column, those)
    return rows


def _with_texts(rows: Any, column: str, tests: list[Test]) -> Any:
    """Return the rows whose text of a column fulfils every test."""
    known = texts_of(column)
    each = [(one, _holds(known.text, one)) for one in tests]
    fulfilled = ibis.and_(*(~holds if one.negated else holds for one, holds in each))
    if all(one.holds_of_nothing != one.negated for one in tests):
        others = known.filter(~fulfilled)
        return rows.anti_join(others, rows[column] == others.id)
    keys = known.filter(fulfilled)
    return rows.semi_join(keys, rows[column] == keys.id)


def having(rows: Any, test: Test, column: str = "", texts: str = "") -> Any:
    """Return the rows that have what a test asks for, or what it forbids where it is negated."""
    return _chosen(rows, test, (column, texts), wanted=True)


def _chosen(rows: Any, test: Test, names: tuple[str, str], *, wanted: bool) -> Any:
    if test.kind:
        return _of_kind(rows, test, wanted=wanted)
    column, texts = (name or test.column for name in names)
    if test.operator == "has_text":
        return rows.filter((rows[column] != 0) if wanted else (rows[column] == 0))
    if test.column in EVENT_NUMBERS:
        return rows.filter(_in_range(rows[column], test))
    known = texts_of(texts)
    holds = _holds(known.text, test)
    passes, fails = (holds, ~holds) if wanted else (~holds, holds)
    if test.holds_of_nothing == wanted:
        others = known.filter(fails)
        return rows.anti_join(others, rows[column] == others.id)
    keys = known.filter(passes)
    return rows.semi_join(keys, rows[column] == keys.id)


def _of_kind(events: Any, test: Test, *, wanted: bool) -> Any:
    """Return the events that are of the kind of a test and have what it asks for, or the others."""
    of_kind = events.kind == KINDS.index(test.kind)
    link = Test("link_kind", "is", test.link_kind, holds_of_nothing=False)
    asked = (test, link) if test.link_kind else (test,)
    if not wanted:  # named in one expression, as every union would have the engine read twice
        return events.filter(~ibis.and_(of_kind, *(_has(events, one) for one in asked)))
    mine = events.filter(of_kind)
    for one in asked:
        mine = having(mine, replace(one, kind="", link_kind=()))
    return mine


def _has(rows: Any, test: Test) -> Any:
    """Return whether each row has what a test asks for, whatever its kind is."""
    key = rows[test.column]
    if test.operator == "has_text":
        return key != 0
    if test.column in EVENT_NUMBERS:
        return _in_range(key, test)
    known = texts_of(test.column)
    holds = _holds(known.text, test)
    if test.holds_of_nothing:
        return ~key.isin(known.filter(~holds).id)
    return key.isin(known.filter(holds).id)


def _holds(text: Any, test: Test) -> Any:
    if test.part:
        part = text.re_extract(_SCREEN, PARTS_OF_SCREENS[test.part])
        return _in_range(part.nullif("").cast("int64").fill_null(0), test)
    first = test.values[0]
    if test.operator == "contains":
        return text.contains(first)
    if test.operator == "starts_with":
        return text.startswith(first)
    if test.operator == "matches":
        return text.re_search(first)
    return text.isin(list(test.values))


def _in_range(number: Any, test: Test) -> Any:
    low, high = test.range or (0, 0)
    return (number != 0) & (number >= low) & (number <= high)


PLAIN = {"visit": "int32"}
OWN_PROFILES = {"profile": "int32"}


def events_fulfilling(events: Any, tests: tuple[Test, ...]) -> Any:
    """Return the stored events of which each fulfils by itself every test of events and profiles.

    The relation `matched_plain` has the visits whose profile does, and `matched_profiles` the
    profiles that do among those that single events have of their own.
    """
    events = fulfilling_all(events, (test for test in tests if test.is_of_event))
    if not any(test.is_of_profile for test in tests):
        return events
    plain = ibis.table(PLAIN, name="matched_plain")
    own = ibis.table(OWN_PROFILES, name="matched_profiles")
    of_visit = events.filter(events.profile == 0).semi_join(plain, "visit")
    return of_visit.union(events.filter(events.profile != 0).semi_join(own, "profile"))
