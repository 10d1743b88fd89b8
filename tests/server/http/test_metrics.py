"""The metrics: what was not recorded, by site and reason, for whoever has the token."""

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.factories import GOOGLEBOT, a_view
from tests.world import World, open_world

TOKEN = "a-token-of-the-metrics"


async def read(world: World, token: str = TOKEN) -> dict[tuple[str, ...], float]:
    headers = {"Authorization": f"Bearer {token}"}
    answer = await world.client.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, *(text for _, text in sorted(sample.labels.items(), reverse=True))): (
            sample.value
        )
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_law_8_the_metrics_have_each_reason_rule_and_choice_by_site(tmp_path: Path):
    async with open_world(tmp_path, metrics_token=TOKEN) as world:
        visitor, nobody = world.browser(), world.browser()
        await visitor.accept()
        await nobody.send()
        await nobody.post("/event", b"{}")
        await visitor.send(**{"User-Agent": GOOGLEBOT})
        steered = {"site": world.site.key, "token": visitor.token, "webdriver": True}
        again = {**steered, "events": [a_view(), a_view()]}
        await visitor.post("/event", again)
        await visitor.post("/event", again)  # a resend is stored once, and counted once
        await world.services.shipper.ship_all()
        found = await read(world)

    key = world.site.key
    assert found["askfirst_not_recorded_total", key, "no_consent"] == 1
    assert found["askfirst_not_recorded_total", key, "malformed"] == 1
    assert found["askfirst_not_recorded_total", key, "bot"] == 1
    assert found["askfirst_crawlers_turned_away_total", key, "agent:Googlebot"] == 1
    assert found["askfirst_left_out_total", key, "webdriver"] == 2
    assert found["askfirst_choices_total", key, "accepted"] == 1
    assert found["askfirst_disk_free_bytes",] > 0
    assert not any("webdriver" in one for one in found if one[0] == "askfirst_not_recorded_total")


async def test_only_who_has_the_token_reads_them_and_without_the_setting_nobody(tmp_path: Path):
    async with open_world(tmp_path / "set", metrics_token=TOKEN) as world:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}):
            answer = await world.client.get("/metrics", headers=headers)
            assert answer.status_code == 403
            assert answer.json()["error"]["code"] == "bad_metrics_token"
    async with open_world(tmp_path / "unset") as world:
        answer = await world.client.get("/metrics", headers={"Authorization": "Bearer "})
        assert answer.status_code == 404
