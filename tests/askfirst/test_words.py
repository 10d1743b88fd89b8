"""Errors, times, hosts, visitor ids and shipped files, which all packages share."""

import hashlib
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst import errors
from askfirst.clock import as_iso, system_clock, utc_day
from askfirst.columns import EVENT_COLUMNS
from askfirst.consents import REASON_SENTENCES, Reason
from askfirst.sites import Site, host_of, new_site_key
from askfirst.store.warehouse.batches import ARROW_SCHEMA
from askfirst.system.assets import asset_hash, asset_path
from askfirst.visitors import is_visitor_id, new_visitor_id


def site_of(*hosts):
    facts = {"id": 1, "key": "k", "name": "n", "time_zone": "UTC", "ip_mode": "whole"}
    return Site(**facts, hosts=hosts, policy_version=1, min_policy_version=1)


def test_every_error_has_its_own_code_and_one_shape():
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type)
        and issubclass(kind, errors.AskfirstError)
        and kind is not errors.Refused
    ]
    assert len({kind.code for kind in kinds}) == len(kinds)
    for kind in kinds:
        body = kind("It is so.").body()
        assert body == {"error": {"code": kind.code, "message": "It is so."}}


def test_an_error_names_its_field_and_when_to_come_back():
    error = errors.TooFast("Slowly.", field="events[0]", retry_after=7)
    assert error.body()["error"]["field"] == "events[0]"
    assert error.headers() == {"Retry-After": "7"}
    assert errors.Malformed("No.").headers() == {}


def test_a_refusal_carries_its_reason_as_the_code():
    refused = errors.Refused(Reason.WITHDRAWN, REASON_SENTENCES[Reason.WITHDRAWN])
    assert refused.status == 403
    assert refused.body()["error"]["code"] == "withdrawn"


def test_every_reason_has_a_sentence():
    assert set(REASON_SENTENCES) == set(Reason)
    assert all(sentence.endswith(".") for sentence in REASON_SENTENCES.values())


def test_the_errors_that_are_tallied_are_reasons():
    for kind in (errors.Malformed, errors.TooLarge, errors.TooFast, errors.Unavailable):
        assert kind.code in set(Reason)


def test_times_are_written_in_utc_with_milliseconds():
    assert as_iso(1_789_992_000_007) == "2026-09-21T12:00:00.007Z"
    assert utc_day(1_789_992_000_000) == "2026-09-21"
    assert utc_day(1_789_992_000_000 + 12 * 3_600_000 - 1) == "2026-09-21"
    assert utc_day(1_789_992_000_000 + 12 * 3_600_000) == "2026-09-22"


def test_the_machines_clock_counts_milliseconds():
    assert abs(system_clock() - time.time() * 1000) < 5000


@pytest.mark.parametrize(
    ("entries", "host", "allowed"),
    [
        (["example.org"], "example.org", True),
        (["example.org"], "example.org:8443", True),
        (["example.org"], "www.example.org", False),
        (["example.org"], "notexample.org", False),
        (["localhost:8001"], "localhost:8001", True),
        (["localhost:8001"], "localhost:8002", False),
        (["localhost:8001"], "localhost", False),
        (["*.example.org"], "a.b.example.org", True),
        (["*.example.org"], "example.org", False),
        (["*.example.org"], "notexample.org", False),
        (["example.org"], None, False),
        (["example.org"], "", False),
        ([], "example.org", False),
    ],
)
def test_a_site_allows_its_own_hosts_alone(entries, host, allowed):
    assert site_of(*entries).allows(host) is allowed


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Example.org/x", "example.org"),
        ("http://localhost:8001", "localhost:8001"),
        ("https://user:word@example.org/", "example.org"),
        ("https://evil.example#@example.org", "evil.example"),
        ("https://evil.example/@example.org", "evil.example"),
        ("ftp://example.org", None),
        ("javascript:alert(1)", None),
        ("null", None),
        ("", None),
        ("https://", None),
        ("https://[", None),
        ("https://example.org:65535", "example.org:65535"),
        ("https://example.org:65536", None),
        ("https://example.org:99999/x", None),
        ("https://[::1]:99999", None),
        ("https://example.org./a", "example.org"),
        ("https://example.org.:8443/", "example.org:8443"),
        ("https://./", "."),
        ("https://example.org../", "example.org.."),
    ],
)
def test_the_host_of_a_web_address_is_what_a_browser_would_ask(url, host):
    assert host_of(url) == host


@given(st.text())
def test_any_text_has_a_host_or_none(text):
    assert host_of(text) is None or isinstance(host_of(text), str)


def test_site_keys_and_visitor_ids_are_random_and_of_their_form():
    assert re.fullmatch("[0-9a-f]{16}", new_site_key())
    assert new_site_key() != new_site_key()
    assert is_visitor_id(new_visitor_id())
    assert new_visitor_id() != new_visitor_id()


@pytest.mark.parametrize(
    "text", ["", "0" * 31, "0" * 33, "G" * 32, "A" * 32, "٣" * 32, "0" * 31 + " "]
)
def test_what_is_no_visitor_id_is_recognized(text):
    assert not is_visitor_id(text)


def test_the_warehouses_arrow_schema_has_the_columns_of_an_event():
    assert ARROW_SCHEMA.names == list(EVENT_COLUMNS)


def test_a_shipped_file_is_named_by_the_hash_of_its_bytes():
    name = "static/css/public.css"
    digest = hashlib.sha256(asset_path(name).read_bytes()).hexdigest()
    assert asset_hash(name) == digest[:12]
