"""Report pages show addresses and hosts in people's letters; links and files keep the machine's."""

# ruff: noqa: RUF001, letters that look alike are what is tested
import io
import zipfile

from tests.reports.garden import ANNA, Garden
from tests.reports.reading import Reading

DAYS = "?period=custom&from=2025-12-29&to=2025-12-31"
ENCODED = "/caf%C3%A9/%D0%BC%D0%B5%D0%BD%D1%8E"
HOST = "xn--mnchen-3ya.example"


async def _recorded(garden: Garden) -> None:
    await garden.consent(ANNA)
    garden.event("2025-12-30T10:00", path=ENCODED, host=HOST, referrer_host=HOST)
    garden.event(
        "2025-12-30T10:01",
        path="/next",
        referrer=f"https://{HOST}{ENCODED}",
        referrer_host=HOST,
    )
    for kind, query in (("outbound", "q=%C3%BC"), ("internal", "q=%C3%B6")):
        url = f"https://{HOST}{ENCODED}?{query}"
        garden.event("2025-12-30T10:02", kind="link_click", link_url=url, link_kind=kind)
    garden.event("2025-12-30T10:03", path="/%E2%80%AEgpj.exe")
    garden.store()


async def test_the_overview_names_pages_links_and_sources_readably(garden: Garden) -> None:
    await _recorded(garden)
    page = await garden.overview(DAYS)

    assert "/café/меню" in page.text
    assert "münchen.example/café/меню?q=ü" in page.text
    assert HOST not in page.text
    assert "%C3%A9" not in page.text
    assert "/%E2%80%AEgpj.exe" in page.text
    assert "\u202e" not in page.html


async def test_a_visitors_page_is_readable_and_the_file_keeps_what_was_recorded(
    garden: Garden,
) -> None:
    await _recorded(garden)
    client = await garden.signed_in()
    shown = Reading((await client.get(f"/sites/{garden.site.key}/visitors/{ANNA}")).text)
    exported = await garden.post(client, f"/visitors/{ANNA}/export.json")
    table = await garden.post(client, f"/visitors/{ANNA}/export.zip")
    with zipfile.ZipFile(io.BytesIO(table.content)) as folder:
        csv = folder.read("warehouse.events.csv").decode()

    assert "from münchen.example/café/меню" in shown.text
    assert ENCODED not in shown.text
    for text in (exported.text, csv):
        assert f"https://{HOST}{ENCODED}" in text
        assert "café" not in text


async def test_hosts_are_typed_and_shown_in_their_own_letters_and_kept_as_browsers_send_them(
    garden: Garden,
) -> None:
    client, path = await garden.signed_in(), f"/sites/{garden.site.key}/settings"
    typed = "https://Straße.example/x\nпример.рф:8443\n*.münchen.example"
    await garden.post(client, "/settings", name="Garden", time_zone="UTC", hosts=typed)
    kept = garden.deps.book.get(garden.site.key).hosts

    assert kept == (
        "xn--strae-oqa.example",
        "xn--e1afmkfd.xn--p1ai:8443",
        "*.xn--mnchen-3ya.example",
    )
    form = (await client.get(path)).text
    assert "straße.example\nпример.рф:8443\n*.münchen.example</textarea>" in form
    for page in (f"/sites/{garden.site.key}/install", "/?all"):
        assert "straße.example, пример.рф:8443" in (await client.get(page)).text


async def test_a_host_that_looks_like_another_stays_as_machines_spell_it(garden: Garden) -> None:
    garden.event("2025-12-30T10:00", referrer_host="xn--80ak6aa92e.com")
    page = await garden.overview(f"{DAYS}&show=referrers")

    assert "xn--80ak6aa92e.com" in page.text
