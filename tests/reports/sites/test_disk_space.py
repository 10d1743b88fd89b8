"""The room that is left, on the list of sites: sizes, and what is refused for want of it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from askfirst.rate_limits import DailyCeiling
from askfirst.store.ledger.tables import staff
from askfirst.system.disk_space import Storage
from reports.dependencies import StorageView
from reports.sites.disk_space import in_bytes
from tests.reports.garden import EMAIL, HASH, Garden, _policy, bare_garden, open_garden

MB = 1_000_000


async def listed(folder: Path, free: int, path: str = "/?all", **changes: Any) -> tuple[int, str]:
    """Return the status and text of the list of sites, on a disk with so much free."""
    async with open_garden(folder) as garden:
        storage = Storage(folder, 100, garden.clock, lambda _folder: free)
        storage.look()
        events, yeses = DailyCeiling(1, "events"), DailyCeiling(1, "yeses")
        for _ in range(changes.get("events", 0)):
            events.wait_for(garden.site.id, 1, garden.clock())
        for _ in range(changes.get("too_fast", 0)):
            garden.deps.tallies.add(garden.site.id, "too_fast")
        view = StorageView(storage.figure, events.reached, yeses.reached)
        sites = garden.site, garden.other
        shown = Garden(replace(garden.deps, storage=view), garden.clock, sites)
        client = await shown.signed_in()
        answer = await client.get(path)
        return answer.status_code, " ".join(answer.text.split())


async def test_the_owner_sees_what_is_free_and_what_the_data_takes(tmp_path: Path) -> None:
    _, text = await listed(tmp_path, 84 * 1000 * MB)

    assert "Free on the disk: 84 GB. Reserve: 100 MB. With less than that free, recording" in text
    for store in ("Consents, accounts and counts", "Events on their way", "Events"):
        assert f'<th scope="row">{store}</th>' in text
    assert "too little room" not in text
    assert "turned away today" not in text


async def test_the_owner_sees_since_when_events_are_refused(tmp_path: Path) -> None:
    _, text = await listed(tmp_path, 99 * MB)

    assert "The disk has too little room." in text
    assert text.index("too little room") < text.index("site-list")
    assert "free_disk_mb" in text
    assert "(UTC) events and new consents are turned away" in text


async def test_a_site_at_its_ceiling_and_what_came_too_fast_are_told(tmp_path: Path) -> None:
    _, text = await listed(tmp_path, 200 * MB, events=2, too_fast=1234)

    assert "Garden has had its events for today." in text
    assert "site_events_per_day" in text
    assert "site_choices_per_day" not in text
    assert "1,234 requests were turned away today" in text
    assert "trusted_proxies" in text


async def test_a_short_disk_is_told_on_every_page_of_somebody_who_is_signed_in(
    tmp_path: Path,
) -> None:
    async with bare_garden(tmp_path) as (deps, clock):
        site = await deps.book.add("Garden", ["example.org"], "UTC", _policy("", "", "", ""))
        owner = {"email": EMAIL, "password_hash": HASH, "created_at": clock()}
        async with deps.ledger.write() as connection:
            await connection.execute(insert(staff), [owner])
        disk = {"free": 200 * MB}
        storage = Storage(tmp_path, 100, clock, lambda _folder: disk["free"])
        view = StorageView(storage.figure, lambda _now: {}, lambda _now: {})
        garden = Garden(replace(deps, storage=view), clock, (site, site))
        client, stranger = await garden.signed_in(), garden.client()
        paths = ("", "/visitors", "/choices", "/install", "/wording", "/settings", "/records")
        pages = ("/?all", "/account", "/account/log", *(f"/sites/{site.key}{p}" for p in paths))
        for disk["free"], told in ((200 * MB, 0), (1, 1), (200 * MB, 0)):
            storage.look()
            for path in pages:
                text = (await client.get(path)).text
                assert text.count("The disk has too little room.") == told, path
            assert "too little room" not in (await stranger.get("/sign-in")).text
        assert (await client.get("/")).headers["location"] == f"/sites/{site.key}"


@pytest.mark.parametrize(
    ("size", "said"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (84 * MB, "84 MB"), (1_234_567_890, "1.2 GB")],
)
def test_a_size_is_written_for_people(size: int, said: str) -> None:
    assert in_bytes(size) == said
