"""Events that are what goals or steps ask for, found by the keys of the texts that fit."""

from __future__ import annotations

from typing import Any

import ibis

from askfirst.columns import KINDS
from askfirst.store.warehouse.logical.events import CLICK, events_of
from askfirst.store.warehouse.logical.fulfilled import having
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.texts import texts_of
from reports.questions.goals.matchers import KIND_OF, Matcher

_OTHERS = {column: KINDS.index(kind) for column, kind in KIND_OF.items()}
_NUMBER_OF = {**_OTHERS, "link_url": CLICK}


def done(scope: Scope, matchers: tuple[Matcher, ...]) -> Any:
    """Return the events of a scope that fit a matcher, each once for each that it fits.

    `deed` is the place of the matcher, from 0.
    """
    keys = [_keys(one).mutate(deed=ibis.literal(n, "int8")) for n, one in enumerate(matchers)]
    return _joined(scope, matchers, ibis.union(*keys) if len(keys) > 1 else keys[0])


def done_once(scope: Scope, matchers: tuple[Matcher, ...]) -> Any:
    """Return the events of a scope that fit a matcher, each once.

    `deeds` has the bit 2**n set where it fits the matcher at the place n.
    """
    keys = [_keys(one).mutate(bit=ibis.literal(1 << n, "int32")) for n, one in enumerate(matchers)]
    every = ibis.union(*keys) if len(keys) > 1 else keys[0]
    fits = every.group_by("of", "key", "of_link").agg(deeds=every.bit.sum().cast("int32"))
    return _joined(scope, matchers, fits)


def _keys(one: Matcher) -> Any:
    """Return of (the kind of events), key (of the text) and of_link (of the kind of link)."""
    number = ibis.literal(_NUMBER_OF[one.column], "int8")
    texts = having(texts_of(one.column), one.test, "id")
    keys = texts.select(of=number, key="id")
    if one.column != "link_url":
        return keys.mutate(of_link=ibis.literal(0, "int32"))
    kinds = texts_of("link_kind")
    if one.link_kind:
        kinds = kinds.filter(kinds.text == one.link_kind[0]).select(of_link="id")
    else:
        kinds = ibis.union(kinds.select(of_link="id"), _no_kind(kinds))
    return keys.cross_join(kinds)


def _no_kind(kinds: Any) -> Any:
    return kinds.agg(of_link=kinds.id.min()).select(of_link=ibis.literal(0, "int32"))


def _joined(scope: Scope, matchers: tuple[Matcher, ...], keys: Any) -> Any:
    columns = tuple(dict.fromkeys(one.column for one in matchers))
    events = events_of(scope)
    events = events.filter(events.kind.isin([_NUMBER_OF[column] for column in columns]))
    key = events.kind.cases(
        *((_NUMBER_OF[column], events[column]) for column in columns), else_=ibis.literal(0)
    )
    zero = ibis.literal(0, "int32")
    link = (events.kind == CLICK).ifelse(events.link_kind, zero) if "link_url" in columns else zero
    keyed = events.mutate(of_key=key.cast("int32"), of_link_key=link)
    found = keyed.inner_join(
        keys,
        [keyed.kind == keys.of, keyed.of_key == keys.key, keyed.of_link_key == keys.of_link],
    )
    return found.drop("of", "key", "of_link", "of_key", "of_link_key")
