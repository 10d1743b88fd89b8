"""The address of a ClickHouse database: what it may say, and that its password stays secret."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.errors import Misconfigured
from askfirst.store.warehouse.clickhouse.address import Address, address_of, is_clickhouse

SECRET = "hunter2-secret"


def test_an_address_has_defaults() -> None:
    assert address_of("clickhouse://db.example/askfirst", {}) == Address("db.example", "askfirst")


def test_every_option_is_read() -> None:
    url = (
        "clickhouse://ask%40first:p%3Aw%2F@[::1]:9000/stats?secure=1&verify=0&cluster=two-shards"
        "&ca_cert=/etc/ca.pem&connect_timeout=3&timeout=600"
    )
    assert address_of(url, {}) == Address(
        host="::1",
        database="stats",
        port=9000,
        user="ask@first",
        password="p:w/",
        secure=True,
        verify=False,
        ca_cert="/etc/ca.pem",
        cluster="two-shards",
        connect_timeout=3,
        timeout=600,
    )


def test_a_secure_address_has_the_secure_port() -> None:
    assert address_of("clickhouse://db/askfirst?secure=1", {}).port == 8443


def test_a_password_comes_from_the_url_a_file_or_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{SECRET}\n")
    variables = {"CLICKHOUSE_PASSWORD": "other"}
    assert address_of(f"clickhouse://u:{SECRET}@db/a", variables).password == SECRET
    assert address_of(f"clickhouse://u@db/a?password_file={file}", variables).password == SECRET
    assert address_of("clickhouse://u@db/a", variables).password == "other"
    assert address_of("clickhouse://u@db/a", {}).password == ""


def test_a_password_is_not_shown() -> None:
    address = address_of(f"clickhouse://u:{SECRET}@db/a", {})
    assert SECRET not in f"{address} {address!r}"
    assert str(address) == "clickhouse://db:8123/a"


@pytest.mark.parametrize(
    "url",
    [
        "clickhouse:///a", "clickhouse://db", "clickhouse://db/", "http://db/a",
        "clickhouse://db/a/b", "clickhouse://db/a;b", "clickhouse://db/a%60b", "clickhouse://db:x/a",
        "clickhouse://db:0/a", "clickhouse://db:70000/a", "clickhouse://[::1/a",
        "clickhouse://db/a#b", "clickhouse://db/a?secure=maybe", "clickhouse://db/a?cluster=",
        "clickhouse://db/a?cluster=x'y", "clickhouse://db/a?timeout=0", "clickhouse://db/a?timeout=-1",
        "clickhouse://db/a?timeout=1e3", "clickhouse://db/a?unknown=1",
        "clickhouse://db/a?secure=1&secure=0", "clickhouse://db/a?password_file=/nowhere/at/all",
        "clickhouse://u:p@db/a?password_file=/etc/hostname",
    ],
)  # fmt: skip
def test_a_wrong_address_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured) as raised:
        address_of(url, {})
    assert raised.value.field == "warehouse"


@given(st.text(max_size=60))
def test_a_wrong_address_is_refused_without_its_password(rest: str) -> None:
    said = ""
    try:
        address_of(f"clickhouse://user:{SECRET}@{rest}", {})
    except Misconfigured as error:
        said = "".join(traceback.format_exception(error, limit=0))
    assert SECRET not in said


def test_a_file_of_duckdb_is_not_taken_for_an_address() -> None:
    assert is_clickhouse("clickhouse://db/a")
    assert not is_clickhouse("")
    assert not is_clickhouse("/srv/clickhouse/warehouse.duckdb")
