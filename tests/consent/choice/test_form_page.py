"""The choice without JavaScript: forms alone accept, refuse, withdraw and erase."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from askfirst.store.ledger.tables import consent_records
from consent.http.cookie import cookie_name
from tests.consent.form_fields import forms_of
from tests.factories import CHROME
from tests.world import World, open_world

OWN = "http://askfirst.test"
HOST = "askfirst.test"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Open a server whose site has the server's own host."""
    async with open_world(tmp_path, hosts=(HOST,), choices_per_minute=1000) as opened:
        opened.client.headers["User-Agent"] = CHROME
        yield opened


async def opened(world: World, query: str = "", **headers: str) -> Any:
    return await world.client.get(f"/choice/{world.site.key}{query}", headers=headers)


async def pressed(world: World, button: str, page: Any, origin: str | None = OWN, **changes: Any):
    """Press a button of a page as a browser does: with its form's fields and its address."""
    action, fields = forms_of(page.text)[button]
    headers = {"User-Agent": CHROME, **({} if origin is None else {"Origin": origin})}
    data = {**fields, "choice": button, **changes}
    answer = await world.client.post(action, data=data, headers=headers)
    if "set-cookie" in answer.headers:  # the server's clock stands still, the client's does not
        world.client.cookies.set(cookie_name(world.site.key), cookie_of(answer))
    return answer


def cookie_of(answer: Any) -> str:
    return re.match("askfirst_[0-9a-f]{16}=([^;]+);", answer.headers["set-cookie"])[1]


def held_by(world: World) -> str:
    return world.client.cookies[cookie_name(world.site.key)]


def state(page: Any) -> str:
    return re.findall(r'data-state="(\w+)"', page.text)[0]


async def records(world: World) -> list[dict[str, Any]]:
    async with world.services.ledger.read() as connection:
        found = await connection.execute(select(consent_records).order_by(consent_records.c.seq))
        return [dict(row) for row in found.mappings()]


async def test_requirement_52_a_choice_is_given_and_withdrawn_by_forms_alone(world: World) -> None:
    first = await opened(world)
    assert first.status_code == 200
    assert state(first) == "none"
    assert "set-cookie" not in first.headers

    given = await pressed(world, "accept_all", first)
    assert state(given) == state(await opened(world)) == "granted"
    token = held_by(world)
    assert world.services.tokens.read(token).site_id == world.site.id
    assert (await records(world))[0]["method"] == "form"
    assert (await records(world))[0]["purposes"] == ["statistics"]

    gone = await pressed(world, "withdraw", given)
    assert state(gone) == "withdrawn"
    assert held_by(world) == "no"
    assert world.services.tokens.read(token).consent_id in world.services.withdrawn
    assert (await records(world))[1]["state"] == "withdrawn"
    assert state(await opened(world)) == "refused"


async def test_requirement_29_right_after_the_withdrawal_erasure_is_offered(world: World) -> None:
    given = await pressed(world, "accept_all", await opened(world))
    visitor = world.services.tokens.read(held_by(world)).visitor_id

    erased = await pressed(world, "erase", await pressed(world, "withdraw", given))

    assert state(erased) == "erased"
    assert re.search(r"Receipt number: [0-9a-zA-Z_-]{8,}", erased.text)
    assert visitor not in str(await records(world))


async def test_what_was_recorded_is_erased_without_withdrawing_first(world: World) -> None:
    given = await pressed(world, "accept_all", await opened(world))
    assert state(await pressed(world, "erase", given)) == "erased"
    assert held_by(world) == "no"


async def test_law_6_a_yes_right_after_a_withdrawal_is_the_same_persons(world: World) -> None:
    given = await pressed(world, "accept_all", await opened(world))
    first = held_by(world)
    again = await pressed(world, "accept_all", await pressed(world, "withdraw", given))
    second = held_by(world)
    ids = [world.services.tokens.read(token).visitor_id for token in (first, second)]
    assert await world.services.personal_data.ids(world.site.id, ids[1]) == ids

    erased = await pressed(world, "erase", again)

    assert state(erased) == "erased"
    assert [row["visitor_id"] for row in await records(world)] == [None] * 4


async def test_law_6_a_yes_that_ran_out_is_given_anew_by_the_same_person(world: World) -> None:
    await pressed(world, "accept_all", await opened(world))
    first = held_by(world)
    world.clock.move(days=400)
    world.client.cookies.clear()  # some browsers keep a cookie for longer than it says
    world.client.cookies.set(cookie_name(world.site.key), first)
    later = await opened(world)
    assert state(later) == "none"
    second = cookie_of(await pressed(world, "accept_all", later))
    ids = [world.services.tokens.read(token).visitor_id for token in (first, second)]
    assert ids[0] != ids[1]
    assert await world.services.personal_data.ids(world.site.id, ids[1]) == ids


async def test_a_no_right_after_a_withdrawal_or_on_a_later_page_links_nobody(world: World) -> None:
    given = await pressed(world, "accept_all", await opened(world))
    first = world.services.tokens.read(held_by(world)).visitor_id
    refused = await pressed(world, "refuse", await pressed(world, "withdraw", given))
    await pressed(world, "accept_all", refused)
    second = world.services.tokens.read(held_by(world)).visitor_id
    assert first not in refused.text
    assert await world.services.personal_data.ids(world.site.id, second) == [second]


async def test_law_4_a_no_of_the_form_has_the_bytes_of_a_no_of_the_script(world: World) -> None:
    by_form = await pressed(world, "refuse", await opened(world))
    browser = world.browser()
    body = {"site": world.site.key, "choice": "refuse"}
    by_script = await browser.post("/consent", body, Origin=OWN)

    assert by_form.headers["set-cookie"] == by_script.headers["set-cookie"]
    assert "=no; " in by_form.headers["set-cookie"]
    assert "date" not in by_form.headers
    assert await records(world) == []
    assert await world.tally() == {"refused": 2}


async def test_law_1_the_page_sets_nothing_and_needs_no_script(world: World) -> None:
    page = await opened(world)
    assert "set-cookie" not in page.headers
    assert "<script" not in page.text
    loaded = re.findall(r'(?:src|href)="([^"]+\.(?:css|js|svg|png)[^"]*)"', page.text)
    assert all(address.startswith("/static/") for address in loaded)
    assert await records(world) == []


@pytest.mark.parametrize(
    "origin",
    [None, "null", "https://evil.example", "http://askfirst.test:81", "http://askfirst.tes"],
)
async def test_a_form_of_another_website_changes_nothing(world: World, origin: str | None) -> None:
    given = await pressed(world, "accept_all", await opened(world))
    before = len(await records(world))

    for button in ("withdraw", "erase"):
        answer = await pressed(world, button, given, origin=origin)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers

    assert len(await records(world)) == before
    assert (await world.tally())["bad_origin"] == 2


async def test_law_1_nothing_is_ticked_before_the_visitor_ticks_it(world: World) -> None:
    assert " checked" not in (await opened(world)).text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"notice": "0" * 64}, "notice"),
        ({"version": "7"}, "version"),
        ({"version": "x"}, "version"),
        ({"choice": "everything"}, "choice"),
        ({"offered": "sale"}, "purposes"),
        ({"language": "<b>"}, "language"),
    ],
)
async def test_a_form_that_was_tampered_with_is_refused(
    world: World, changes: dict[str, str], field: str
) -> None:
    answer = await pressed(world, "accept_all", await opened(world), **changes)
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == field
    assert await records(world) == []
    assert (await world.tally()) == {"malformed": 1}


async def test_a_form_that_is_too_long_is_refused(world: World) -> None:
    answer = await pressed(world, "refuse", await opened(world), more="x" * 70_000)
    assert answer.status_code == 413


@pytest.mark.parametrize("held", ["nonsense", "no.no", "a.b.c"])
async def test_a_cookie_that_is_no_token_is_no_choice(world: World, held: str) -> None:
    world.client.cookies.set(cookie_name(world.site.key), held)
    assert state(await opened(world)) == "none"


async def test_an_expired_choice_is_asked_again(world: World) -> None:
    await pressed(world, "accept_all", await opened(world))
    token = held_by(world)
    world.clock.move(days=181)
    assert token not in ("", "no")
    assert state(await opened(world)) == "none"


async def test_another_sites_token_is_no_choice_here(world: World) -> None:
    await pressed(world, "accept_all", await opened(world))
    content = {**world.services.book.policy(world.site).content}
    content["texts"] = {
        "en": await world.services.book.texts(world.services.book.policy(world.site), "en")
    }
    other = await world.services.book.add("Other", [HOST], "UTC", content)
    answer = await world.client.get(f"/choice/{other.key}")
    assert state(answer) == "none"


async def test_requirement_47_gpc_is_a_refusal_and_an_explicit_yes_wins(world: World) -> None:
    page = await opened(world, **{"Sec-GPC": "1"})
    assert "Global Privacy Control" in page.text
    assert "Global Privacy Control" not in (await opened(world, **{"Sec-GPC": "0"})).text

    action, fields = forms_of(page.text)["accept_all"]
    headers = {"Origin": OWN, "Sec-GPC": "1"}
    await world.client.post(action, data={**fields, "choice": "accept_all"}, headers=headers)

    assert (await records(world))[0]["signals"] == {"gpc": True}


async def test_the_page_speaks_the_language_of_the_browser_or_of_the_link(world: World) -> None:
    assert '<html lang="de"' in (await opened(world, **{"Accept-Language": "de-AT,de"})).text
    weighted = {"Accept-Language": "en;q=0.5, fr;q=0, de;q=0.8"}
    assert '<html lang="de"' in (await opened(world, **weighted)).text
    page = await opened(world, "?lang=ar", **{"Accept-Language": "de"})
    assert '<html lang="ar" dir="rtl"' in page.text
    given = await pressed(world, "accept_all", page)
    assert '<html lang="ar"' in given.text
    assert (await records(world))[0]["language"] == "ar"


async def test_on_a_host_without_a_shared_domain_the_page_says_so(tmp_path: Path) -> None:
    async with open_world(tmp_path, hosts=("example.org",)) as world:
        page = await opened(world)
        assert "This page is on another host than the website" in page.text
        assert forms_of(page.text) == {}
        body = {"choice": "refuse", "version": "1"}
        answer = await world.client.post(
            f"/choice/{world.site.key}", data=body, headers={"Origin": OWN}
        )
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("site", "own"),
    [("shop.co.uk", "stats.co.uk"), ("shop.github.io", "stats.github.io")],
)
async def test_where_only_a_public_suffix_is_shared_the_page_claims_no_choice(
    tmp_path: Path, site: str, own: str
) -> None:
    """Browsers refuse a cookie for `co.uk`, so no choice made here would be kept."""
    async with open_world(tmp_path, hosts=(site,)) as world:
        page = await opened(world, Host=own)
        assert "This page is on another host than the website" in page.text
        assert forms_of(page.text) == {}
        answer = await world.client.post(
            f"/choice/{world.site.key}",
            data={"choice": "refuse", "version": "1"},
            headers={"Host": own, "Origin": f"https://{own}"},
        )
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
        assert await world.tally() == {"bad_origin": 1}


async def test_no_choice_is_claimed_where_the_browser_is_not_at_the_public_address(
    tmp_path: Path,
) -> None:
    """The cookie would be for the domain of `public_url`, but the browser is at another."""
    public = "https://visits.example.org"
    async with open_world(tmp_path, hosts=("www.example.org",), public_url=public) as world:
        answer = await pressed(world, "refuse", await opened(world), origin=OWN)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
        assert "refused" not in await world.tally()


async def test_on_a_host_that_shares_a_domain_the_cookie_is_the_domains(tmp_path: Path) -> None:
    async with open_world(tmp_path, hosts=("www.shop.askfirst.test", "*.askfirst.test")) as world:
        for came_from, domain in (
            ({"Referer": "https://www.shop.askfirst.test/"}, "domain=askfirst.test"),
            ({}, "domain=askfirst.test"),
            ({"Referer": "https://evil.test/"}, "domain=askfirst.test"),
        ):
            page = await opened(world, **came_from)
            answer = await pressed(world, "refuse", page)
            assert domain in answer.headers["set-cookie"].lower()


async def counted(world: World) -> set[tuple[Any, ...]]:
    rows = await world.services.counts.read(world.site.id, "2000-01-01", "2999-12-31")
    return {(row.kind, row.page, row.language, row.version, row.times) for row in rows}


async def test_asking_and_answering_are_counted_without_an_identifier_or_a_page(
    tmp_path: Path,
) -> None:
    """The form belongs to no page of the site, so neither its showing nor its answer names one."""
    async with open_world(tmp_path, hosts=(HOST,), smallest_count=1) as world:
        page = await opened(world, Referer=f"{OWN}/articles/knots", **{"User-Agent": CHROME})
        await pressed(world, "refuse", page)
        assert await counted(world) == {("shown", "", "en", 1, 1), ("refused", "", "en", 1, 1)}


async def test_where_the_page_does_not_ask_no_asking_is_counted(
    world: World, tmp_path: Path
) -> None:
    """GPC is an answer, a choice is one, and at another host nothing can be chosen."""
    await opened(world, **{"Sec-GPC": "1"})
    world.client.cookies.set(cookie_name(world.site.key), "no")
    await opened(world)
    assert await counted(world) == set()
    async with open_world(tmp_path / "far", hosts=("example.org",)) as far:
        await opened(far, **{"User-Agent": CHROME})
        assert await counted(far) == set()


@pytest.mark.parametrize("said", [{}, {"version": "x"}, {"version": "", "language": "<b>"}])
async def test_a_no_does_not_fail_for_what_is_only_counted(
    world: World, said: dict[str, str]
) -> None:
    body = {"choice": "refuse", **said}
    answer = await world.client.post(
        f"/choice/{world.site.key}", data=body, headers={"Origin": OWN}
    )
    assert (answer.status_code, state(answer)) == (200, "refused")
    assert cookie_of(answer) == "no"
    assert await counted(world) == {("refused", "", "", 0, 1)}


async def test_behind_a_proxy_that_changes_the_host_the_forms_work(tmp_path: Path) -> None:
    """The browser is at the public address; the proxy asks the server by another name."""
    public = "https://visits.example.org"
    async with open_world(tmp_path, hosts=("www.example.org",), public_url=public) as world:
        page = await opened(world)
        answer = await pressed(world, "refuse", page, origin=public)
        assert answer.status_code == 200
        set_by = answer.headers["set-cookie"].lower()
        assert f"{cookie_name(world.site.key)}=no; domain=example.org;" in set_by
        for origin in ("https://www.example.org", "https://evil.example", None):
            assert (await pressed(world, "refuse", page, origin=origin)).status_code == 403


async def test_with_several_purposes_save_takes_exactly_what_is_ticked(world: World) -> None:
    policy = world.services.book.policy(world.site)
    texts = await world.services.book.texts(policy, "en")
    texts = {**texts, "purposes": {**texts["purposes"], "ads": {"title": "Ads", "text": "Ads."}}}
    purposes = [*policy.content["purposes"], {"id": "ads", "columns": []}]
    content = {**policy.content, "purposes": purposes, "texts": {"en": texts}}
    await world.services.book.publish(world.site, content, asks_again=True)

    page = await opened(world)
    assert page.text.count('type="checkbox"') == 2
    assert " checked" not in page.text

    nothing = await pressed(world, "accept", page)
    assert state(nothing) == "refused"
    one = await pressed(world, "accept", page, purposes="ads")
    assert state(one) == "granted"
    assert (await records(world))[-1]["purposes"] == ["ads"]
    changed = await pressed(world, "accept_all", one)
    assert state(changed) == "granted"
    assert (await records(world))[-1]["purposes"] == ["statistics", "ads"]
    none = await pressed(world, "accept", changed)
    assert state(none) == "withdrawn"
    assert (await records(world))[-1]["state"] == "withdrawn"
