"""How long a no is remembered: the owner sets it apart from a yes, up to 13 months."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from askfirst.clock import DAY_MS
from askfirst.settings import Settings
from askfirst.store.ledger.sites.policies import Policy, content_hash
from consent.policy.changes import material_changes
from consent.policy.checks.draft import check
from consent.policy.drafts import content_of, draft_of, repaired
from consent.policy.languages import duration, languages
from consent.policy.wording import Terms, default_policy, shown_of
from server.app import _policy_writer
from tests.consent.conftest import NOON
from tests.factories import a_site

HALF_A_YEAR, THIRTEEN_MONTHS = 180, 393
SHIPPED = default_policy("Example", "Example Ltd", "p@example.org", "")


def content(**changes: Any) -> dict[str, Any]:
    return content_of(draft_of(SHIPPED) | changes)


def told(made: dict[str, Any], tag: str) -> dict[str, Any]:
    policy = Policy(site_id=1, version=1, content=made, hash="", published_at=0)
    return shown_of(policy, a_site(), tag, made["texts"][tag])


async def published(room: Any, **changes: Any) -> None:
    draft = draft_of(room.deps.book.policy(room.site).content) | changes
    await room.deps.book.publish(room.site, content_of(draft), asks_again=False)


def ends(days: int) -> str:
    midnight = datetime.fromtimestamp((NOON - NOON % DAY_MS) / 1000, UTC) + timedelta(days=days)
    return f"expires={midnight:%a, %d %b %Y %H:%M:%S} GMT"


async def test_requirement_15_a_no_is_remembered_as_long_as_the_owner_says_and_a_yes_as_before(
    room: Any,
) -> None:
    await published(room, refusal_days=THIRTEEN_MONTHS)
    given = await room.post("/consent", room.yes())
    token = given.json()["token"]
    assert given.json()["days"] == HALF_A_YEAR
    noes = [await room.refuse(), await room.withdraw(token), await room.erase(token)]
    assert {answer.json()["days"] for answer in noes} == {THIRTEEN_MONTHS}
    assert len({answer.headers["set-cookie"] for answer in noes}) == 1
    assert ends(THIRTEEN_MONTHS) in noes[0].headers["set-cookie"]


async def test_requirement_17_a_no_is_remembered_for_half_a_year_by_default(room: Any) -> None:
    answer = await room.refuse()
    assert answer.json()["days"] == HALF_A_YEAR
    assert ends(HALF_A_YEAR) in answer.headers["set-cookie"]


async def test_a_policy_of_before_keeps_its_one_number_for_both(open_room: Any) -> None:
    """For an older policy nothing changes: the setting for a yes bounds its no, too."""
    room = await open_room(choice_days=60)
    made = room.deps.book.policy(room.site).content
    older = {name: value for name, value in made.items() if name != "refusal_days"}
    for days, held in ((30, 30), (183, 60)):
        changed = older | {"choice_days": days}
        await room.deps.book.publish(room.site, changed, asks_again=False)
        assert (await room.refuse()).json()["days"] == held


async def test_the_servers_setting_bounds_a_no(open_room: Any) -> None:
    room = await open_room(refusal_days=100)
    assert (await room.refuse()).json()["days"] == 100
    await published(room, refusal_days=99)
    assert (await room.refuse()).json()["days"] == 99


@pytest.mark.parametrize("days", [1, 183, 184, THIRTEEN_MONTHS])
def test_requirement_18_any_time_up_to_thirteen_months_may_be_published(days: int) -> None:
    assert check(draft_of(SHIPPED) | {"refusal_days": days}, Settings()) == []


@pytest.mark.parametrize("days", [0, -1, THIRTEEN_MONTHS + 1, "180", True, 180.0, None])
def test_a_wrong_number_of_days_is_refused_at_its_field(days: Any) -> None:
    found = check(draft_of(SHIPPED) | {"refusal_days": days}, Settings())
    assert [one.field for one in found] == ["refusal_days"]


def test_no_wording_promises_more_than_the_server_keeps() -> None:
    draft = draft_of(SHIPPED) | {"refusal_days": 200}
    assert [one.field for one in check(draft, Settings(refusal_days=199))] == ["refusal_days"]


@pytest.mark.parametrize("tag", languages())
def test_requirement_13_each_language_says_both_times_by_the_labels_of_the_answers(
    tag: str,
) -> None:
    made = content(refusal_days=THIRTEEN_MONTHS)
    shown = told(made, tag)
    yes, no = duration(HALF_A_YEAR, "day", tag), duration(THIRTEEN_MONTHS, "day", tag)
    texts = shown["texts"]
    assert no in texts["refused"]
    assert yes not in texts["refused"]
    assert shown["remembered"] == f"{yes} ({texts['accept']}) · {no} ({texts['refuse']})"


def test_with_several_purposes_the_times_stand_by_the_labels_that_are_shown_then() -> None:
    purposes = [*draft_of(SHIPPED)["purposes"], {"id": "ads", "columns": []}]
    own = {"en": {"banner.refuse_all": "Refuse everything"}}
    shown = told(content(refusal_days=200, purposes=purposes, own=own), "en")
    assert shown["remembered"] == "180 days (Accept all purposes) · 200 days (Refuse everything)"


@pytest.mark.parametrize("tag", languages())
def test_requirement_20_with_one_time_for_both_the_words_and_their_hash_are_as_before(
    tag: str,
) -> None:
    made = content()
    older = {name: value for name, value in made.items() if name != "refusal_days"}
    times = {
        tag: {k: v for k, v in said.items() if k != "asked_again"}
        for tag, said in made["times"].items()
    }
    assert told(made, tag) == told(older | {"times": times}, tag)
    assert told(made, tag)["remembered"] == duration(HALF_A_YEAR, "day", tag)


def test_requirement_22_another_time_for_a_no_ends_no_yes() -> None:
    assert material_changes(content(), content(refusal_days=THIRTEEN_MONTHS)) == []
    assert material_changes(content(refusal_days=THIRTEEN_MONTHS), content()) == []


def test_a_draft_kept_before_takes_its_one_number_for_both() -> None:
    kept = {k: v for k, v in draft_of(SHIPPED).items() if k != "refusal_days"} | {"choice_days": 90}
    draft = repaired(kept, SHIPPED)
    assert draft["refusal_days"] == 90
    assert content_hash(content_of(draft)) == content_hash(content(choice_days=90, refusal_days=90))


@pytest.mark.parametrize(
    ("settings", "days"),
    [
        ({}, 180),
        ({"choice_days": 30}, 30),
        ({"refusal_days": 100}, 100),
        ({"choice_days": 183}, 183),
    ],
)
def test_a_new_sites_no_is_remembered_like_its_yes(settings: dict[str, int], days: int) -> None:
    write = _policy_writer(Settings(**settings))
    made = write("Example", "Ada", "a@example.org", "", "whole", "en")
    assert made["refusal_days"] == days
    assert check(draft_of(made), Settings(**settings)) == []


def test_terms_without_a_time_for_a_no_take_that_of_a_yes() -> None:
    made = default_policy("E", "E Ltd", "p@example.org", "", Terms(choice_days=30))
    assert (made["choice_days"], made["refusal_days"]) == (30, 30)


async def test_the_pages_and_the_manifest_say_both(room: Any) -> None:
    await published(room, refusal_days=THIRTEEN_MONTHS)
    key = room.site.key
    manifest = (await room.browser.get(f"/manifest/{key}.json")).json()
    assert manifest["cookie"]["days"] == HALF_A_YEAR
    assert manifest["cookie"]["days_after_a_no"] == THIRTEEN_MONTHS
    for path in (f"/policy/{key}", f"/choice/{key}"):
        page = re.sub(r"\s+", " ", (await room.browser.get(path)).text)
        assert "180 days (Accept statistics) · 393 days (Refuse statistics)" in page
