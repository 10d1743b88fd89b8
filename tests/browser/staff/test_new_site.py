"""The forms of the first start and of a new site in Chromium: their defaults and their layout."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from sqlalchemy import insert

from askfirst.store.ledger.tables import staff
from tests.browser.conftest import NewProfile
from tests.browser.staff.test_wordings import faults, signed_in
from tests.browser.stage import Stage, open_stage
from tests.reports.garden import EMAIL, HASH


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bare(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Yield a server that has no owner's account yet."""
    async with open_stage(tmp_path_factory.mktemp("bare")) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def owned(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path_factory.mktemp("owned")) as opened:
        owner = {"email": EMAIL, "password_hash": HASH, "created_at": 0}
        async with opened.services.ledger.write() as connection:
            await connection.execute(insert(staff), [owner])
        yield opened


async def form(
    path: str, bare: Stage, owned: Stage, new_profile: NewProfile, **options: object
) -> Page:
    profile = await new_profile(**options)
    if path == "/setup":
        page = await profile.new_page()
        await page.goto(f"{bare.base}{path}")
    else:
        page = await signed_in(owned, profile)
        await page.goto(f"{owned.base}{path}")
    return page


BOTH = pytest.mark.parametrize("path", ["/setup", "/sites/new"])


@BOTH
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kolkata", "America/Sao_Paulo"])
async def test_the_time_zone_and_the_language_begin_with_the_browsers(
    bare: Stage, owned: Stage, new_profile: NewProfile, path: str, zone: str
) -> None:
    options = {"timezone_id": zone, "locale": "fr-CA"}
    page = await form(path, bare, owned, new_profile, **options)

    assert await page.input_value("#time_zone") in (zone, "Asia/Calcutta")
    assert await page.input_value("#language") == "fr"
    assert await page.input_value("#ip_mode") == "shortened"


@BOTH
async def test_without_scripts_and_for_zones_that_are_not_listed_it_stays_utc(
    bare: Stage, owned: Stage, new_profile: NewProfile, path: str
) -> None:
    berlin = {"java_script_enabled": False, "timezone_id": "Europe/Berlin"}
    page = await form(path, bare, owned, new_profile, **berlin)
    assert await page.input_value("#time_zone") == "UTC"
    page = await form(path, bare, owned, new_profile, timezone_id="Etc/GMT+5")
    assert await page.input_value("#time_zone") == "UTC"


async def test_a_zone_that_was_chosen_stays_when_the_form_comes_back_with_errors(
    bare: Stage, owned: Stage, new_profile: NewProfile
) -> None:
    page = await form("/sites/new", bare, owned, new_profile, timezone_id="Europe/Berlin")
    await page.select_option("#time_zone", "Europe/London")
    await page.eval_on_selector("main form", "form => form.noValidate = true")
    await page.click("main form.stack button[type=submit]")
    await expect(page.locator("[data-errors]")).to_be_focused()

    assert await page.input_value("#time_zone") == "Europe/London"
    await page.locator("[data-errors] a").first.click()
    await expect(page.locator("#name")).to_be_focused()


@BOTH
async def test_the_forms_fit_and_axe_finds_nothing(
    bare: Stage, owned: Stage, new_profile: NewProfile, path: str
) -> None:
    page = await form(path, bare, owned, new_profile)

    assert await faults(page) == []
