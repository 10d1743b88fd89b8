"""The filter of event ids: it never misses a known one, and takes hardly any new one for known."""

import secrets

from hypothesis import given
from hypothesis import strategies as st

from collector.journal.known_ids import KnownIds

IDS = st.lists(st.text(min_size=1, max_size=22), max_size=30)


@given(batches=st.lists(IDS, max_size=8), asked=IDS)
def test_it_knows_just_what_was_added(batches: list[list[str]], asked: list[str]):
    known = KnownIds()
    for batch in batches:
        known.add(batch)
    everything = {one for batch in batches for one in batch}

    assert known.among([*asked, *everything]) == [
        one for one in [*asked, *everything] if one in everything
    ]


def test_of_a_hundred_thousand_fresh_ids_none_is_taken_for_known():
    known = KnownIds()
    for _ in range(10):
        known.add([secrets.token_urlsafe(16) for _ in range(10_000)])

    assert known.among([secrets.token_urlsafe(16) for _ in range(10_000)]) == []
