"""The visits that match a segment, found once for all questions of a page.

Conditions are looked up in the dictionaries first, then among profiles, which are fewer than
visits, then among visits. Events are read where a condition is about what only they have, and of
visits in which a single event has another profile than the visit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ibis

from askfirst.clock import DAY_MS
from askfirst.store.warehouse.compiled import Text
from askfirst.store.warehouse.duckdb.patterns import matches_nothing, read_alike
from askfirst.store.warehouse.filters.conditions import (
    EMPTY_OPERATORS,
    FIRST,
    GOAL,
    VISIT_COLUMNS,
    Condition,
    Segment,
)
from askfirst.store.warehouse.filters.numbers import NUMBER_COLUMNS, range_of
from askfirst.store.warehouse.logical.fulfilled import (
    OWN_PROFILES,
    PLAIN,
    Test,
    events_fulfilling,
    fulfilling_all,
    having,
)
from askfirst.store.warehouse.logical.scope import Scope, matched
from askfirst.store.warehouse.logical.visits import SAID, figures
from askfirst.store.warehouse.tables import PARTS_OF_SCREENS, stored

if TYPE_CHECKING:
    from askfirst.store.warehouse.answering.page import Page

Tests = tuple[Test, ...]

REACH = DAY_MS
"""How far before and after a period the events of its visits lie: a visit ends after 24 hours."""


def tests_of(segment: Segment) -> Tests:
    """Return the conditions of a checked segment as questions take them."""
    return tuple(_test(one) for one in segment.conditions)


def _test(condition: Condition) -> Test:
    operator, values = condition.operator, condition.values
    if condition.column == GOAL:
        return _goal_test(condition)
    if condition.column in NUMBER_COLUMNS:
        return _number_test(condition)
    if operator in EMPTY_OPERATORS:
        return Test(condition.column, "has_text", (), False, negated=operator == "is_empty")
    nothing = "" in values
    if operator == "matches":
        values = (read_alike(values[0]),)
        nothing = matches_nothing(values[0])
    texts = tuple(Text(value) for value in values)
    kind = "page_view" if nothing and condition.column == "title" else ""  # others have no title
    return Test(condition.column, operator, texts, nothing, operator == "is_not", kind=kind)


def _goal_test(condition: Condition) -> Test:
    if condition.sought is None:
        raise LookupError("What the goal of a condition asks for is looked up before.")
    return replace(condition.sought, negated=condition.operator == "not_reached")


def _number_test(condition: Condition) -> Test:
    """Return a condition on a number: all operators ask for a range, so they have one shape."""
    of_screen = condition.column in PARTS_OF_SCREENS
    column, part = ("screen", condition.column) if of_screen else (condition.column, "")
    found = range_of(condition.column, condition.operator, condition.values)
    return Test(column, "in_range", (), holds_of_nothing=False, range=found, part=part)


def keep_matching(page: Page, scope: Scope, segment: Segment) -> None:
    """Find the visits of a scope that match a checked segment, and keep them for a page.

    `narrowed` scopes within this one, such as each of two that are compared, then ask for them.
    """
    tests = tests_of(segment)
    if any(test.is_of_profile for test in tests):
        page.keep("matched_changing", changing, scope)
        if segment.on == "events":
            page.keep("matched_plain", plain_visits, scope, tests)
            page.keep("matched_profiles", own_profiles, scope, tests)
    page.keep("matched", matching_by_events if segment.on == "events" else matching, scope, tests)


def narrowed(scope: Scope, segment: Segment) -> Scope:
    """Return the part of a scope that matches a segment, once `keep_matching` has found it."""
    return replace(matched(scope), only=tests_of(segment) if segment.on == "events" else ())


def matching(scope: Scope, tests: Tests) -> Any:
    """Return the visits (visit, each once) that fulfil every test, each by whichever events.

    They are those with an event in the scope, and maybe others of the days beside it.
    """
    of_event = sorted((test for test in tests if test.is_of_event), key=lambda test: test.negated)
    others = tuple(test for test in tests if not test.is_of_event)
    first = of_event[0] if of_event and not others else None
    if first and not first.negated:
        found = having(_near(scope), first).select("visit").distinct()
        of_event.remove(first)
    else:
        found = _by_profile(scope, others)
    for test in of_event:
        found = _with_or_without(found, having(_near(scope), test), test)
    return found


def _with_or_without(visits: Any, having_it: Any, test: Test) -> Any:
    """Return the visits that are among those that have it, or are not for a negated test."""
    if test.negated:
        return visits.anti_join(having_it, "visit")
    return visits.semi_join(having_it, "visit")


def _by_profile(scope: Scope, tests: Tests) -> Any:
    """Return the visits (visit) that fulfil tests of profiles and visits."""
    of_profile = [test for test in tests if test.is_of_profile]
    visits = _visits(scope, tests)
    if not of_profile:
        return visits.select("visit")
    several = _kept_changing()
    same = visits.semi_join(_profiles(scope, tests), "profile").anti_join(several, "visit")
    profiles = _profiles(scope).select(
        "profile", *dict.fromkeys(test.column for test in of_profile)
    )
    known = several.inner_join(profiles, "profile").select("visit", *profiles.columns)
    found = several.select("visit").distinct()
    for test in of_profile:
        found = _with_or_without(found, having(known, test), test)
    if any(test.is_of_visit for test in tests):
        found = found.semi_join(visits, "visit")
    return ibis.union(same.select("visit"), found)


CHANGING = {"visit": "int32", "profile": "int32"}


def _kept_changing() -> Any:
    return ibis.table(CHANGING, name="matched_changing")


def changing(scope: Scope) -> Any:
    """Return every profile (visit, profile) of the visits in which an event has another one.

    A visit has its own profile by one event at least, so that is among them.
    """
    events = _near(scope)
    own = events.filter(events.profile != 0).select("visit", "profile")
    every = [own]
    for name in ("visits", "open_visits"):
        visits = stored(name)
        visits = visits.filter(visits.site == scope.site_id).select("visit", of_visit="profile")
        joined = own.select("visit").inner_join(visits, "visit")
        every.append(joined.select("visit", profile="of_visit"))
    return ibis.union(*every, distinct=True)


def matching_by_events(scope: Scope, tests: Tests) -> Any:
    """Return the visits (visit, each once) that have an event which fulfils every test by itself.

    It starts from the relations that `events_fulfilling` names.
    """
    if any(test.is_of_event for test in tests):
        found = events_fulfilling(_near(scope), tests).select("visit").distinct()
    elif any(test.is_of_profile for test in tests):
        plain = ibis.table(PLAIN, name="matched_plain")
        own = ibis.table(OWN_PROFILES, name="matched_profiles")
        several = _kept_changing().semi_join(own, "profile")
        found = ibis.union(plain, several.select("visit"), distinct=True)
    else:
        return _visits(scope, tests).select("visit")
    if any(test.is_of_visit for test in tests):
        found = found.semi_join(_visits(scope, tests), "visit")
    return found


def plain_visits(scope: Scope, tests: Tests) -> Any:
    """Return the visits (visit) whose profile fulfils the tests of profiles."""
    visits = _visits(scope, ())
    return visits.semi_join(_profiles(scope, tests), "profile").select("visit")


def own_profiles(scope: Scope, tests: Tests) -> Any:
    """Return the profiles (profile) that fulfil the tests, of visits that have several."""
    return _profiles(scope, tests).semi_join(_kept_changing(), "profile").select("profile")


def _profiles(scope: Scope, tests: Tests = ()) -> Any:
    """Return the profiles of the site that fulfil every test of profiles."""
    profiles = stored("profiles")
    found = profiles.filter(profiles.site == scope.site_id)
    return fulfilling_all(found, (test for test in tests if test.is_of_profile))


def _near(scope: Scope) -> Any:
    """Return the events of the site in the scope and a day before and after it."""
    return _events(scope, scope.start)


def _events(scope: Scope, start: Any) -> Any:
    events = stored("events")
    return events.filter(
        events.site == scope.site_id,
        events.time >= ibis.literal(start) - REACH,
        events.time < ibis.literal(scope.end) + REACH,
    )


def _visits(scope: Scope, tests: Tests) -> Any:
    """Return visit and profile of the visits of a scope that fulfil the tests of visits."""
    of_visit = [test for test in tests if test.is_of_visit]
    closed, opened = stored("visits"), stored("open_visits")
    closed = closed.filter(
        closed.site == scope.site_id,
        closed.start >= ibis.literal(scope.start) - REACH,
        closed.start < scope.end,
    )
    found = [closed]
    if scope.running:
        mine = opened.filter(opened.site == scope.site_id)
        found.append(_with_figures(scope, mine, of_visit) if of_visit else mine)
    fulfilling_those = [_fulfilling_visits(one, of_visit) for one in found]
    return ibis.union(*fulfilling_those) if scope.running else fulfilling_those[0]


def _with_figures(scope: Scope, visits: Any, tests: list[Test]) -> Any:
    """Return open visits with what is known of each as a whole, as far as these tests ask."""
    asked = {test.column.removeprefix(FIRST) for test in tests}
    events = _events(scope, scope.open_from)
    said = tuple(name for name in SAID if name in asked)
    known = figures(events.semi_join(visits, "visit"), said)
    return visits.select("visit", "profile").inner_join(known, "visit")


def _fulfilling_visits(visits: Any, tests: list[Test]) -> Any:
    for test in tests:
        column = test.column.removeprefix(FIRST)
        texts = VISIT_COLUMNS[test.column]
        viewed = visits.filter(visits.views > 0)
        if not test.negated:
            visits = having(viewed, test, column, texts)
        else:
            visits = visits.anti_join(having(viewed, test, column, texts).select("visit"), "visit")
    return visits.select("visit", "profile")
