"""Which visitors have each of some words in what is known of their visits?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from askfirst.columns import EVENT_TEXTS
from askfirst.store.warehouse.compiled import Text
from askfirst.store.warehouse.logical.events import events_of, profiles_of_visits, with_profile
from askfirst.store.warehouse.logical.identifiers import digits, with_other_id
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.texts import texts_of
from askfirst.store.warehouse.tables import stored

if TYPE_CHECKING:
    from askfirst.store.warehouse.answering.page import Page


@dataclass(frozen=True)
class Word:
    """A word of a search.

    `pattern` is a regular expression of RE2 that a text of one of `columns` has to match.
    `countries` are codes of countries whose name has the word. `systems` are systems that people
    call by it, each with a device or alone. `beginnings` are what a visitor's number may begin
    with.
    """

    pattern: Text
    columns: tuple[str, ...]
    countries: tuple[Text, ...] = ()
    systems: tuple[tuple[Text, ...], ...] = ()
    beginnings: tuple[Text, ...] = ()


FOUND = {"visitor": "int32"}
"""The relation `found_visitors`: the visitors that a search finds, each once."""


def keep_found(page: Page, scope: Scope, words: Sequence[Word]) -> None:
    """Find the visitors of a scope that have every word, by whichever events, and keep them.

    Each word is a question of its own, so that its SQL serves every search.
    """
    found, *others = (page.rows(having, scope, word)["visitor"] for word in words)
    for other in others:
        found = found.filter(pc.is_in(found, other))
    page.keep_rows("found_visitors", pa.table({"visitor": found.cast(pa.int32())}))


def found_among(events: Any) -> Any:
    """Return those of some events whose visitor was found and kept."""
    return events.semi_join(ibis.table(FOUND, name="found_visitors"), "visitor")


def having(scope: Scope, word: Word) -> Any:
    """Return the visitors (visitor, each once) of a scope who have a word."""
    events = events_of(scope)
    own = [name for name in word.columns if name in EVENT_TEXTS]
    found = []
    if own:
        with_it = [events[name].isin(_keys(name, word)) for name in own]
        found.append(events.filter(reduce(or_, with_it)))
    profiles = _profiles(scope, word)
    if profiles is not None:
        used = events.select("visitor", "visit", "profile").distinct()
        used = with_profile(used, profiles_of_visits(scope.site_id))
        found.append(used.semi_join(profiles, "profile"))
    found += [events.semi_join(_numbered(scope, one), "visitor") for one in word.beginnings]
    found = [one.select("visitor") for one in found]
    return (ibis.union(*found) if len(found) > 1 else found[0]).distinct()


def _numbered(scope: Scope, beginning: Text) -> Any:
    """Return the site's visitors (visitor) whose number begins with a text."""
    known = stored("visitors")
    mine = known.filter(known.site == scope.site_id)
    named = with_other_id(mine.select("visitor", visitor_id=digits(mine.visitor_id)), "visitor_id")
    return named.filter(named.visitor_id.startswith(beginning))


def _profiles(scope: Scope, word: Word) -> Any:
    """Return the site's profiles (profile) that have a word; None where none can."""
    profiles = stored("profiles")
    mine = profiles.filter(profiles.site == scope.site_id)
    own = [name for name in word.columns if name not in EVENT_TEXTS]
    with_it = [mine[name].isin(_keys(name, word)) for name in own]
    if word.countries:
        with_it.append(mine.country.isin(_named("country", word.countries)))
    for system in word.systems:
        named = zip(("os", "device"), system, strict=False)
        parts = [mine[column].isin(_named(column, (text,))) for column, text in named]
        with_it.append(reduce(and_, parts))
    return mine.filter(reduce(or_, with_it)).select("profile") if with_it else None


def _keys(column: str, word: Word) -> Any:
    known = texts_of(column)
    return known.filter(known.text.re_search(word.pattern)).id


def _named(column: str, texts: tuple[Text, ...]) -> Any:
    known = texts_of(column)
    return known.filter(known.text.isin(list(texts))).id
