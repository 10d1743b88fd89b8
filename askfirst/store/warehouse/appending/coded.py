"""Columns of a batch as whole numbers: each distinct value once, and which of them a row has."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence

Numbers = np.ndarray
"""One whole number a row."""


class Coded(NamedTuple):
    """A column of texts: `values` may name one twice; `places` are null where a row has none."""

    values: list[str]
    places: pa.Array

    def taken(self, keys: Sequence[int | None]) -> pa.Array:
        """Return the key of each row from the key of each value."""
        return pa.array(keys, pa.int32()).take(self.places)


def coded(column: pa.ChunkedArray) -> Coded:
    """Return a column of texts, which is encoded as a dictionary already or not."""
    whole = column.combine_chunks()
    if not pa.types.is_dictionary(whole.type):
        whole = whole.dictionary_encode()
    return Coded(whole.dictionary.to_pylist(), whole.indices)


def numbers(column: pa.ChunkedArray | pa.Array) -> Numbers:
    """Return a column of whole numbers; 0 where a row has none."""
    found: Numbers = column.cast(pa.int64()).fill_null(0).to_numpy()
    return found


class Distinct(NamedTuple):
    """The distinct rows of some columns of numbers, and which of them each row is."""

    rows: list[tuple[int, ...]]
    places: Numbers

    def taken(self, values: Sequence[int]) -> Numbers:
        """Return a number of each row from that of each distinct one."""
        found: Numbers = np.array(values, np.int64)[self.places]
        return found


def distinct(*columns: Numbers) -> Distinct:
    """Return the distinct rows in the order of their first appearance."""
    matrix = np.ascontiguousarray(np.column_stack(columns), np.int64)
    width = matrix.shape[1]
    kind = pa.binary(8 * width)
    whole = pa.FixedSizeBinaryArray.from_buffers(kind, len(matrix), [None, pa.py_buffer(matrix)])
    encoded = whole.dictionary_encode()
    first = b"".join(encoded.dictionary.to_pylist())
    rows = np.frombuffer(first, np.int64).reshape(-1, width).tolist()
    return Distinct(list(map(tuple, rows)), encoded.indices.to_numpy())


def first_of(places: Numbers, times: Numbers, number: int) -> list[int]:
    """Return, of each of so many distinct rows, the place of its earliest row."""
    found = np.zeros(number, np.int64)
    order = np.argsort(times, kind="stable")[::-1]  # the last that is set stays: the earliest
    found[places[order]] = order
    return list(map(int, found))
