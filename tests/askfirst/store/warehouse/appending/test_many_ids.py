"""Many ids at once: each gets what it gets alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.store.warehouse.appending.many_ids import stored_ids
from askfirst.store.warehouse.identifiers import FORMS, Form, is_canonical, stored_id
from tests.askfirst.store.warehouse.test_identifiers import LIKE_MARKED, OF_THE_TAG, RANDOM

LETTERS = "ABCXYZabcxyz0189_-"
EVENTS = st.one_of(RANDOM, OF_THE_TAG, st.text(LETTERS, min_size=22, max_size=22))
OTHERS = st.one_of(st.text(max_size=23), st.just(LIKE_MARKED), st.just("é" * 22))


@pytest.mark.parametrize("form", sorted(set(FORMS.values())))
@given(ids=st.one_of(st.lists(EVENTS), st.lists(st.one_of(EVENTS, OTHERS))))
def test_each_of_many_ids_is_stored_as_it_would_be_alone(form: Form, ids: list[str]) -> None:
    found = stored_ids(ids, form)

    assert found.digits == [stored_id(one, form) for one in ids]
    assert found.others == [
        (stored_id(one, form), one) for one in ids if not is_canonical(one, form)
    ]
