"""The tag's load, the banner, the answer and the event of one browser are counted, or none is."""

from pathlib import Path

import pytest

from tests.factories import CHROME, GOOGLEBOT, a_view
from tests.world import ORIGIN, World, open_world

EVER = ("2000-01-01", "2999-12-31")
WITHOUT: dict[str, str] = {}
BRAND = {"Sec-CH-UA": '"Vivaldi";v="7", "Not)A;Brand";v="99"', "Sec-CH-UA-Mobile": "?0"}
PLATFORM = {"Sec-CH-UA-Platform": '"Windows"'}
MADE_UP = {"Sec-CH-UA": '"Nothing";v="1"', "Sec-CH-UA-Mobile": "?1"}
HEADLESS = {"Sec-CH-UA": '"HeadlessChrome";v="142"', **PLATFORM}
HIDES = ["", "()", "Mozilla/5.0"]
KINDS = ("loaded", "shown", "accepted", "refused")


@pytest.mark.parametrize(
    ("agents", "hints", "counts"),
    [
        (HIDES, WITHOUT, False),
        (HIDES, BRAND, True),
        (HIDES, PLATFORM, True),
        (HIDES, MADE_UP, False),
        (HIDES, HEADLESS, False),
        ([CHROME], WITHOUT, True),
        ([CHROME], BRAND | PLATFORM, True),
        ([CHROME], HEADLESS, False),
        ([GOOGLEBOT, "SomeHttp/7"], WITHOUT, False),
        ([GOOGLEBOT], BRAND | PLATFORM, False),
    ],
)
@pytest.mark.parametrize("touch", [None, 0, 5])
async def test_what_one_browser_does_counts_everywhere_or_nowhere(
    tmp_path: Path, agents: list[str], hints: dict[str, str], counts: bool, touch: int | None
):
    async with open_world(tmp_path, choices_per_minute=1000, smallest_count=1) as world:
        for agent in agents:
            await visit(world, {"User-Agent": agent, "Referer": f"{ORIGIN}/a", **hints}, touch)
        counted = await world.services.counts.read(world.site.id, *EVER)
        rules = [row["bot_rule"] for row in await world.rows()]

    times = len(agents) if counts else 0
    assert {one.kind: one.times for one in counted} == {kind: times for kind in KINDS if times}
    assert len([rule for rule in rules if not world.site.rules.leaves_out(rule)]) == times


async def visit(world: World, headers: dict[str, str], touch: int | None) -> None:
    """Load the tag, be asked, say yes, send an event and say no elsewhere."""
    browser = world.browser()
    browser.headers |= headers
    await world.client.get("/tag.js", headers=headers)
    await world.client.get(f"/wording/{world.site.key}.json?layer=first", headers=headers)
    await browser.accept()
    view = {"site": world.site.key, "token": browser.token, "events": [a_view()]}
    await browser.post("/event", view if touch is None else {**view, "touch": touch})
    await browser.refuse()
