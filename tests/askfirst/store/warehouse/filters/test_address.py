"""Segments in an address: every one can be written and is read again; the rest is refused."""

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from askfirst.errors import Malformed
from askfirst.store.warehouse.filters.address import read_segment, segment_query
from askfirst.store.warehouse.filters.conditions import (
    COLUMNS,
    Condition,
    Segment,
    check_segment,
)
from tests.askfirst.store.warehouse.filters.segments import segments

EVERY = frozenset(COLUMNS)


def read(query, columns=EVERY):
    return read_segment(dict(parse_qsl(query, keep_blank_values=True)), columns)


def test_an_address_without_conditions_asks_for_everything():
    assert read("period=30d") == Segment()
    assert read("where=") == Segment()
    assert segment_query(Segment()) == {}


def test_conditions_are_written_as_people_can_read_them():
    shops = Segment(
        (
            Condition("country", "one_of", ("DE", "AT")),
            Condition("path", "starts_with", ("/shop",)),
        ),
        on="events",
    )
    query = {"where": "country,one_of,DE,AT;path,starts_with,/shop", "on": "events"}
    assert segment_query(shops) == query
    assert read_segment(query, EVERY) == shops


def test_a_condition_without_a_value_ends_with_its_operator():
    unmarked = Segment((Condition("utm_campaign", "is_empty", ()),))
    assert segment_query(unmarked) == {"where": "utm_campaign,is_empty"}
    assert read("where=utm_campaign,is_empty") == unmarked


def test_commas_semicolons_and_percent_signs_are_values():
    hostile = Segment((Condition("path", "one_of", (",", ";", "%", "%2C", "%252C", "", "a,b;c%")),))
    assert read(urlencode(segment_query(hostile))) == hostile


@given(segments())
def test_every_segment_is_read_as_it_was_written(segment):
    assume(segment.conditions)
    check_segment(segment, EVERY)
    assert read(urlencode(segment_query(segment))) == segment


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("where=country", "where"),
        ("where=country,is", "where"),
        ("where=is_empty", "where"),
        ("where=country,is_empty,", "where"),
        ("where=;", "where"),
        ("where=country,is,DE;", "where"),
        ("where=country,is,DE,AT", "where"),
        ("where=nonsense,is,DE", "where"),
        ("where=country,is,DE&on=", "on"),
        ("where=path,matches,(", "where"),
        ("where=engaged_ms,at_least,ten", "where"),
        ("where=engaged_ms,between,5", "where"),
        ("where=" + "country,is,DE;" * 20 + "country,is,DE", "where"),
        ("where=path,one_of" + ",x" * 101, "where"),
        ("where=path,one_of," + "x" * 20_000, "where"),
    ],
)
def test_what_is_no_segment_is_refused_with_its_field(query, field):
    with pytest.raises(Malformed) as refused:
        read(query)
    assert refused.value.field == field


@given(st.text(max_size=80), st.text(max_size=10))
def test_any_text_is_read_or_refused(where, on):
    try:
        segment = read_segment({"where": where, "on": on}, EVERY)
    except Malformed as error:
        assert error.field in ("where", "on")  # noqa: PT017 - many texts are refused
    else:
        check_segment(segment, EVERY)


def test_a_column_that_the_site_does_not_cover_is_refused_from_an_address_too():
    with pytest.raises(Malformed):
        read("where=country,is,DE", EVERY - {"country"})
