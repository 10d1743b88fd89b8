"""The demo: its website carries the tag, and generated visits are stored as real ones are."""

import io
from pathlib import Path

import httpx2
import pytest
from rich.console import Console

from askfirst.settings import Settings
from server.demo.command import DemoSetup
from server.demo.website import DOWNLOAD, TITLES
from server.services import open_services
from tests.factories import MAXMIND, StoppedClock


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_folder=tmp_path / "data", places_file=MAXMIND)


async def test_as_many_visits_are_generated_as_were_asked_for_each_with_its_consent(
    settings: Settings,
):
    app = DemoSetup("http://a.test", "http://b.test", 300, Console(quiet=True))
    async with open_services(settings, StoppedClock()) as services:
        await app.greet(services)
        events = services.warehouse.events()
        async with services.ledger.read() as connection:
            given = await connection.exec_driver_sql("SELECT consent_id FROM consent_records")
            consents = set(given.scalars())

    starts = events.groupby("visit_id")["time"].min()
    assert abs(len(starts) - 300) <= 6  # a visitor may come back within the half hour
    assert set(events["consent_id"]) <= consents
    assert set(events["kind"]) == {"page_view", "link_click"}
    assert events["time"].max().timestamp() * 1000 <= StoppedClock().now
    assert events["browser"].ne("").all()


async def test_a_second_demo_keeps_the_site_and_says_how_to_sign_in_without_the_password(
    settings: Settings,
):
    said = []
    for _ in range(2):
        console = Console(record=True, file=io.StringIO())
        app = DemoSetup("http://a.test", "http://b.test", 0, console)
        async with open_services(settings) as services:
            await app.greet(services)
            sites = len(services.book.all())
        said.append(console.export_text())

    assert sites == 1
    first, second = (" ".join(text.split()) for text in said)
    assert first.rpartition("Sign in as ")[2].startswith("owner@example.org with the password ")
    folder = settings.data_folder.absolute()
    assert second.endswith(
        "Sign in as owner@example.org; if the password is lost: askfirst staff reset"
        f" --data {folder}"
    )


async def test_each_page_of_the_website_carries_the_tag(settings: Settings):
    app = DemoSetup("http://a.test", "http://b.test", 0, Console(quiet=True))
    async with open_services(settings) as services:
        await app.greet(services)
        key = services.book.all()[0].key
    transport = httpx2.ASGITransport(app=app.website)
    async with httpx2.AsyncClient(transport=transport, base_url="http://b.test") as client:
        pages = [await client.get(path) for path in TITLES]
        download = await client.get(DOWNLOAD)

    for page in pages:
        assert page.status_code == 200
        assert f'src="http://a.test/tag.js" data-site="{key}"' in page.text
    assert "attachment" in download.headers["content-disposition"]
