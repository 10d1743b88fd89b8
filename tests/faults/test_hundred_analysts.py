"""A hundred analysts at once: each is answered, or told to try again, and none waits for ever."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.reports.garden import Garden, open_garden

pytestmark = pytest.mark.faults

PAGES = (
    "",
    "?show=pages&sort=bounce_rate",
    "?where=country,is,DE",
    "/visitors",
    "/paths",
    "/return",
    "/speed",
    "/coverage",
    "/choices",
    "/files/pages.csv",
    "/files/cohorts.csv",
    "/segments",
)
ANALYSTS = 100


@pytest.fixture
async def garden(tmp_path: Path) -> AsyncIterator[Garden]:
    async with open_garden(tmp_path) as opened:
        draw = random.Random(12)
        for number in range(3000):
            visitor = f"{draw.randrange(500):032x}"
            opened.event(
                f"2025-12-{draw.randrange(1, 32):02d}T{number % 24:02d}:{draw.randrange(60):02d}",
                visitor_id=visitor,
                visit_id=f"{visitor}-{number}",
                path=f"/{draw.randrange(40)}",
                country=draw.choice(("DE", "AT", "FR")),
            )
        opened.store()
        yield opened


@pytest.mark.parametrize("seconds", [600, 2])
async def test_a_hundred_at_once_are_answered_or_told_to_try_again(
    garden: Garden, seconds: int
) -> None:
    garden.deps.warehouse.page_seconds = seconds
    client = await garden.signed_in()

    async def one(number: int) -> tuple[int, str]:
        path = f"/sites/{garden.site.key}{PAGES[number % len(PAGES)]}"
        answer = await client.get(path, headers={"Accept": "application/json"}, timeout=None)
        is_error = answer.headers["content-type"] == "application/json"
        return answer.status_code, answer.json()["error"]["code"] if is_error else ""

    async with asyncio.timeout(300):
        found = Counter(await asyncio.gather(*(one(number) for number in range(ANALYSTS))))

    assert set(found) <= {(200, ""), (503, "took_too_long")}
    if seconds == 600:
        assert found == {(200, ""): ANALYSTS}
    garden.deps.warehouse.page_seconds = 600
    assert await one(0) == (200, "")
