"""Identifiers: every text comes back from the 128 bits that are stored of it."""

from __future__ import annotations

import base64
import secrets
from contextlib import closing

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.store.warehouse.duckdb.sums import _id_text
from askfirst.store.warehouse.identifiers import OF_SCRIPT, id_text, is_canonical, stored_id
from tests.factories import event_id

OF_THE_TAG = st.text(OF_SCRIPT, min_size=22, max_size=22)
RANDOM = st.binary(min_size=16, max_size=16).map(
    lambda value: base64.urlsafe_b64encode(value).decode()[:22]
)
LIKE_MARKED = (
    "_____________________w"  # all bits are set: what is stored of it looks like the tag's
)


@given(OF_THE_TAG)
def test_an_id_of_the_tag_needs_no_text_beside_it(text: str) -> None:
    """`static/js/tag/views.js` writes 22 digits of base 32; most of them are no base64url."""
    assert is_canonical(text, "base64url")
    assert id_text(stored_id(text, "base64url"), "base64url") == text


@given(st.one_of(RANDOM, OF_THE_TAG, st.text(max_size=23), st.just(LIKE_MARKED)))
def test_what_is_canonical_comes_back(text: str) -> None:
    if is_canonical(text, "base64url"):
        assert id_text(stored_id(text, "base64url"), "base64url") == text


def test_an_id_that_would_be_taken_for_one_of_the_tag_is_kept_as_text() -> None:
    assert not is_canonical(LIKE_MARKED, "base64url")


@pytest.mark.parametrize("letter", ["0", "v", "g"])
def test_sql_reads_ids_as_python_does(letter: str) -> None:
    ids = [letter * 22, event_id()]
    ids += ["".join(secrets.choice(OF_SCRIPT) for _ in range(22)) for _ in range(50)]
    with closing(duckdb.connect()) as connection:
        connection.execute("CREATE TABLE other_ids (id UUID, text VARCHAR)")
        for text in ids:
            stored = stored_id(text, "base64url")
            sql = f"SELECT {_id_text('e.id', 'base64url')} FROM (SELECT ?::UUID AS id) AS e"
            assert connection.execute(sql, [stored]).fetchall() == [(text,)]
