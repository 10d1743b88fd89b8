"""The lines to paste speak the pages' language, and the page turns with the first visit."""

from html import unescape

from askfirst.system.assets import asset_path
from consent.policy.drafts import content_of, draft_of
from consent.policy.languages import texts_of
from reports.sites.snippet import ENGLISH_LABELS, snippet
from tests.reports.garden import Garden
from tests.reports.reading import Reading


async def test_the_wait_for_the_first_visit_turns(garden: Garden) -> None:
    client = await garden.signed_in()
    base = f"/sites/{garden.site.key}/install"
    before = await client.get(f"{base}/state")
    waiting = await client.get(base)
    garden.event("2026-01-01T11:00")
    garden.store()
    after = await client.get(f"{base}/state")
    turned = await client.get(base)

    assert before.json() == {"recording": False, "turned_away": 0}
    assert after.json() == {"recording": True, "turned_away": 0}
    assert 'http-equiv="refresh"' in waiting.text
    assert "Waiting" not in turned.text
    assert "Visits are being recorded" in turned.text


async def test_the_page_tells_what_a_no_leaves_in_the_browser_as_the_readme_does(
    garden: Garden,
) -> None:
    client = await garden.signed_in()
    page = (await client.get(f"/sites/{garden.site.key}/install")).text

    assert "Until they choose, nothing is stored on their device" in page
    assert f"<code>askfirst_{garden.site.key}=no</code>" in page


async def test_the_wait_does_not_return_after_the_only_visitor_was_erased(garden: Garden) -> None:
    garden.deps.tallies.add(garden.site.id, "accepted")
    garden.clock.move(days=90)
    client = await garden.signed_in()
    page = await client.get(f"/sites/{garden.site.key}/install")

    assert "Visits are being recorded" in page.text
    assert "Waiting" not in page.text


async def test_requests_from_hosts_that_are_not_listed_are_told_where_the_tag_is(
    garden: Garden,
) -> None:
    client = await garden.signed_in()
    base = f"/sites/{garden.site.key}/install"
    garden.deps.tallies.add(garden.other.id, "bad_origin", 9)
    quiet = await client.get(base)
    garden.deps.tallies.add(garden.site.id, "bad_origin", 2)
    page = Reading((await client.get(base)).text)
    state = (await client.get(f"{base}/state")).json()
    garden.clock.move(days=8)
    later = await client.get(base)

    assert "not listed" not in quiet.text
    assert "2 requests came from a host that is not listed" in page.text
    assert "Listed: example.org." in page.text
    assert page.links["Change the hosts"] == f"/sites/{garden.site.key}/settings"
    assert state == {"recording": False, "turned_away": 2}
    assert "not listed" not in later.text


async def test_an_unknown_site_is_not_found(garden: Garden) -> None:
    client = await garden.signed_in()
    for path in ("", "/install", "/install/state", "/settings", "/visitors", "/consent-check"):
        assert (await client.get(f"/sites/ffffffffffffffff{path}")).status_code == 404


async def test_the_line_to_paste_speaks_the_language_of_the_pages(garden: Garden) -> None:
    """The control's labels come with the wording, whatever language a page has."""
    client = await garden.signed_in()
    base = f"/sites/{garden.site.key}/install"
    german = unescape((await client.get(f"{base}?language=de")).text)
    assert 'data-lang="de"' in german
    assert "data-control-label" not in german
    assert 'data-lang="en"' in unescape((await client.get(f"{base}?language=en")).text)
    for unnamed in ("", "?language=", "?language=%22><b>"):
        line = unescape((await client.get(f"{base}{unnamed}")).text)
        assert f'data-site="{garden.site.key}"></script>' in line


async def test_the_page_names_the_address_that_a_content_security_policy_has_to_allow(
    garden: Garden,
) -> None:
    client = await garden.signed_in()
    shown = await client.get(f"/sites/{garden.site.key}/install")
    below_a_path = await snippet(garden.deps.book, garden.site, "https://ask.example.org/stats", "")

    origin = str(client.base_url).rstrip("/")
    assert f"add <code>{origin}</code> to its <code>script-src</code>" in shown.text
    assert below_a_path.origin == "https://ask.example.org"


async def test_the_line_to_paste_holds_no_page_to_the_default_language(garden: Garden) -> None:
    policy = garden.deps.book.policy(garden.site)
    draft = {**draft_of(policy.content), "default_language": "de"}
    await garden.deps.book.publish(garden.site, content_of(draft), asks_again=False)
    client = await garden.signed_in()
    shown = unescape((await client.get(f"/sites/{garden.site.key}/install")).text)

    assert f'data-site="{garden.site.key}"></script>' in shown
    assert ">Datenschutzauswahl</a></noscript>" in shown


async def test_the_line_to_paste_holds_an_owners_own_english_labels_and_no_others(
    garden: Garden,
) -> None:
    """English pages fetch no words: the tag's own are the shipped ones."""
    shipped = texts_of("en")["banner"]
    assert (shipped["control"], shipped["withdraw"]) == ENGLISH_LABELS
    script = asset_path("static/js/tag/control.js").read_text(encoding="utf-8")
    assert all(f'"{label}"' in script for label in ENGLISH_LABELS)
    base = f"/sites/{garden.site.key}/install?language=en"
    client = await garden.signed_in()
    assert "data-control-label" not in unescape((await client.get(base)).text)
    policy = garden.deps.book.policy(garden.site)
    own = {"en": {"banner.control": "Your <choice>"}}
    draft = {**draft_of(policy.content), "own": own}
    await garden.deps.book.publish(garden.site, content_of(draft), asks_again=False)
    line = unescape((await client.get(base)).text)

    assert 'data-control-label="Your &lt;choice&gt;" data-withdraw-label="Withdraw consent"' in line
