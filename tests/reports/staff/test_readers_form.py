"""Staff read dates and numbers in the form of their language; files and programs read one form."""

from pathlib import Path

import pytest

from reports.mail.subscriptions import Subscriptions
from tests.reports.garden import EMAIL, Garden, open_garden
from tests.reports.reading import Reading

GERMAN = {"Accept-Language": "tlh, de-DE;q=0.9, en;q=0.8"}
PAGES = ("", "/visitors", "/choices", "/coverage", "/goals", "/return", "/compare", "/not-recorded")


@pytest.fixture
async def garden(tmp_path: Path):
    async with open_garden(tmp_path) as opened:
        for hour in range(3):
            opened.event(f"2025-12-03T1{hour}:00:00", path="/tea")
            seen = {"kind": "engagement", "engaged_ms": 4000, "scroll": 40}
            opened.event(f"2025-12-03T1{hour}:01:00", path="/tea", **seen)
        opened.store()
        yield opened


async def test_a_page_has_the_form_of_the_browsers_language_and_stays_english(
    garden: Garden,
) -> None:
    client = await garden.signed_in()
    path = f"/sites/{garden.site.key}"
    german = await client.get(path, headers=GERMAN)
    usual = await client.get(path, headers={"Accept-Language": "en"})
    plain = await client.get(path)

    assert "3. Dez. 2025" in german.text
    assert "Mi., 3. Dez. 2025" in german.text
    assert '<html lang="en"' in german.text
    assert "Page views" in german.text
    assert "3 Dec 2025" in usual.text
    assert usual.text == plain.text
    assert "Accept-Language" in german.headers["vary"]


async def test_numbers_that_templates_name_themselves_have_the_form_of_each_reader(
    garden: Garden,
) -> None:
    client = await garden.signed_in()
    path, share = f"/sites/{garden.site.key}", "25\N{NO-BREAK SPACE}%"
    usual = await client.get("/account")
    german = {
        page: (await client.get(page, headers=GERMAN)).text
        for page in ("/account", path, f"{path}/scroll", f"{path}/charts/scroll", f"{path}/wording")
    }

    assert "12,345; 42.1%" in usual.text
    assert "12.345; 42,1\N{NO-BREAK SPACE}%" in german["/account"]
    assert f'<span class="name">{share}</span>' in german[path]
    assert f">{share}</th>" in german[f"{path}/scroll"]
    assert f">{share}</th>" in german[f"{path}/charts/scroll"]
    assert "At least 4,5 is needed" in german[f"{path}/wording"]


async def test_every_report_can_be_read_in_other_forms(garden: Garden) -> None:
    client = await garden.signed_in()
    for tag in ("ar", "hi-IN"):
        for page in PAGES:
            path = f"/sites/{garden.site.key}{page}"
            answer = await client.get(path, headers={"Accept-Language": tag})
            assert answer.status_code == 200, (tag, page)


@pytest.mark.parametrize("form", ["csv", "json"])
async def test_a_table_as_a_file_is_the_same_for_every_reader(garden: Garden, form: str) -> None:
    client = await garden.signed_in()
    for table in ("over-time", "pages", "coverage", "new-and-returning"):
        path = f"/sites/{garden.site.key}/files/{table}.{form}"
        german = await client.get(path, headers=GERMAN)
        assert german.status_code == 200, table
        assert german.text == (await client.get(path)).text


async def test_what_an_account_has_chosen_comes_before_the_browsers_language(
    garden: Garden,
) -> None:
    client = await garden.signed_in()
    csrf = Reading((await client.get("/account")).text).fields["csrf"]
    chosen = await client.post("/account/language", data={"csrf": csrf, "dates": "ja"})
    page = await client.get(chosen.headers["location"], headers=GERMAN)
    wrong = await client.post("/account/language", data={"csrf": csrf, "dates": '"><script>'})
    foreign = await client.post("/account/language", data={"dates": "de"})
    back = await client.post("/account/language", data={"csrf": csrf, "dates": ""})

    assert '<option value="ja" lang="ja" selected>' in page.text
    assert "Now: " in page.text
    assert "2026年1月1日" in page.text
    assert wrong.status_code == 400
    assert "script" not in wrong.text
    assert foreign.status_code == 403
    assert "1. Jan. 2026" in (await client.get(back.headers["location"], headers=GERMAN)).text


async def test_mail_is_written_as_for_who_chose_it_or_as_the_account_says(garden: Garden) -> None:
    client = await garden.signed_in()
    subscriptions = Subscriptions(garden.deps.ledger, garden.clock)
    csrf = Reading((await client.get("/account")).text).fields["csrf"]
    fields = {"csrf": csrf, "day": "yes", "hour": "7", "silent_hours": "3"}
    path = f"/sites/{garden.site.key}/mail"
    languages = []
    for chosen in ("", "fr"):
        await client.post("/account/language", data={"csrf": csrf, "dates": chosen})
        await client.post(path, data=fields, headers=GERMAN if not chosen else {})
        languages += [one.language for one in await subscriptions.of(garden.site.id, EMAIL)]

    assert languages == ["de-DE", "fr"]
