"""The staff's cookies are tied to this host where browsers come by https, and HSTS keeps them."""

import httpx2
import pytest

from tests.reports.garden import BASE, EMAIL, PASSWORD, Garden, open_garden
from tests.world import open_world

FORM = {"email": EMAIL, "password": PASSWORD}
SAME = {"Sec-Fetch-Site": "same-origin"}


def _reached_by(garden: Garden, base: str) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=garden.app(), client=("127.0.0.1", 5))
    return httpx2.AsyncClient(transport=transport, base_url=base, headers=SAME)


async def test_behind_a_proxy_that_is_not_named_the_cookie_is_secure_by_the_setting(tmp_path):
    async with open_garden(tmp_path, public_url=BASE) as garden:
        answer = await _reached_by(garden, "http://127.0.0.1:8000").post("/sign-in", data=FORM)
        [cookie] = answer.headers.get_list("set-cookie")[:1]
        name, value = cookie.partition(";")[0].split("=")
        back = await _reached_by(garden, "http://127.0.0.1:8000").get(
            "/sites/new", headers={"Cookie": f"{name}={value}"}
        )

    assert name == "__Host-askfirst_staff"
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= set(cookie.lower().split("; "))
    assert "domain" not in cookie.lower()
    assert back.status_code == 200


async def test_by_plain_http_the_cookie_has_its_plain_name(garden):
    answer = await _reached_by(garden, "http://reports.example").post("/sign-in", data=FORM)
    cookie = answer.headers["set-cookie"]

    assert cookie.startswith("askfirst_staff=")
    assert "secure" not in cookie.lower()


async def test_a_cookie_that_another_host_may_have_set_is_not_read_where_we_are_https(garden):
    client = await garden.signed_in()
    secret = client.cookies["__Host-askfirst_staff"]
    planted = garden.client(Cookie=f"askfirst_staff={secret}")

    assert (await planted.get("/sites/new")).status_code == 303


async def test_signing_out_takes_the_cookie_back_the_way_it_was_set(garden):
    client = await garden.signed_in()
    csrf = (await client.get("/sites/new")).text.partition('name="csrf" value="')[2][:43]
    answer = await client.post("/sign-out", data={"csrf": csrf})
    cookie = answer.headers["set-cookie"].lower()

    assert {"max-age=0", "secure", "path=/"} <= set(cookie.split("; "))
    assert "__Host-askfirst_staff" not in client.cookies


HSTS = "strict-transport-security"


@pytest.mark.parametrize(
    ("public_url", "host", "path", "told"),
    [
        ("https://stats.example", "stats.example", "/sign-in", "max-age=31536000"),
        ("https://stats.example", "stats.example", "/nothing-here", "max-age=31536000"),
        ("https://stats.example", "stats.example", "/tag.js", None),
        ("https://stats.example", "shop.example", "/sign-in", None),
        ("http://stats.example", "stats.example", "/sign-in", None),
        ("", "stats.example", "/sign-in", None),
    ],
)
async def test_a_page_of_an_https_server_is_fetched_by_https_for_a_year(
    tmp_path, public_url, host, path, told
):
    async with open_world(tmp_path, public_url=public_url) as world:
        client = world.browser().client
        headers = {"Host": host, "Accept": "text/html"}
        answer = await client.get(path, headers=headers)

    assert answer.headers.get(HSTS) == told
