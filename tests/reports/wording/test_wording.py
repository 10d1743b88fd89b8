"""The owner's wording: drafted, checked, previewed, reviewed and published as a new version."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from html.parser import HTMLParser
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import insert

from askfirst.errors import Malformed
from askfirst.store.ledger.tables import drafts, staff
from consent.policy.drafts import draft_of
from consent.policy.editing import Editing
from reports.staff.audit_log import StaffActs
from tests.factories import NOON
from tests.reports.garden import EMAIL, HASH, PASSWORD
from tests.reports.reading import Reading
from tests.world import World, open_world

SAME_ORIGIN = {"Origin": "http://askfirst.test"}


class Owner:
    """The owner of a world's site, signed in, before the pages of its wording."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.path = f"/sites/{world.site.key}/wording"
        self.client = httpx2.AsyncClient(
            transport=world.client._transport, base_url="http://askfirst.test"
        )

    async def sign_in(self) -> None:
        owner = {"email": EMAIL, "password_hash": HASH, "created_at": NOON}
        async with self.world.services.ledger.write() as connection:
            await connection.execute(insert(staff), [owner])
        form = {"email": EMAIL, "password": PASSWORD}
        answer = await self.client.post("/sign-in", data=form, headers=SAME_ORIGIN)
        assert answer.status_code == 303

    async def read(self, path: str = "") -> Reading:
        answer = await self.client.get(self.path + path)
        assert answer.status_code == 200, answer.text
        return Reading(answer.text)

    async def filled(self, language: str = "en") -> dict[str, str]:
        """Return every field of the form as a browser would send it."""
        page = await self.read(f"?language={language}")
        return form_of(page)

    async def write(
        self, language: str = "en", leave_out: tuple[str, ...] = (), **changes: str
    ) -> httpx2.Response:
        data = await self.filled(language)
        data |= {name.replace("__", "."): text for name, text in changes.items()}
        data = {name: text for name, text in data.items() if name not in leave_out}
        answer = await self.client.post(self.path, data=data)
        assert answer.status_code in (200, 303), answer.text
        return answer

    async def publish(self, **more: str) -> httpx2.Response:
        page = await self.read("/review")
        fields = {n: page.fields[n] for n in ("csrf", "fingerprint") if n in page.fields}
        return await self.client.post(f"{self.path}/publish", data=fields | more)

    @property
    def policy(self):
        return self.world.services.book.policy(self.world.site)


class Fields(HTMLParser):
    """Reads what a browser would send of a form: texts, ticked boxes, chosen options."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.open = ""
        self.select = ""

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "input":
            self._input(name, given)
        elif tag == "textarea":
            self.open, self.found[name] = name, ""
        elif tag == "select":
            self.select = name
        elif tag == "option":
            self._option(given)

    def _input(self, name, given):
        if given.get("type") != "checkbox" or "checked" in given:
            self.found[name] = given.get("value") or ("on" if "checked" in given else "")

    def _option(self, given):
        if "selected" in given or self.select not in self.found:
            self.open = "" if "value" in given else self.select
            self.found[self.select] = given.get("value") or ""

    def handle_data(self, data):
        if self.open:
            self.found[self.open] += data

    def handle_endtag(self, tag):
        if tag in ("textarea", "option"):
            self.open = ""


def form_of(page: Reading) -> dict[str, str]:
    reader = Fields()
    reader.feed(page.html)
    return reader.found


@pytest.fixture
async def owner(tmp_path: Path) -> AsyncIterator[Owner]:
    async with open_world(tmp_path) as world:
        made = Owner(world)
        await made.sign_in()
        yield made
        await made.client.aclose()


async def shown(owner: Owner, language: str = "en") -> dict:
    answer = await owner.client.get(f"/wording/{owner.world.site.key}.json?lang={language}")
    return answer.json()


async def test_a_form_sent_as_it_is_changes_nothing(owner: Owner) -> None:
    await owner.write("de")
    page = await owner.read("/review")

    assert "does not differ" in page.text
    assert "fingerprint" not in page.fields


async def test_requirement_22_other_words_make_a_new_version_that_asks_nobody_again(
    owner: Owner,
) -> None:
    visitor = owner.world.browser()
    await visitor.accept()
    before = (await shown(owner))["hash"]
    await owner.write(banner__title="May we note your visit?")
    assert (await shown(owner))["hash"] == before
    review = await owner.read("/review")
    answer = await owner.publish()
    after = await shown(owner)

    assert "Nobody needs to be asked again" in review.text
    assert answer.headers["location"] == f"{owner.path}?published"
    assert (owner.policy.version, owner.policy.asks_again) == (2, 0)
    assert after["texts"]["title"] == "May we note your visit?"
    assert after["hash"] != before
    assert (await visitor.send()).status_code == 202


async def test_requirement_21_a_new_purpose_asks_again_whatever_the_owner_wishes(
    owner: Owner,
) -> None:
    visitor = owner.world.browser()
    await visitor.accept()
    others = [tag for tag in owner.policy.content["languages"] if tag != "en"]
    off = tuple(f"language.{tag}" for tag in others)
    await owner.write(leave_out=off, purpose__1="Shop ads")
    await owner.write(
        **{"purposes__shop-ads__title": "Shop", "purposes__shop-ads__text": "To sell."},
        column__country="shop-ads",
    )
    review = await owner.read("/review")
    await owner.publish()
    asked = await shown(owner)

    assert "Everybody will be asked again" in review.text
    assert "New purpose: Shop" in review.text
    assert "Newly recorded: Country" in review.text
    assert owner.policy.asks_again == 1
    assert [purpose["id"] for purpose in asked["purposes"]] == ["statistics", "shop-ads"]
    assert [field["column"] for field in asked["purposes"][1]["fields"]] == ["country"]
    refused = await visitor.send()
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "outdated")


async def test_requirement_16_a_purpose_without_words_in_a_language_cannot_be_published(
    owner: Owner,
) -> None:
    await owner.write(purpose__1="ads")
    await owner.write(purposes__ads__title="Shop", purposes__ads__text="To sell.")
    page = await owner.read()
    review = await owner.read("/review")
    answer = await owner.publish()

    assert "58 things keep this draft from being published" in page.text
    assert "fingerprint" not in review.fields
    assert answer.status_code != 200
    assert owner.policy.version == 1


async def test_publishing_is_noted_with_who_did_it_and_a_refused_one_is_not(owner: Owner) -> None:
    acts = StaffActs(owner.world.services.ledger, owner.world.clock)
    await owner.write(banner__title="May we note your visit?")
    await owner.client.post(f"{owner.path}/publish", data={"csrf": "guess"})
    await owner.publish(fingerprint="stale")
    before = await acts.newest(5)
    await owner.publish()
    noted = [(one.act, one.who, one.site_key) for one in await acts.newest(5)]

    assert "policy_published" not in [one.act for one in before]
    assert noted[0] == ("policy_published", EMAIL, owner.world.site.key)


async def test_the_owner_may_ask_again_for_words_alone(owner: Owner) -> None:
    await owner.write(banner__title="May we note your visit?")
    await owner.publish(asks_again="on")

    assert owner.policy.asks_again == 1


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


async def test_a_draft_that_changed_after_its_review_is_not_published(owner: Owner) -> None:
    await owner.write(banner__title="One title")
    page = await owner.read("/review")
    fields = {name: page.fields[name] for name in ("csrf", "fingerprint")}
    await owner.write(banner__title="Another title")
    answer = await owner.client.post(f"{owner.path}/publish", data=fields)

    assert answer.headers["location"] == f"{owner.path}/review?stale"
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


async def test_publishing_twice_makes_one_version(owner: Owner) -> None:
    await owner.write(banner__title="One title")
    page = await owner.read("/review")
    fields = {name: page.fields[name] for name in ("csrf", "fingerprint")}
    posts = (owner.client.post(f"{owner.path}/publish", data=fields) for _ in range(3))
    await asyncio.gather(*posts)

    assert owner.policy.version == 2


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


async def test_the_preview_asks_with_the_drafts_words_and_only_staff_read_them(
    owner: Owner,
) -> None:
    await owner.write(banner__title="May we note your visit?")
    page = await owner.client.get(f"{owner.path}/preview?language=ar")
    words = f"{owner.path}/draft/wording/{owner.world.site.key}.json?lang=en&layer=first"
    told = (await owner.client.get(words)).json()
    script = await owner.client.get(f"{owner.path}/draft/tag.js")
    stranger = await owner.world.client.get(words)

    assert 'lang="ar" dir="rtl"' in page.text
    assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
    assert told["texts"]["title"] == "May we note your visit?"
    assert (await shown(owner))["texts"]["title"] == "May we record your visit?"
    assert (script.status_code, script.headers["location"]) == (307, "/tag.js")
    assert stranger.headers["location"].startswith("/sign-in")


async def test_no_other_page_may_be_framed(owner: Owner) -> None:
    for path in ("", "/review"):
        answer = await owner.client.get(owner.path + path)
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


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


PROFILES = "To build advertising profiles and sell them."
SAME = "Their consent stays good"


@pytest.mark.parametrize(
    ("language", "part", "meaning", "asks"),
    [("en", "text", "other", 1), ("de", "title", "same", 0)],
)
async def test_requirement_21_a_purpose_in_other_words_is_published_only_with_an_answer(
    owner: Owner, language: str, part: str, meaning: str, asks: int
) -> None:
    await owner.write(language, **{f"purposes__statistics__{part}": PROFILES})
    review = await owner.read("/review")
    answers = [given for _, given in review.tags if given.get("name") == "meaning"]
    for given in ({}, {"meaning": ""}, {"meaning": "maybe"}):
        refused = await owner.publish(**given)
        assert refused.headers["location"] == f"{owner.path}/review?unanswered"
    told = await owner.read("/review?unanswered")
    assert owner.policy.version == 1
    await owner.publish(meaning=meaning)

    assert [given["value"] for given in answers] == ["same", "other"]
    assert all("required" in given and "checked" not in given for given in answers)
    assert SAME not in review.text
    assert "Nobody needs to be asked again" not in review.text
    assert "say first whether the purpose still means the same" in told.text
    assert (owner.policy.version, owner.policy.asks_again) == (2, asks)


async def test_requirement_22_a_corrected_letter_elsewhere_asks_nothing(owner: Owner) -> None:
    await owner.write(banner__thanks="Thank you. Your choice is saved.")
    review = await owner.read("/review")
    await owner.publish()

    assert SAME in review.text
    assert "meaning" not in review.fields
    assert (owner.policy.version, owner.policy.asks_again) == (2, 0)


async def test_a_purpose_in_other_words_needs_no_answer_where_everybody_is_asked_anyway(
    owner: Owner,
) -> None:
    await owner.write(purposes__statistics__text=PROFILES, controller="New Ltd")
    review = await owner.read("/review")
    await owner.publish(meaning="same")

    assert "Everybody will be asked again" in review.text
    assert "meaning" not in review.fields
    assert owner.policy.asks_again == 1


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


def editing_of(owner: Owner) -> Editing:
    services = owner.world.services
    return Editing(services.ledger, services.book, services.settings, services.clock)


def changed(name: str):
    """Return a change of a draft that adds a recipient."""
    return lambda draft: draft | {"recipients": [*draft["recipients"], name]}


async def test_of_changes_at_the_same_time_none_is_lost(owner: Owner) -> None:
    editing, site = editing_of(owner), owner.world.site
    names = [f"Recipient {number}" for number in range(8)]
    await asyncio.gather(*(editing.change(site, changed(name)) for name in names))

    assert sorted((await editing.draft(site))["recipients"]) == names


async def test_a_change_while_a_draft_is_published_is_not_lost(owner: Owner) -> None:
    editing, site = editing_of(owner), owner.world.site
    for number in range(4):
        draft = await editing.change(site, changed(f"First {number}"))
        reviewed = (await editing.review(site, draft)).fingerprint
        publishing = asyncio.create_task(editing.publish(site, reviewed, asks_again=None))
        for _ in range(number * 20):
            await asyncio.sleep(0)
        await editing.change(site, changed(f"Later {number}"))
        with suppress(Malformed):  # where the change came first, the review is stale
            await publishing
        assert f"Later {number}" in (await editing.draft(site))["recipients"]
