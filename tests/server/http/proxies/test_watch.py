"""A proxy that is set up wrongly is named in the log and on the Install page; strangers are not."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from askfirst.proxy_diagnosis import is_nearby
from askfirst.settings import Settings
from server.app import ServerApp, build_app
from server.http.proxies.watch import ENOUGH, ProxyWatch
from tests.factories import settings_in
from tests.reports.reading import Reading
from tests.server.http.test_under_path import signed_in
from tests.world import open_world

NAMES = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")


def logged(
    peer: str, *names: str, times: int = 1, clients: int = 1, **settings: Any
) -> list[dict[str, Any]]:
    watch = ProxyWatch(Settings(**settings))
    with capture_logs() as lines:
        for number in range(times):
            client = f"203.0.113.{number % clients}<script>".encode()
            headers = [(name.lower().encode(), client) for name in names]
            watch.see({"type": "http", "client": (peer, 1), "headers": headers})
    return [dict(line) for line in lines]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_a_proxy_of_this_machine_is_named_once_with_what_to_set(peer: str, name: str):
    (line,) = logged(peer, name, times=50, trusted_proxies=("192.0.2.7",))
    address = "::1" if peer == "::1" else "127.0.0.1"

    assert line["event"] == "proxy_not_trusted"
    assert line["setting"] == f'trusted_proxies = ["192.0.2.7", "{address}"]'
    assert "203.0.113" not in str(line)
    assert "If it is your own proxy, trust it." in line["means"]


NEARBY = pytest.mark.parametrize("peer", ["172.17.0.1", "10.1.2.3", "192.168.1.1", "fd00::1"])


@NEARBY
def test_a_proxy_of_a_private_network_is_named_when_it_speaks_for_many(peer: str):
    many = {"times": 10 * ENOUGH, "clients": ENOUGH}
    assert logged(peer, "X-Forwarded-For", times=10 * ENOUGH, clients=ENOUGH - 1) == []
    assert len(logged(peer, "X-Forwarded-For", **many)) == 1


@NEARBY
def test_law_4_a_visitor_nearby_whose_own_filter_writes_such_headers_is_not_named(peer: str):
    assert logged(peer, *NAMES, times=10 * ENOUGH) == []


@pytest.mark.parametrize("peer", ["198.51.100.7", "8.8.8.8", "2001:db8::1", "", "testclient"])
def test_law_4_a_stranger_who_writes_a_proxys_headers_is_not_named(peer: str):
    assert logged(peer, *NAMES, times=50) == []


def test_without_a_proxys_headers_nothing_is_said():
    assert logged("127.0.0.1", "User-Agent", times=50) == []


def test_many_addresses_do_not_fill_the_log():
    watch = ProxyWatch(Settings())
    with capture_logs() as lines:
        for number in range(5000):
            peer = (f"127.1.{number // 250}.{number % 250}", 1)
            watch.see({"type": "http", "client": peer, "headers": [(b"via", b"x")]})
    assert len(lines) <= 64


@given(st.text() | st.ip_addresses().map(str))
def test_no_address_fails(text: str):
    assert is_nearby(text) in (True, False)


async def test_the_server_itself_watches_what_its_proxy_passes_on(tmp_path: Path):
    app = ServerApp(settings_in(tmp_path / "data"))
    client = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app, client=("127.0.0.1", 1)), base_url="http://test"
    )
    with capture_logs() as lines:
        for _ in range(3):
            await client.get("/tag.js", headers={"X-Forwarded-For": "203.0.113.9"})
    assert [line["event"] for line in lines] == ["proxy_not_trusted"]


async def test_a_proxy_that_is_trusted_is_not_named(tmp_path: Path):
    app = ServerApp(settings_in(tmp_path / "data", trusted_proxies=("127.0.0.1",)))
    client = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app, client=("127.0.0.1", 1)), base_url="http://test"
    )
    with capture_logs() as lines:
        await client.get("/tag.js", headers={"X-Forwarded-For": "203.0.113.9"})
    assert lines == []


async def test_a_network_of_strangers_among_the_proxies_is_named_at_the_start():
    with capture_logs() as lines:
        ProxyWatch(Settings(trusted_proxies=("0.0.0.0/0",))).begin()
        ProxyWatch(Settings(trusted_proxies=("10.0.0.0/8", "::1", "2001:db8::/32"))).begin()
    assert [line["event"] for line in lines] == ["proxies_trusted_too_widely"]


PROXIED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
RIGHT = {"public_url": "https://www.example.org", "trusted_proxies": ("127.0.0.1",)}


@pytest.mark.parametrize(
    ("settings", "headers", "named"),
    [
        (RIGHT, PROXIED, ""),
        ({}, {}, ""),
        ({**RIGHT, "trusted_proxies": ()}, PROXIED, "proxy-not-trusted"),
        ({**RIGHT, "trusted_proxies": ("10.0.0.1",)}, {"Via": "1.1 x"}, "proxy-not-trusted"),
        ({**RIGHT, "trusted_proxies": ("0.0.0.0/0",)}, PROXIED, "proxies-trusted-too-widely"),
        (RIGHT, {**PROXIED, "X-Forwarded-Proto": "http"}, "scheme-not-told"),
        ({"trusted_proxies": ("127.0.0.1",)}, PROXIED, "public-url-not-set"),
        (RIGHT, {**PROXIED, "Host": "127.0.0.1:8000"}, "host-not-passed-on"),
    ],
)
async def test_the_page_install_names_what_the_owners_own_request_shows(
    tmp_path: Path, settings: dict[str, Any], headers: dict[str, str], named: str
):
    async with open_world(tmp_path, **settings) as world:
        same = {"Origin": "https://www.example.org", "Sec-Fetch-Site": "same-origin"}
        transport = httpx2.ASGITransport(build_app(world.services), client=("127.0.0.1", 1))
        world.client = httpx2.AsyncClient(
            transport=transport, base_url="https://www.example.org", headers=same
        )
        path = await signed_in(world, "")
        cookies = "; ".join(f"{one.name}={one.value}" for one in world.client.cookies.jar)
        page = Reading((await world.client.get(path, headers={**headers, "Cookie": cookies})).text)
    notices = [
        given.get("id", "") for _, given in page.tags if "notice bad" in given.get("class", "")
    ]

    assert notices == ([named] if named else [])
    assert "203.0.113.9" not in page.html
    if named == "proxy-not-trusted":
        assert "trusted_proxies = [" in page.text
        assert '"127.0.0.1"]' in page.text
