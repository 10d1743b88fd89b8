"""Columns as whole numbers: the distinct rows of some, and the first row of each."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from askfirst.store.warehouse.appending.coded import coded, distinct, first_of

NUMBERS = st.integers(-(2**62), 2**62)


@given(st.lists(st.tuples(st.sampled_from([0, 1, -5]), st.one_of(st.just(7), NUMBERS))))
def test_the_distinct_rows_are_those_of_python_in_their_order(rows: list[tuple[int, int]]) -> None:
    found = distinct(*(np.array([row[place] for row in rows], np.int64) for place in (0, 1)))

    assert found.rows == list(dict.fromkeys(rows))
    assert [found.rows[place] for place in found.places] == rows


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5)), min_size=1))
def test_the_first_of_equal_rows_is_the_earliest_and_of_those_the_first(
    rows: list[tuple[int, int]],
) -> None:
    places, times = (np.array([row[place] for row in rows], np.int64) for place in (0, 1))

    found = first_of(places, times, 3)

    for place in set(places.tolist()):
        mine = [number for number, row in enumerate(rows) if row[0] == place]
        assert found[place] == min(mine, key=lambda number: rows[number][1])


@given(st.lists(st.lists(st.one_of(st.none(), st.sampled_from(["", "a", "b"])))), st.booleans())
def test_a_column_of_texts_reads_the_same_encoded_or_not_and_in_parts(
    parts: list[list[str | None]], is_encoded: bool
) -> None:
    plain = pa.chunked_array(parts, pa.string())
    column = plain.dictionary_encode() if is_encoded else plain

    found = coded(column)

    keys = found.taken([n + 1 for n in range(len(found.values))]).to_pylist()
    texts = [None if key is None else found.values[key - 1] for key in keys]
    assert texts == plain.to_pylist()
