"""What a new site begins with: what keeps least of a person, and the owner's own language."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.sites.browser_language import spoken
from reports.sites.setup import make_setup_link
from tests.reports.garden import BASE, SAME_ORIGIN, Garden, bare_garden
from tests.reports.reading import Reading

SITE = {
    "name": "Harbour",
    "hosts": "harbour.example",
    "time_zone": "Europe/Berlin",
    "controller": "Harbour Ltd",
    "contact": "privacy@harbour.example",
}
OWNER = {"email": "o@harbour.example", "password": "seven red boats at dawn"}
TAGS = ("en", "de", "pt", "pt-BR", "zh-Hans")


def chosen(page: Reading, name: str) -> str:
    """Return the option of a list that a browser would send."""
    options: list[dict[str, str]] = []
    inside = False
    for tag, recorded in page.tags:
        if tag in ("select", "textarea", "input"):
            inside = recorded.get("name") == name
        if tag == "option" and inside:
            options.append(recorded)
    marked = [one for one in options if "selected" in one]
    return (marked or options)[0]["value"]


@pytest.mark.parametrize("path", ["/setup", "/sites/new"])
async def test_a_new_site_is_offered_shortened_addresses_first(tmp_path: Path, path: str) -> None:
    async with bare_garden(tmp_path) as (deps, clock):
        garden = Garden(deps, clock, (None, None))
        client = garden.client()
        if path != "/setup":
            code = (await make_setup_link(deps.ledger, clock)).partition("#code=")[2]
            data = SITE | OWNER | {"code": code}
            made = await client.post("/setup", data=data, headers=SAME_ORIGIN)
            assert made.status_code == 303
        page = Reading((await client.get(path)).text)

        assert chosen(page, "ip_mode") == "shortened"
        assert chosen(page, "language") == "en"


async def test_a_form_that_says_nothing_of_addresses_makes_a_site_that_shortens_them(
    garden: Garden,
) -> None:
    client = await garden.signed_in()
    csrf = Reading((await client.get("/sites/new")).text).fields["csrf"]
    made = await client.post("/sites/new", data=SITE | {"csrf": csrf})

    assert made.status_code == 303
    site = next(one for one in garden.deps.book.all() if one.name == "Harbour")
    assert site.ip_mode == "shortened"
    assert garden.deps.book.policy(site).content["ip_mode"] == "shortened"


async def test_a_site_that_keeps_whole_addresses_goes_on_until_its_wording_is_published_anew(
    garden: Garden,
) -> None:
    """The garden's first site was made when that was what a site began with."""
    content = garden.deps.book.policy(garden.site).content | {"ip_mode": "whole"}
    texts = {
        tag: await garden.deps.book.texts(garden.deps.book.policy(garden.site), tag)
        for tag in content["texts"]
    }
    await garden.deps.book.publish(garden.site, content | {"texts": texts}, asks_again=False)
    client = await garden.signed_in()
    csrf = Reading((await client.get("/sites/new")).text).fields["csrf"]
    data = {"csrf": csrf, "name": "Renamed", "hosts": "example.org", "time_zone": "UTC"}
    await client.post(f"/sites/{garden.site.key}/settings", data=data)

    assert garden.deps.book.get(garden.site.key).name == "Renamed"
    assert garden.deps.book.get(garden.site.key).ip_mode == "whole"


async def test_the_language_of_the_question_begins_with_the_owners_own_and_is_published(
    garden: Garden,
) -> None:
    client = await garden.signed_in()
    client.headers["Accept-Language"] = "de-AT,de;q=0.9,en;q=0.5"
    page = Reading((await client.get("/sites/new")).text)
    data = SITE | {"csrf": page.fields["csrf"], "language": chosen(page, "language")}
    made = await client.post(f"{BASE}/sites/new", data=data)
    site = next(one for one in garden.deps.book.all() if one.name == "Harbour")

    assert made.status_code == 303
    assert garden.deps.book.policy(site).content["default_language"] == "de"
    assert "en" in garden.deps.book.policy(site).content["texts"]


async def test_a_language_that_is_not_on_the_list_is_refused_at_its_field_and_makes_no_site(
    garden: Garden,
) -> None:
    client = await garden.signed_in()
    csrf = Reading((await client.get("/sites/new")).text).fields["csrf"]
    answer = await client.post("/sites/new", data=SITE | {"csrf": csrf, "language": "xx"})
    page = Reading(answer.text)

    assert answer.status_code == 422
    assert "Choose a language from the list." in page.text
    assert page.links["Language of the question"] == "#language"
    assert all(one.name != "Harbour" for one in garden.deps.book.all())


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("", "en"),
        ("de-AT,de;q=0.9", "de"),
        ("fr-FR, pt-PT;q=0.8", "pt"),
        ("pt-br", "pt-BR"),
        ("en;q=0.5,de", "de"),
        ("zh-CN,zh;q=0.9", "zh-Hans"),
        ("*", "en"),
        ("xx,yy;q=1", "en"),
    ],
)
def test_a_browsers_wishes_choose_among_the_languages_on_offer(header: str, tag: str) -> None:
    assert spoken(header, TAGS) == tag


@given(st.text(max_size=200))
def test_whatever_a_browser_sends_a_language_on_offer_comes_of_it(header: str) -> None:
    assert spoken(header, TAGS) in TAGS
