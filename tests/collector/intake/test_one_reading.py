"""The address of an event is judged as it is recorded: one reading for both."""

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from askfirst.consents import Reason
from askfirst.errors import Malformed
from collector.enrichment.enrich import Enricher
from collector.enrichment.places.records import Place
from collector.intake.gate import Arrival
from collector.intake.judging import Judged, judged
from collector.intake.payload import read_payload
from tests.factories import CHROME, NOON, a_site, a_view, some_claims

SITE = a_site(hosts=("example.org", "*.example.org", "localhost:8001"))
PIECES = (
    *("https://", "http://", "https:", "//", "/", "\\", "@", ":", "?", "#", "[", "]", "%", "."),
    *("example.org", "evil.test", "localhost", ":8001", ":443", ":80", "www.", "%40", "%2e", "%5C"),
    *("\u3002", "\uff20", "\uff0f", "\u2100", "\u00ad", "é", "a", "1", "xn--", "EXAMPLE.ORG", "&"),
)
texts = st.lists(st.sampled_from(PIECES), max_size=9).map("".join)


def sent(**facts: object) -> Judged | None:
    """Return what becomes of a view that a browser of the site sends; None for a malformed one."""
    body = msgspec.json.encode({"site": SITE.key, "token": "t", "events": [a_view(**facts)]})
    arrival = Arrival(NOON, "https://example.org", "192.0.2.7", CHROME, "en")
    try:
        payload = read_payload(body, 50)
    except Malformed:
        return None
    return judged(payload, arrival, SITE, some_claims(), lambda _: Place())


@given(st.sampled_from(("https://", "http://")), texts)
@example("https://", "evil.test\\@example.org/")
@example("https://", "example.org\\@evil.test/")
@example("http://", "localhost:8001/a")
def test_what_is_recorded_is_on_a_host_of_the_site(scheme: str, rest: str):
    found = sent(url=scheme + rest)
    if found and found.entries:
        [row] = Enricher({1: SITE}.get).batch(found.entries, ["visit"]).to_pylist()
        assert SITE.allows(row["host"])


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test\\@example.org/",
        "https://evil.test\\.example.org/",
        "https://evil.test/@example.org/",
        "https://example.org@evil.test/",
        "https://example.org.evil.test/",
        "http://localhost:8002/",
        "https://evil.test%2F@example.org:80@evil.test/",
    ],
)
def test_a_page_that_a_browser_finds_elsewhere_is_refused(url: str):
    found = sent(url=url)
    assert found
    assert found.ruling.refused is Reason.BAD_ORIGIN


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "https://user@example.org:443/",
        "https://example.org\\@evil.test/",
        "https://EXAMPLE.org./a",
        "https://www.ex%61mple.org/",
        "http://localhost:8001/",
    ],
)
def test_a_page_that_a_browser_finds_on_the_site_is_recorded(url: str):
    found = sent(url=url)
    assert found
    assert len(found.entries) == 1
