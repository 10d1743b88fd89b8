"""What tools read: support of GPC, the manifest, and rules that refuse and never accept."""

import base64
import hashlib
import re
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from consent.http.cookie import cookie_name
from server import jobs
from tests.factories import CHROME, GOOGLEBOT
from tests.world import ORIGIN, World, open_world

EVER = ("2000-01-01", "2999-12-31")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path, choices_per_minute=1000, smallest_count=1) as opened:
        yield opened


async def kinds(world: World) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in await world.services.counts.read(world.site.id, *EVER):
        found[row.kind] = found.get(row.kind, 0) + row.times
    return found


async def test_requirement_48_gpc_is_supported_as_the_specification_says(world: World) -> None:
    """A JSON object, `gpc` a boolean, `lastUpdate` an RFC 3339 date, as `application/json`."""
    answer = await world.client.get("/.well-known/gpc.json")
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body == {"gpc": True, "lastUpdate": "2026-01-01"}
    assert date.fromisoformat(body["lastUpdate"])


async def test_requirement_48_the_date_moves_with_the_newest_policy(world: World) -> None:
    world.clock.move(days=3)
    policy = world.services.book.policy(world.site)
    texts = {"en": await world.services.book.texts(policy, "en")}
    await world.services.book.publish(
        world.site, {**policy.content, "texts": texts}, asks_again=False
    )
    body = (await world.client.get("/.well-known/gpc.json")).json()
    assert body["lastUpdate"] == "2026-01-04"


@pytest.mark.parametrize(
    ("sent", "recorded"),
    [
        (["1"], True),
        (["0"], False),
        (["1;x"], False),
        (["true"], False),
        (["0", "1"], True),
        (["0, 1"], True),
        (["0, 10"], False),
    ],
)
async def test_requirement_47_only_exactly_1_is_the_signal(
    world: World, sent: list[str], recorded: bool
) -> None:
    browser = world.browser()
    asked = await browser.wording()
    yes: dict[str, Any] = {
        "site": world.site.key,
        "choice": "accept",
        "purposes": ["statistics"],
        "version": asked["version"],
        "notice": asked["hash"],
        "language": "en",
        "method": "banner",
    }
    signals = [("Sec-GPC", value) for value in sent]
    own = [("Origin", ORIGIN), ("Content-Type", "text/plain"), ("User-Agent", CHROME)]
    answer = await world.client.post("/consent", json=yes, headers=[*own, *signals])
    assert answer.status_code == 200
    async with world.services.ledger.read() as connection:
        rows = await connection.exec_driver_sql("SELECT signals FROM consent_records")
        assert ("true" in rows.scalar_one()) is recorded

    referrer = [("Referer", f"{ORIGIN}/"), ("User-Agent", CHROME)]
    await world.client.get("/tag.js", headers=[*referrer, *signals])
    assert (await kinds(world)).get("signal", 0) == int(recorded)


async def test_requirement_49_gpc_records_nothing_but_a_count_until_an_explicit_yes(
    world: World,
) -> None:
    headers = {"Referer": f"{ORIGIN}/a", "Sec-GPC": "1", "User-Agent": CHROME}
    await world.client.get("/tag.js", headers=headers)
    assert await kinds(world) == {"loaded": 1, "signal": 1}
    assert await world.rows() == []

    browser = world.browser()
    browser.headers["Sec-GPC"] = "1"
    assert (await browser.accept()).status_code == 200
    assert (await browser.send()).status_code == 202
    assert len(await world.rows()) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("Sec-Purpose", "prefetch;prerender"), ("Purpose", "prefetch"), ("X-Moz", "prefetch")],
)
async def test_a_page_that_is_loaded_ahead_of_a_click_is_no_load(
    world: World, name: str, value: str
) -> None:
    headers = {"Referer": f"{ORIGIN}/a", "Sec-GPC": "1", "User-Agent": CHROME}
    answer = await world.client.get("/tag.js", headers={**headers, name: value})

    assert answer.status_code == 200
    assert await kinds(world) == {}


async def test_counts_outlive_the_process_and_end_after_25_months(tmp_path: Path) -> None:
    headers = {"Referer": f"{ORIGIN}/a", "User-Agent": CHROME}
    async with open_world(tmp_path) as world:
        await world.client.get("/tag.js", headers=headers)
    async with open_world(tmp_path) as world:
        await world.client.get("/tag.js", headers=headers)
        await jobs.flush(world.services)
        assert await kinds(world) == {"loaded": 2}
        await jobs.retain(world.services)
        assert await kinds(world) == {"loaded": 2}
        world.clock.move(days=763)
        await jobs.retain(world.services)
        assert await kinds(world) == {}


async def test_the_tags_loads_are_counted_also_where_the_browser_has_it(world: World) -> None:
    headers = {"Referer": f"{ORIGIN}/articles/knots?q=me", "User-Agent": CHROME}
    first = await world.client.get("/tag.js", headers=headers)
    again = await world.client.get(
        "/tag.js", headers={**headers, "If-None-Match": first.headers["etag"]}
    )
    assert again.status_code == 304
    (row,) = await world.services.counts.read(world.site.id, *EVER)
    assert (row.kind, row.page, row.language, row.version, row.times) == (
        "loaded",
        "/articles/knots",
        "",
        0,
        2,
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": CHROME},
        {"User-Agent": CHROME, "Referer": "https://elsewhere.example/"},
        {"User-Agent": CHROME, "Referer": "https://example.org.evil.example/"},
        {"User-Agent": GOOGLEBOT, "Referer": f"{ORIGIN}/"},
    ],
)
async def test_loads_of_no_site_and_of_known_bots_are_not_counted(
    world: World, headers: dict[str, str]
) -> None:
    assert (await world.client.get("/tag.js", headers=headers)).status_code == 200
    assert await kinds(world) == {}


async def test_law_4_a_visit_without_a_yes_leaves_counts_and_nothing_that_names_it(
    world: World,
) -> None:
    seen = {"Referer": f"{ORIGIN}/a", "User-Agent": CHROME, "Cookie": "x=y", "Origin": ORIGIN}
    await world.client.get("/tag.js", headers=seen)
    key = world.site.key
    await world.client.get(f"/wording/{key}.json?layer=first&lang=de", headers=seen)
    body = {"site": key, "choice": "refuse", "language": "de", "version": 1}
    await world.browser().post("/consent", body, Referer=f"{ORIGIN}/a")

    found = await world.services.counts.read(world.site.id, *EVER)
    assert {tuple(row) for row in found} == {
        ("2026-01-01", "loaded", "/a", "", 0, 1),
        ("2026-01-01", "shown", "/a", "de", 1, 1),
        ("2026-01-01", "refused", "/a", "de", 1, 1),
    }


@pytest.mark.parametrize(("language", "version"), [("xx", 1), ("en", 7), ("de-AT", 2**31 - 1)])
async def test_law_4_a_no_can_write_no_words_of_its_own_into_the_counts(
    world: World, language: str, version: int
) -> None:
    body = {"site": world.site.key, "choice": "refuse", "language": language, "version": version}
    assert (await world.browser().post("/consent", body)).status_code == 200
    (row,) = await world.services.counts.read(world.site.id, *EVER)
    assert (row.language in ("", "en"), row.version in (0, 1)) == (True, True)


async def test_law_4_a_path_seen_once_is_not_in_the_ledger(tmp_path: Path) -> None:
    seen = {"Referer": f"{ORIGIN}/user/jane.doe", "User-Agent": CHROME, "Origin": ORIGIN}
    async with open_world(tmp_path) as world:
        await world.client.get("/tag.js", headers=seen)
        await world.client.get(f"/wording/{world.site.key}.json?layer=first", headers=seen)
        await world.browser().post(
            "/consent", {"site": world.site.key, "choice": "refuse"}, Referer=seen["Referer"]
        )
        found = await world.services.counts.read(world.site.id, *EVER)
    assert {(row.kind, row.page) for row in found} == {
        ("loaded", ""),
        ("shown", ""),
        ("refused", ""),
    }


async def test_a_whole_wording_is_not_an_asking_and_bots_are_not_asked(world: World) -> None:
    key = world.site.key
    await world.client.get(f"/wording/{key}.json", headers={"User-Agent": CHROME})
    await world.client.get(f"/wording/{key}.json?layer=first", headers={"User-Agent": GOOGLEBOT})
    assert await kinds(world) == {}


async def test_answers_of_known_bots_are_no_more_counted_than_what_they_are_asked(
    world: World,
) -> None:
    for agent, times in ((GOOGLEBOT, 0), (CHROME, 1)):
        seen = {"User-Agent": agent, "Referer": f"{ORIGIN}/"}
        browser = world.browser()
        browser.headers.update(seen)
        await world.client.get(f"/wording/{world.site.key}.json?layer=first", headers=seen)
        await browser.accept()
        await browser.post("/consent", {"site": world.site.key, "choice": "refuse"})
        counted = dict.fromkeys(("shown", "accepted", "refused"), times) if times else {}
        assert await kinds(world) == counted


async def test_a_withdrawal_is_counted_once_under_the_version_of_its_yes(world: World) -> None:
    browser = world.browser()
    await browser.accept()
    for _ in range(3):
        await browser.withdraw()
    assert await kinds(world) == {"accepted": 1, "withdrawn": 1}
    assert {row.version for row in await world.services.counts.read(world.site.id, *EVER)} == {1}


async def test_the_manifest_says_what_is_recorded_where_it_is_sent_and_which_script_does_it(
    world: World,
) -> None:
    answer = await world.client.get(f"/manifest/{world.site.key}.json?lang=de")
    assert answer.headers["access-control-allow-origin"] == "*"
    manifest = answer.json()
    assert manifest["language"] == "de"
    assert manifest["retention_months"] == 25
    assert manifest["withdrawn_days"] == 30
    assert manifest["recipients"] == []
    assert manifest["cookie"]["name"] == cookie_name(world.site.key)
    (purpose,) = manifest["purposes"]
    assert {"ip", "path", "visitor_id"} <= {field["column"] for field in purpose["fields"]}
    assert manifest["versions"][0]["hash"] == manifest["policy_hash"]
    for path, integrity in manifest["scripts"].items():
        script = await world.client.get(path)
        digest = base64.b64encode(hashlib.sha256(script.content).digest()).decode()
        assert integrity == f"sha256-{digest}"
    assert "/tag.js" in manifest["scripts"]


async def test_every_address_of_the_manifest_is_answered(world: World) -> None:
    manifest = (await world.client.get(f"/manifest/{world.site.key}.json")).json()
    for path in [*manifest["endpoints"].values(), *(v["url"] for v in manifest["versions"])]:
        answer = await world.client.get(path)
        assert answer.status_code in (200, 405), path


async def test_the_manifest_of_no_site_is_not_found(world: World) -> None:
    assert (await world.client.get("/manifest/nobody.json")).status_code == 404


async def test_requirement_50_the_rules_refuse_and_hold_no_step_that_accepts(world: World) -> None:
    for path in ("/rules/autoconsent.json", "/rules/consent-o-matic.json"):
        text = (await world.client.get(path)).text
        assert "data-askfirst=refuse" in text
        assert not re.search(r"data-askfirst=(?!refuse)", text)
