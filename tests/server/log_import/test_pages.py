"""Only what a browser showed is a page view: no images, no forms that are sent, no redirects."""

import msgspec
import pytest

from server.log_import.line import LogLine
from server.log_import.pages import is_page_view, page_address
from tests.server.log_import.test_formats import VIEW


def changed(**changes: object) -> LogLine:
    return msgspec.structs.replace(VIEW, **changes)


@pytest.mark.parametrize("status", [200, 304, 404])
@pytest.mark.parametrize("target", ["/", "/a/b", "/a.html", "/x.PHP?a=b.png", "/v1.2", "/~jo/.x"])
def test_a_page_that_is_there_or_not_found_is_a_view(target: str, status: int) -> None:
    assert is_page_view(changed(target=target, status=status))


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "POST"},
        {"method": "HEAD"},
        {"method": ""},
        {"status": 301},
        {"status": 206},
        {"status": 500},
        {"target": "/style.css"},
        {"target": "/A.PNG?x=1"},
        {"target": "/feed.xml"},
        {"target": "*"},
        {"target": "no-slash"},
        {"target": "/a b"},
        {"target": "/a\x00"},
        {"asks_for": "empty"},
        {"asks_for": "image"},
    ],
    ids=str,
)
def test_what_is_no_page_is_no_view(changes: dict[str, object]) -> None:
    assert not is_page_view(changed(**changes))


@pytest.mark.parametrize(
    ("changes", "address"),
    [
        ({}, "https://example.org/shop?utm_source=mail"),
        ({"host": "EXAMPLE.org:443"}, "https://example.org/shop?utm_source=mail"),
        ({"host": "example.org:8080", "target": "/"}, "https://example.org:8080/"),
        ({"host": "example.org:80", "scheme": "http", "target": "/"}, "http://example.org/"),
        ({"host": "example.org:80", "target": "/"}, "http://example.org/"),
        ({"host": "example.org:80", "scheme": "https", "target": "/"}, "https://example.org:80/"),
        ({"host": "example.org:443", "scheme": "http", "target": "/"}, "http://example.org:443/"),
        ({"host": "[2001:db8::80]", "target": "/"}, "https://[2001:db8::80]/"),
        ({"host": "", "target": "/#a"}, "https://of.the.site/"),
        ({"target": "http://other.example/x?y"}, "https://other.example/x?y"),
        ({"target": "http://other.example"}, "https://other.example/"),
    ],
)
def test_the_address_of_a_page_is_made_of_what_the_line_says(
    changes: dict[str, object], address: str
) -> None:
    assert page_address(changed(**changes), "of.the.site") == address
