"""The base path: each address of ours gets it once, and loses all of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.errors import Misconfigured
from askfirst.settings import load_settings
from askfirst.web.base_path import OURS, base_path, is_ours, linked_under, with_base, without_base

SEGMENT = st.from_regex(r"[A-Za-z0-9_~-]{1,6}", fullmatch=True).filter(lambda one: not is_ours(one))
BASES = st.lists(SEGMENT, max_size=3).map(lambda parts: "".join(f"/{one}" for one in parts))
PATHS = st.tuples(st.sampled_from(sorted(OURS)), st.text("a/?#=", max_size=6)).map(
    lambda parts: f"/{parts[0]}/{parts[1]}"
)


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("", ""),
        ("https://ask.example.org", ""),
        ("https://ask.example.org/", ""),
        ("https://www.example.org/askfirst", "/askfirst"),
        ("https://www.example.org/askfirst/", "/askfirst"),
        ("https://www.example.org/Stats/Ask-1.0_~", "/Stats/Ask-1.0_~"),
        ("https://www.example.org/Ask%20f%C3%BCrst", "/Ask%20f%C3%BCrst"),
    ],
)
def test_the_path_of_the_setting_is_the_servers(url: str, base: str):
    assert base_path(url) == base
    assert load_settings({"public_url": url}, {}).base_path == base


@pytest.mark.parametrize(
    "path",
    [
        "?x",
        "/a?x=1",
        "/a#b",
        "/a//b",
        "//a",
        "/..",
        "/a/./b",
        "/%2e%2e",
        "/a%2Fb",
        "/a%00",
        "/%FF",
        "/%E2%80%AE",
        "/a%",
        '/a"b',
        "/a;b",
        "/ü",
        "/sites",
        "/static/x",
        "/tag.js",
        "/%73ites",
    ],
)
def test_a_path_that_no_server_can_lie_under_stops_the_start(path: str):
    with pytest.raises(Misconfigured, match="The setting public_url is wrong"):
        load_settings({"public_url": f"https://www.example.org{path}"}, {})


@given(BASES, PATHS)
def test_what_gets_the_path_loses_it_again_and_gets_it_only_once(base: str, path: str):
    reached = with_base(base, path)

    assert reached == base + path
    assert with_base(base, reached) == reached
    assert without_base(base, reached) == path
    assert without_base(base, path) == path


@pytest.mark.parametrize(
    "address",
    ["https://elsewhere.example/", "//elsewhere.example/", "/\\evil", "?page=2", "#main", ""],
)
def test_what_is_no_path_of_ours_is_left_alone(address: str):
    assert with_base("/askfirst", address) == address


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("/askfirst", "/"),
        ("/askfirst/", "/"),
        ("/askfirst/event", "/event"),
        ("/askfirstx/event", "/askfirstx/event"),
        ("/Askfirst/event", "/Askfirst/event"),
        ("/askfirst/askfirst/event", "/askfirst/event"),
    ],
)
def test_only_the_whole_path_is_taken_off_and_only_once(path: str, known: str):
    assert without_base("/askfirst", path) == known


def test_tags_get_the_path_and_texts_do_not():
    html = '<a class="b" href="/sites">href=&#34;/sites&#34;</a> {"href": "/x"} <b title="/c">'

    assert linked_under("/askfirst", html) == html.replace(
        'href="/sites"', 'href="/askfirst/sites"'
    )
    assert linked_under("", html) == html
