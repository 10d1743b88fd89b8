"""An error page keeps the frame of every page and leads back; programs get JSON."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from reports.sites.setup import make_setup_link
from server.app import build_app
from server.services import Services, open_services
from tests.factories import settings_in
from tests.reports.reading import Reading
from tests.server.test_ip_mode import FORM

HTML = {"Accept": "text/html"}


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    async with open_services(settings_in(tmp_path / "data")) as opened:
        yield opened


@pytest.fixture
async def client(services: Services) -> AsyncIterator[httpx2.AsyncClient]:
    """Yield a browser of a server that has an owner; nobody is signed in yet."""
    transport = httpx2.ASGITransport(app=build_app(services))
    async with httpx2.AsyncClient(transport=transport, base_url="https://a.test") as browser:
        link = await make_setup_link(services.ledger, services.clock)
        code = (link or "").partition("#code=")[2]
        form = FORM | {"code": code, "ip_mode": "whole"}
        made = await browser.post("/setup", data=form, headers={"Origin": "https://a.test"})
        assert made.status_code == 303, made.text
        browser.headers["X-Site"] = made.headers["location"].split("/")[2]
        yield browser


async def test_signed_in_staff_keep_the_header_and_are_led_to_their_sites(
    client: httpx2.AsyncClient,
) -> None:
    site = client.headers["X-Site"]
    opened = HTML | {"Sec-Fetch-Site": "same-origin"}
    answer = await client.get(f"/sites/{site}/visitors/{'a' * 32}", headers=opened)
    page = Reading(answer.text)

    assert answer.status_code == 404
    assert "There is no such visitor, or it was erased." in page.text
    assert page.links["To the list of sites"] == "/?all"
    assert "Sign out" in page.text
    assert page.fields["csrf"]


async def test_without_a_session_the_page_shows_no_sign_out(client: httpx2.AsyncClient) -> None:
    client.cookies.clear()
    answer = await client.get("/nowhere", headers=HTML)
    page = Reading(answer.text)

    assert answer.status_code == 404
    assert page.links["To the start"] == "/"
    assert page.links["Askfirst"] == "/"
    assert "Sign out" not in page.text


async def test_a_program_still_gets_json(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/nowhere")

    assert answer.json()["error"]["code"] == "not_found"


async def test_a_page_that_the_warehouse_is_too_slow_for_offers_to_try_the_same_again(
    client: httpx2.AsyncClient, services: Services
) -> None:
    path = f"/sites/{client.headers['X-Site']}/visitors?period=7d"
    opened = HTML | {"Sec-Fetch-Site": "same-origin"}
    assert services.warehouse.page_seconds == 30
    services.warehouse.page_seconds = 0
    answer = await client.get(path, headers=opened)
    page = Reading(answer.text)
    services.warehouse.page_seconds = 600
    again = await client.get(str(answer.url.join(page.links["Try again"])), headers=opened)

    assert answer.status_code == 503
    assert "The warehouse has not answered within 0 seconds" in page.text
    assert page.links["Try again"] == "?period=7d"
    assert again.status_code == 200
