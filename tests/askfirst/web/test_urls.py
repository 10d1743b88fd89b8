"""Splitting a web address never raises, and only one file does it."""

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.web.urls import NO_ADDRESS, PORT, split_address

ROOT = Path(__file__).parents[3]
ROOMS = ("askfirst", "collector", "consent", "reports", "server")


@pytest.mark.parametrize("text", ["//[", "http://[", "//]", "https://a\u2100.example/", "//[x]"])
def test_what_the_library_cannot_read_has_empty_parts(text):
    assert split_address(text) == NO_ADDRESS
    assert split_address(text).hostname is None


@given(st.text() | st.text("/[]:@?#%\\.a\u2100", max_size=20))
def test_no_text_raises(text):
    parts = split_address(text)
    assert isinstance(parts.hostname, str | None)


def test_no_other_file_takes_an_address_apart_by_the_library():
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    names = {
        str(path.relative_to(ROOT))
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name | ast.alias)
        and (node.id if isinstance(node, ast.Name) else node.name) in ("urlsplit", "urlparse")
    }
    assert names == {"askfirst/web/urls.py"}


@given(st.from_regex(r"[0-9]{1,5}", fullmatch=True))
def test_a_port_is_a_number_of_sixteen_bits(text: str):
    assert bool(re.fullmatch(PORT, text)) is (int(text) <= 65535)


@pytest.mark.parametrize("port", [0, 1, 9, 80, 59999, 60000, 64999, 65499, 65529, 65535])
def test_the_ports_at_the_edges_are_ports(port: int):
    assert re.fullmatch(PORT, str(port))
    assert not re.fullmatch(PORT, str(port + 65536))
