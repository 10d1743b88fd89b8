"""A real proxy that the settings do not name is named in the log, once."""

import json
from pathlib import Path

import httpx2
import pytest

from benchmarks.load.serving import askfirst_command, free_port, serving
from tests.proxies.conftest import PROXIES, proxy


@pytest.mark.parametrize("name", PROXIES)
def test_a_proxy_that_is_not_trusted_is_named_once_with_what_to_set(tmp_path: Path, name: str):
    port, said = free_port(), tmp_path / "server"
    with serving(askfirst_command(tmp_path / "data", port), port, said):
        with proxy(name, port, tmp_path) as outside:
            for _ in range(5):
                assert httpx2.get(f"http://127.0.0.1:{outside}/tag.js").status_code == 200
        lines = [json.loads(one) for one in said.read_text().splitlines() if one.startswith("{")]
    named = [one for one in lines if one["event"] == "proxy_not_trusted"]

    assert [one["address"] for one in named] == ["127.0.0.1"]
    assert named[0]["setting"] == 'trusted_proxies = ["127.0.0.1"]'
