"""Rules for the reports: what they fit, what they make of an event, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.errors import Malformed
from askfirst.rules.applying import as_recorded, leaves_address_out, ruled
from askfirst.rules.patterns import LONGEST, host_fits, path_pattern
from askfirst.rules.report_rules import (
    MOST,
    ReportRules,
    read_addresses,
    read_hosts,
    read_paths,
    read_renamings,
)


@pytest.mark.parametrize(
    ("pattern", "fitting", "others"),
    [
        ("/", ("/",), ("", "/a", "//")),
        ("/a", ("/a",), ("/", "/a/", "/ab", "/A")),
        ("/product/*", ("/product/", "/product/1", "/product/1/x"), ("/product", "/products/1")),
        ("/admin*", ("/admin", "/admin/", "/admin/x/y", "/administer"), ("/a", "/x/admin")),
        ("/*/edit", ("/1/edit", "//edit"), ("/edit", "/1/2/edit", "/1/edit/")),
        ("/p-*.html", ("/p-.html", "/p-1.html"), ("/p-1.htm", "/p-1/2.html", "/p.html")),
        ("/reset/:token", ("/reset/k",), ("/reset/", "/reset", "/reset/k/x")),
        ("/:shop/:id", ("/a/b",), ("/a", "/a/", "//b")),
        ("/a/:", ("/a/:",), ("/a/b",)),
        ("/*", ("/", "/a", "/a/b"), ("",)),
        ("/a[b]+.x", ("/a[b]+.x",), ("/ab.x", "/abb+x")),
    ],
)
def test_a_pattern_of_paths_fits_these_and_not_those(pattern, fitting, others):
    found = path_pattern(pattern)
    assert [path for path in (*fitting, *others) if found.fits(path)] == list(fitting)


@given(st.text("ab/*:.", max_size=12), st.text("ab/.", max_size=20))
def test_a_text_without_a_star_or_a_colon_fits_itself_alone(text, path):
    try:
        pattern = path_pattern(f"/{text}")
    except Malformed:
        assert any(part.count("*") > 1 for part in text.split("/"))
        return
    if "*" not in text and ":" not in text:
        assert pattern.fits(f"/{path}") is (text == path)


def test_no_pattern_tries_anything_twice():
    """This one would keep a regular expression busy for ages."""
    pattern = path_pattern("/" + "/".join(["a*a"] * 49) + "/*")
    assert not pattern.fits("/" + "/".join(["a" * 40] * 48))
    assert pattern.fits("/" + "/".join(["a" * 40] * 50))


@pytest.mark.parametrize("text", ["a", "", "/a**", "/*a*", "/\n", "/\x00", "/" + "a" * LONGEST])
def test_what_is_no_pattern_is_refused(text):
    with pytest.raises(Malformed):
        path_pattern(text)


def test_hosts_fit_by_name_or_by_what_they_end_with():
    assert host_fits("*.example.org", "a.b.example.org")
    assert not host_fits("*.example.org", "example.org")
    assert not host_fits("*.example.org", "badexample.org")
    assert host_fits("localhost:8001", "localhost:8001")
    assert not host_fits("localhost", "localhost:8001")


RULES = ReportRules(
    exclude_paths=("/admin*",),
    group_paths=("/product/*", "/product/:id", "/a"),
    index_files=True,
    trailing_slash=True,
    hosts=(("*.example.org", "example.org"), ("a.example.org", "other.org")),
    sources=(("a", "b"), ("b", "a"), ("c", "c")),
)


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (("/product/1", "example.org", ""), ("example.org", "/product/*", "", 0)),
        (("/product/", "x", "a"), ("x", "/product", "b", 0)),
        (("/A/Index.HTML", "a.example.org", "b"), ("example.org", "/A", "a", 0)),
        (("/index.php", "x", "c"), ("x", "/", "c", 0)),
        (("/a/index.html", "x", "d"), ("x", "/a", "d", 0)),
        (("/admin/index.php", "x", ""), ("x", "/admin", "", 1)),
        (("//", "x", ""), ("x", "/", "", 0)),
        (("/my-index.html", "x", ""), ("x", "/my-index.html", "", 0)),
    ],
)
def test_of_several_rules_the_first_holds_and_its_outcome_is_looked_at_no_more(given_, expected):
    path, host, source = given_
    made = ruled(path, RULES, host, source)
    assert (made.host, made.path, made.source, made.excluded) == expected
    assert as_recorded(*made[:4]) == (host, path, source)
    assert bool(made.original) is (expected[:3] != (host, path, source))


def test_an_address_is_left_out_by_its_network():
    rules = ReportRules(exclude_addresses=("192.0.2.0/28", "2001:db8::7/128"))
    found = [
        one
        for one in ("192.0.2.7", "192.0.2.16", "2001:db8::7", "2001:db8::8", "")
        if leaves_address_out(rules, one)
    ]
    assert found == ["192.0.2.7", "2001:db8::7"]


def test_lines_are_read_once_each_in_their_order():
    assert read_paths(" /b \r\n\r\n/a\n/b", "paths") == ("/b", "/a")
    assert read_hosts("WWW.Example.org\n*.a.test:81", "hosts") == ("www.example.org", "*.a.test:81")
    assert read_addresses("192.0.2.7\n2001:db8::/32", "addresses") == (
        "192.0.2.7/32",
        "2001:db8::/32",
    )
    assert read_renamings("t.co = X\n a b=c = d", "sources") == (("t.co", "X"), ("a b", "c = d"))
    assert read_renamings("*.a.test=A.test", "hosts", hosts=True) == (("*.a.test", "a.test"),)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_paths, "/a\nb"),
        (read_paths, "\n".join(f"/{number}" for number in range(MOST + 1))),
        (read_hosts, "https://example.org"),
        (read_hosts, "a*.example.org"),
        (read_addresses, "localhost"),
        (read_addresses, "0.0.0.0/0"),
        (read_renamings, "t.co"),
        (read_renamings, "= X"),
        (read_renamings, "X ="),
        (read_renamings, "a = b\na = c"),
        (read_renamings, f"a = {'b' * (LONGEST + 1)}"),
    ],
)
def test_what_is_no_rule_is_refused_and_its_field_is_named(read, text):
    with pytest.raises(Malformed) as error:
        read(text, "the_field")
    assert error.value.field == "the_field"


def test_a_host_is_renamed_to_one_host():
    with pytest.raises(Malformed):
        read_renamings("a.test = *.b.test", "hosts", hosts=True)
