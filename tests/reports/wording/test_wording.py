"""The form of a wording keeps what was typed, tells what is wrong, and loses nothing."""

import asyncio

import pytest
from sqlalchemy import insert

from askfirst.store.ledger.tables import drafts
from consent.policy.drafts import draft_of
from tests.factories import NOON
from tests.reports.wording.owner import Owner, changed, editing_of, shown


async def test_a_form_sent_as_it_is_changes_nothing(owner: Owner) -> None:
    await owner.write("de")
    page = await owner.read("/review")

    assert "does not differ" in page.text
    assert "fingerprint" not in page.fields


async def test_a_refused_edit_is_told_at_its_field_and_kept_as_typed(owner: Owner) -> None:
    await owner.write(banner__accept="Got it", theme__text="#ffffff", retention_months="99")
    page = await owner.read()
    wrong = {given["name"] for _, given in page.tags if "aria-invalid" in given}

    assert wrong == {"banner.accept", "banner.refuse", "theme.text", "retention_months"}
    assert page.links["English: Button that accepts"] == "#banner.accept"
    assert "does not say what the button does" in page.text
    assert page.fields["banner.accept"] == "Got it"
    assert (await owner.publish()).status_code in (303, 403)
    assert owner.policy.version == 1


async def test_a_published_version_that_promises_no_end_is_said_until_the_draft_is_published(
    owner: Owner,
) -> None:
    book, site = owner.world.services.book, owner.world.site
    said = "promises no end to what a withdrawn yes allowed"
    assert said not in (await owner.read()).text
    content = {n: v for n, v in owner.policy.content.items() if n != "withdrawn_days"}
    texts = {tag: await book.texts(owner.policy, tag) for tag in content["texts"]}
    await book.publish(site, {**content, "texts": texts}, asks_again=False)
    assert said in (await owner.read()).text
    await owner.publish()

    assert owner.policy.content["withdrawn_days"] == 30
    assert said not in (await owner.read()).text


async def test_words_of_one_language_leave_the_others_alone(owner: Owner) -> None:
    german = (await shown(owner, "de"))["texts"]
    await owner.write("fr", banner__title="Pouvons-nous noter votre visite ?")
    await owner.publish()

    assert (await shown(owner, "fr"))["texts"]["title"] == "Pouvons-nous noter votre visite ?"
    assert (await shown(owner, "de"))["texts"] == german
    assert owner.policy.content["own"] == {
        "fr": {"banner.title": "Pouvons-nous noter votre visite ?"}
    }


async def test_facts_colours_and_languages_are_published(owner: Owner) -> None:
    await owner.write(
        leave_out=("language.mt",),
        controller="New Ltd",
        address="Street 1",
        recipients="Eve Ltd\n\n Mallory Ltd ",
        theme__button="#000000",
        choice_days="30",
        refusal_days="393",
        only_this_visit="on",
        manager="klaro",
        ip_mode="dropped",
        privacy_url="https://example.org/privacy",
    )
    review = await owner.read("/review")
    await owner.publish()
    now = await shown(owner)

    assert "Newly responsible: New Ltd" in review.text
    assert "New recipient: Mallory Ltd" in review.text
    assert "Turned off: Malti" in review.text
    assert now["controller"] == {
        "name": "New Ltd",
        "address": "Street 1",
        "contact": "privacy@example.org",
    }
    assert now["recipients"] == "Eve Ltd, Mallory Ltd"
    assert now["theme"] == {"button": "#000000"}
    assert now["remembered"] == "30 days (Accept statistics) · 393 days (Refuse statistics)"
    assert "393 days" in now["texts"]["refused"]
    assert (now["only_this_visit"], now["manager"]) == (True, "klaro")
    assert (await shown(owner, "mt"))["language"] == "en"
    assert owner.world.services.book.get(owner.world.site.key).ip_mode == "dropped"


async def test_a_purpose_is_taken_away_with_its_words_and_asks_nobody(owner: Owner) -> None:
    await owner.write(purpose__1="ads")
    await owner.write(purposes__ads__title="Shop", purposes__ads__text="To sell.")
    await owner.write(purpose__1="")

    assert "does not differ" in (await owner.read("/review")).text


async def test_a_draft_is_called_one_only_while_it_differs_from_what_is_published(
    owner: Owner,
) -> None:
    fresh = (await owner.read()).text
    await owner.write(banner__title="May we note your visit?")
    changed = (await owner.read()).text
    await owner.publish()
    published = (await owner.read()).text

    assert "version 1, as published" in fresh
    assert "draft of version 2" in changed
    assert "version 2, as published" in published
    assert "draft of version" not in fresh + published


async def test_discarding_gives_back_what_is_in_force(owner: Owner) -> None:
    await owner.write(banner__title="Something else")
    await owner.write(do="discard")

    assert (await owner.filled())["banner.title"] == "May we record your visit?"


async def test_the_script_is_told_how_many_things_are_wrong(owner: Owner) -> None:
    answer = await owner.write(do="keep", banner__accept="OK")

    told = answer.json()
    assert {"problems": told["problems"]} == {"problems": 2}
    assert told["contrasts"]["light"]["good"]
    assert told["contrasts"]["light"]["said"].startswith("Text on background 15.1")
    assert (await owner.filled())["banner.accept"] == "OK"


async def test_what_was_typed_is_escaped(owner: Owner) -> None:
    hostile = '"><script>alert(1)</script>'
    await owner.write(
        controller=hostile, banner__title=hostile, recipients=hostile, authority=hostile
    )
    for path in ("", "/review", "/preview"):
        answer = await owner.client.get(owner.path + path)
        assert "<script>alert" not in answer.text


@pytest.mark.parametrize("path", ["", "/publish"])
async def test_without_the_sessions_secret_nothing_is_kept_or_published(
    owner: Owner, path: str
) -> None:
    answer = await owner.client.post(owner.path + path, data={"controller": "Eve", "csrf": "x"})

    assert answer.status_code == 403
    assert owner.policy.version == 1
    assert "does not differ" in (await owner.read("/review")).text


@pytest.mark.parametrize("path", ["", "/review", "/preview", "/draft/tag.js"])
async def test_nobody_sees_a_draft_without_a_session(owner: Owner, path: str) -> None:
    answer = await owner.world.client.get(owner.path + path)

    assert answer.headers["location"].startswith("/sign-in")


async def test_old_versions_are_listed_for_staff(owner: Owner) -> None:
    await owner.write(banner__title="One title")
    await owner.publish()
    page = await owner.read()

    assert page.links["Version 1"] == f"/policy/{owner.world.site.key}/1"
    assert page.links["Version 2"] == f"/policy/{owner.world.site.key}/2"


async def opens_everywhere(owner: Owner) -> None:
    key = owner.world.site.key
    for path in ("", "/review", "/preview", f"/draft/wording/{key}.json", "?language=xx"):
        assert (await owner.client.get(owner.path + path)).status_code == 200


async def test_a_form_without_a_language_leaves_the_default_on(owner: Owner) -> None:
    off = tuple(f"language.{tag}" for tag in owner.policy.content["languages"])
    await owner.write(leave_out=off)
    await opens_everywhere(owner)
    kept = [name for name in await owner.filled() if name.startswith("language.")]

    assert kept == ["language.en"]


async def test_a_forged_way_with_addresses_is_not_kept(owner: Owner) -> None:
    await owner.write(ip_mode="foo", default_language="foo", manager="foo")
    await opens_everywhere(owner)

    assert (await owner.filled())["ip_mode"] == "whole"


async def test_a_draft_kept_without_languages_can_be_seen_and_discarded(owner: Owner) -> None:
    broken = draft_of(owner.policy.content) | {"languages": ["xx"], "ip_mode": "foo"}
    row = {"site_id": owner.world.site.id, "content": broken, "changed_at": NOON}
    async with owner.world.services.ledger.write() as connection:
        await connection.execute(insert(drafts), [row])
    await opens_everywhere(owner)
    pages = [await owner.read(path) for path in ("", "/review")]
    csrf = pages[0].fields["csrf"]
    answer = await owner.client.post(owner.path, data={"csrf": csrf, "do": "discard"})

    assert all("Discard the draft" in page.text for page in pages)
    assert answer.status_code == 303
    assert len([tag for tag in await owner.filled() if tag.startswith("language.")]) == 30


async def test_of_changes_at_the_same_time_none_is_lost(owner: Owner) -> None:
    editing, site = editing_of(owner), owner.world.site
    names = [f"Recipient {number}" for number in range(8)]
    await asyncio.gather(*(editing.change(site, changed(name)) for name in names))

    assert sorted((await editing.draft(site))["recipients"]) == names
