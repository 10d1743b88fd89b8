"""Batches of enriched events as Arrow tables: what many events share is read and stored once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from askfirst.columns import COLUMNS, Column, nothing_of
from askfirst.events import Facts
from askfirst.store.warehouse.batches import ARROW_SCHEMA

_SHARED_BY = 2
"""So many entries have to share a value on average, or else each is written for itself."""


class Shared(NamedTuple):
    """Distinct values, and which of them each entry of a batch has."""

    values: Sequence[Any]
    places: np.ndarray

    def each(self, function: Callable[..., Any]) -> Shared:
        """Return what a function makes of each value, which is a tuple of its arguments."""
        return Shared([function(*value) for value in self.values], self.places)

    @property
    def are_few(self) -> bool:
        """Whether it pays to store the values apart from their places."""
        return len(self.values) == 1 or _SHARED_BY * len(self.values) <= len(self.places)


def shared(values: Sequence[Any]) -> Shared:
    """Return the distinct ones of some hashable values."""
    return _shared_by(values, values)


def shared_facts(every: Sequence[Facts]) -> Shared:
    """Return the distinct ones of the facts of entries."""
    return _shared_by([tuple(facts.items()) for facts in every], every)


def _shared_by(keys: Sequence[Any], values: Sequence[Any]) -> Shared:
    distinct = dict(zip(keys, values, strict=True))
    place_of = {one: place for place, one in enumerate(distinct)}
    places = np.fromiter(map(place_of.__getitem__, keys), np.int32, len(keys))
    return Shared([*distinct.values()], places)


Things = dict[str, Any]
"""What a source can name before its dot: `Shared` values, or of each entry of a batch its own."""


def enriched(things: Things) -> pa.Table:
    """Return the columns of `EVENT_COLUMNS`, of which texts may be dictionaries."""
    facts = things["facts"]
    told = frozenset().union(*facts.values)
    untold = Shared([{}], np.zeros(len(facts.places), np.int32))
    found: dict[str, pa.Array] = {}
    for one in COLUMNS:
        is_told = one.thing != "facts" or one.attribute in told
        thing = things[one.thing] if is_told else untold
        found[one.name] = _spread(one, thing) if isinstance(thing, Shared) else _array(one, thing)
    return pa.table({name: found[name] for name in ARROW_SCHEMA.names})


def _array(one: Column, values: Sequence[Any]) -> pa.Array:
    return pa.array(_GETTERS[one.name](values), ARROW_SCHEMA.field(one.name).type)


def _spread(one: Column, thing: Shared) -> pa.Array:
    distinct = _array(one, thing.values)
    if thing.are_few and pa.types.is_string(distinct.type):
        return pa.DictionaryArray.from_arrays(thing.places, distinct)
    return distinct.take(pa.array(thing.places))


def _getter(one: Column) -> Callable[[Sequence[Any]], list[Any]]:
    """Return a function that reads a column's values from the thing that its source names.

    One that reads an attribute is compiled, which takes half the time of `operator.attrgetter`.
    """
    attribute = one.attribute
    if one.thing == "query":
        return lambda queries: [query[attribute] for query in queries]
    if one.thing == "facts":
        nothing = nothing_of(one)
        return lambda every: [facts.get(attribute, nothing) for facts in every]
    if not attribute:
        return list
    if not attribute.isidentifier():
        raise ValueError(f"{one.source} names no attribute.")
    text = f"lambda values: [one.{attribute} for one in values]"
    return eval(text, {})  # type: ignore[no-any-return]  # noqa: S307 - a source of our own table


_GETTERS = {one.name: _getter(one) for one in COLUMNS}
_NOTHING = {one.name: nothing_of(one) for one in COLUMNS}


def emptied(batch: pa.Table, groups: Sequence[Hashable], lacking: dict[Any, set[str]]) -> pa.Table:
    """Return a batch without the columns that are lacking, in the rows of each group.

    `groups` names the group of each row; other names than those of columns have no effect.
    """
    for name in set().union(*lacking.values()) & _NOTHING.keys():
        without = {group for group, names in lacking.items() if name in names}
        rows = pa.array([group in without for group in groups])
        column = batch[name].cast(ARROW_SCHEMA.field(name).type)
        empty = pa.scalar(_NOTHING[name], column.type)
        place = batch.schema.get_field_index(name)
        batch = batch.set_column(place, name, pc.if_else(rows, empty, column))
    return batch
