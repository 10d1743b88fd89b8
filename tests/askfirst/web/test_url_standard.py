"""The vectors of the URL Standard: none stores a secret, and what they lead to is recorded.

They are those of web-platform-tests; see NOTICE.
"""

import json
import lzma
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest

from askfirst.web.recorded_urls import recorded_url
from collector.enrichment.enrich import address_of, rest_of
from collector.enrichment.sources.addresses import read_referrer
from collector.enrichment.sources.origin import source_of
from collector.intake.column_filter import host_only

PACKED = Path(__file__).parents[2] / "data" / "url-standard.json.xz"
VECTORS: list[dict[str, Any]] = json.loads(lzma.decompress(PACKED.read_bytes()))
NONE: frozenset[str] = frozenset()
WEB = ("http:", "https:")
NO_NAME = {".", "..", "foo.09..", "!\"$&'()*+,-.;=_`{}~"}
"""Hosts that the standard allows and no name server has: they are none for us."""
PERSONAL = {"/b:c/d@foo.com/": "/b:c/:email/"}
"""Paths with an e-mail address, which is masked."""


def texts(vector: dict[str, Any]) -> set[str]:
    return {vector["input"], vector.get("href", "")}


def is_absolute(vector: dict[str, Any]) -> bool:
    """Return whether an input means the same without its base."""
    if vector.get("base", "about:blank") == "about:blank":
        return True
    return re.match(r"https?:[/\\]{2}", vector["input"].lstrip(), re.I) is not None


def is_same_path(recorded: str, standard: str) -> bool:
    """Return whether paths differ in nothing but the spelling of their escapes."""
    return (
        recorded.count("/") == standard.count("/")
        and unquote_to_bytes(recorded) == unquote_to_bytes(standard)
        and re.fullmatch(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-F]{2})*", recorded) is not None
    )


def test_a_web_address_is_recorded_with_the_host_and_path_that_browsers_give_it():
    compared = 0
    for vector in VECTORS:
        if vector.get("protocol") not in WEB or vector["host"] in NO_NAME:
            continue
        start = f"{vector['protocol']}//{vector['host']}"
        path = PERSONAL.get(vector["pathname"], vector["pathname"])
        for text in {vector["href"], *([vector["input"]] if is_absolute(vector) else [])}:
            recorded = recorded_url(text, NONE)
            assert recorded.startswith(f"{start}/"), vector
            assert is_same_path(recorded.removeprefix(start), path), vector
            compared += 1
    assert compared > 300


def test_what_is_no_url_by_the_standard_is_not_recorded():
    failing = [vector["input"] for vector in VECTORS if vector.get("failure")]
    assert len(failing) > 200
    assert {text: recorded_url(text, NONE) for text in failing if recorded_url(text, NONE)} == {}


@pytest.mark.parametrize("kept", [NONE, frozenset({"utm_source"})])
def test_no_vector_leaves_user_password_fragment_or_an_unlisted_parameter(kept: frozenset[str]):
    for vector in VECTORS:
        for text in texts(vector):
            recorded = recorded_url(text, kept)
            assert not set("?#\\ \t\r\n") & set(recorded), vector
            assert recorded.isascii()
            scheme, between, rest = recorded.partition("://")
            if between:
                assert "@" not in rest.partition("/")[0], vector
            else:
                assert scheme == "" or scheme.startswith(("mailto:", "tel:")), vector
            assert recorded_url(recorded, kept) == recorded, vector


def test_no_script_data_or_file_is_recorded_whatever_follows():
    for vector in VECTORS:
        for text in texts(vector):
            assert not recorded_url(text, NONE).startswith(
                ("javascript:", "data:", "file:", "blob:")
            )


def test_page_referrer_and_link_are_read_alike_and_none_raises():
    for vector in VECTORS:
        for text in texts(vector):
            recorded = recorded_url(text, NONE)
            source_of(text, text, ("example.com",))
            rest_of(text, ("a",))
            host_only(text, ())
            host_only(recorded, ())
            if not recorded.startswith(WEB):
                assert text.startswith(("/", "\\")) or not read_referrer(text).host, vector
                continue
            host = re.sub(r":[0-9]+\Z", "", recorded.split("/")[2])
            assert read_referrer(text).host == read_referrer(recorded).host == host, vector
            assert address_of(recorded).host == recorded.split("/")[2], vector
