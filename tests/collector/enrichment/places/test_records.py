"""A record says country, region and city in each form that files have, and never what it is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.enrichment.places.records import Place, place_of

DBIP_CITY = {
    "city": {"names": {"en": "Mountain View"}},
    "continent": {"code": "NA", "geoname_id": 6255149, "names": {"en": "North America"}},
    "country": {"geoname_id": 6252001, "iso_code": "US", "names": {"en": "United States"}},
    "location": {"latitude": 37.3861, "longitude": -122.084},
    "subdivisions": [{"names": {"en": "California"}}],
}


@pytest.mark.parametrize(
    ("record", "place"),
    [
        (DBIP_CITY, Place("US", "California", "Mountain View")),
        (
            {"city": "Sydney", "country_code": "AU", "state1": "New South Wales", "state2": ""},
            Place("AU", "New South Wales", "Sydney"),
        ),
        (
            {"country": "au", "region": "Queensland", "city": "Cairns"},
            Place("AU", "Queensland", "Cairns"),
        ),
        ({"country": "Australia", "country_code": "AU"}, Place("AU")),
        ({"country_code": "gb"}, Place("GB")),
        ({"country": {"iso_code": "DE"}}, Place("DE")),
        ({"country": {"iso_code": None}, "country_code": "IT"}, Place("IT")),
        (
            {"country": {"iso_code": "FR"}, "city": {"names": {"fr": "Lyon"}}},
            Place("FR", "", "Lyon"),
        ),
        ({"country": {"iso_code": "<b>"}}, Place()),
        ({"country": {"iso_code": "ÄÖ"}}, Place()),
        ({"country": {"iso_code": "GBR"}}, Place()),
        ({"country": 7, "city": 7, "subdivisions": 7}, Place()),
        ({"city": {"names": {"en": 7}}, "subdivisions": [[]]}, Place()),
        ({"city": " A\x00\u202eB\n  C "}, Place("", "", "AB C")),
        ({"city": "x" * 500}, Place("", "", "x" * 100)),
        ({"city": {}, "subdivisions": []}, Place()),
        ([], Place()),
        (None, Place()),
    ],
)
def test_a_record_tells_a_place(record: object, place: Place):
    assert place_of(record) == place


KEYS = st.sampled_from(
    ["country", "iso_code", "names", "en", "name", "city", "subdivisions", "state1", "country_code"]
)
VALUES = st.recursive(
    st.none() | st.text(max_size=5) | st.integers() | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
)


@given(VALUES | st.dictionaries(KEYS, VALUES))
def test_no_record_raises(record: object):
    place = place_of(record)
    assert len(place.country) in (0, 2)
    assert f"{place.region}{place.city}".isprintable()
