"""Publishing asks those again whom it must, takes only what was reviewed, and happens once."""

import asyncio
from contextlib import suppress

import pytest

from askfirst.errors import Malformed
from consent.policy.languages import texts_of
from reports.staff.audit_log import StaffActs
from tests.reports.garden import EMAIL
from tests.reports.wording.owner import Owner, changed, editing_of, shown


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


async def test_requirement_21_a_column_newer_than_the_policy_is_in_the_next_version_and_asks_again(
    owner: Owner,
) -> None:
    content = owner.policy.content
    [told] = content["purposes"]
    columns = [name for name in told["columns"] if name != "language"]
    texts = {tag: texts_of(tag) for tag in content["languages"]}
    older = {**content, "texts": texts, "purposes": [{**told, "columns": columns}]}
    await owner.world.services.book.publish(owner.world.site, older, asks_again=False)
    page = await owner.read()
    review = await owner.read("/review")
    answer = await owner.publish()

    assert "Not recorded yet: Language. The published version does not tell" in page.text
    assert "/review" in page.links["What publishing this draft changes"]
    assert "Not recorded yet" not in (await owner.read()).text
    assert "Newly recorded: Language" in review.text
    assert answer.headers["location"] == f"{owner.path}?published"
    assert (owner.policy.version, owner.policy.asks_again) == (3, 1)
    assert owner.policy.content["purposes"] == content["purposes"]


async def test_law_3_amounts_of_money_belong_to_no_purpose_until_the_owner_adds_that_of_sales(
    owner: Owner,
) -> None:
    book, key = owner.world.services.book, owner.world.site.key
    before = book.get(key).column_purposes
    await owner.write(offered__revenue="on")
    page, review = await owner.read(), await owner.read("/review")
    await owner.publish()
    [_, sales] = (await shown(owner, "de"))["purposes"]

    assert "keeps this draft" not in page.text
    assert "New purpose: Sales" in review.text
    assert "Newly recorded: Amount and Currency" in review.text
    assert before.items() >= {"amount": "", "currency": ""}.items()
    assert book.get(key).column_purposes == {"amount": "revenue", "currency": "revenue"}
    assert owner.policy.asks_again == 1
    assert (sales["title"], [one["name"] for one in sales["fields"]]) == (
        "Verkäufe",
        ["Betrag", "Währung"],
    )
    await owner.write(leave_out=("offered.revenue",))
    await owner.publish()
    assert book.get(key).column_purposes == before


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


async def test_a_draft_that_changed_after_its_review_is_not_published(owner: Owner) -> None:
    await owner.write(banner__title="One title")
    page = await owner.read("/review")
    fields = {name: page.fields[name] for name in ("csrf", "fingerprint")}
    await owner.write(banner__title="Another title")
    answer = await owner.client.post(f"{owner.path}/publish", data=fields)

    assert answer.headers["location"] == f"{owner.path}/review?stale"
    assert owner.policy.version == 1


async def test_publishing_twice_makes_one_version(owner: Owner) -> None:
    await owner.write(banner__title="One title")
    page = await owner.read("/review")
    fields = {name: page.fields[name] for name in ("csrf", "fingerprint")}
    posts = (owner.client.post(f"{owner.path}/publish", data=fields) for _ in range(3))
    await asyncio.gather(*posts)

    assert owner.policy.version == 2


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


async def test_a_change_while_a_draft_is_published_is_not_lost(owner: Owner) -> None:
    editing, site = editing_of(owner), owner.world.site
    for number in range(4):
        draft = await editing.change(site, changed(f"First {number}"))
        reviewed = (await editing.review(site, draft)).fingerprint
        publishing = asyncio.create_task(editing.publish(site, reviewed, meaning="not said"))
        for _ in range(number * 20):
            await asyncio.sleep(0)
        await editing.change(site, changed(f"Later {number}"))
        with suppress(Malformed):  # where the change came first, the review is stale
            await publishing
        assert f"Later {number}" in (await editing.draft(site))["recipients"]
