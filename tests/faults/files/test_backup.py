"""A backup taken while events come, restored into an empty folder, and checked."""

import asyncio
import stat
from pathlib import Path

import pytest

from askfirst.errors import Misconfigured
from server.backups.backup import MANIFEST, copy_stores, manifest_of
from server.backups.later_decisions import NONE, Decisions, read_decisions
from server.backups.restore import Restored, restore
from server.checks.check import examine
from server.checks.files import permissions
from tests.factories import NOON, StoppedClock, a_view, settings_in
from tests.world import Browser, World, open_world

MINUTE = 60_000


async def send_on(browser: Browser, acknowledged: set[str], stop: asyncio.Event) -> None:
    while not stop.is_set():
        view = a_view()
        if (await browser.send(view)).status_code == 202:
            acknowledged.add(view["id"])


async def back_up(world: World, folder: Path) -> Path:
    target = folder / "backup"
    await asyncio.to_thread(target.mkdir)
    await copy_stores(world.services, target)
    return target


def restored(
    folder: Path, decisions: Decisions = NONE, now: int = NOON + 60 * MINUTE, name: str = "again"
) -> Restored:
    settings = settings_in(folder / name / "data")
    return restore(folder / "backup", settings, decisions, StoppedClock(now))


async def ids_of(folder: Path) -> list[str]:
    async with open_world(folder) as world:
        return [row["event_id"] for row in await world.rows()]


def test_law_7_a_backup_while_events_come_holds_all_that_was_acknowledged_before(tmp_path: Path):
    acknowledged: set[str] = set()
    before: set[str] = set()

    async def act() -> None:
        async with open_world(
            tmp_path, events_per_minute=1_000_000, address_events_per_minute=1_000_000
        ) as world:
            stop = asyncio.Event()
            browser = world.browser()
            await browser.accept()
            senders = [asyncio.create_task(send_on(browser, acknowledged, stop)) for _ in range(8)]
            while len(acknowledged) < 100:
                await world.services.shipper.ship()
            before.update(acknowledged)
            await back_up(world, tmp_path)
            stop.set()
            await asyncio.gather(*senders)

    asyncio.run(act())
    done = restored(tmp_path)
    ids = asyncio.run(ids_of(tmp_path / "again"))

    assert before <= set(ids) <= acknowledged
    assert len(ids) == len(set(ids))
    assert len(ids) == done.manifest.counts["events"] + done.manifest.counts["waiting"]
    assert examine(tmp_path / "again" / "data") == []


async def a_copied_world(folder: Path) -> tuple[str, str, str]:
    """Back up three visitors, of whom one withdraws later and one erases; return their tokens."""
    async with open_world(folder) as world:
        stays, withdraws, erases = (world.browser() for _ in range(3))
        for browser in (stays, withdraws, erases):
            await browser.accept()
            await browser.send()
        world.clock.move(minutes=1)
        await back_up(world, folder)
        world.clock.move(minutes=1)
        await withdraws.withdraw()
        await erases.erase()
    return stays.token, withdraws.token, erases.token


def test_law_6_a_restore_erases_and_withdraws_what_the_newer_ledger_knows(tmp_path: Path):
    tokens = asyncio.run(a_copied_world(tmp_path))
    done = restored(tmp_path, read_decisions(tmp_path / "data"))

    async def act() -> tuple[list[int], str]:
        async with open_world(tmp_path / "again") as world:
            world.clock.move(minutes=70)
            answers = []
            for token in tokens:
                browser = world.browser()
                browser.token = token
                answers.append((await browser.send()).status_code)
            claims = world.services.tokens.read(tokens[2])
            assert claims is not None
            return answers, claims.visitor_id

    answers, erased = asyncio.run(act())
    left = b"".join(p.read_bytes() for p in (tmp_path / "again" / "data").glob("*") if p.is_file())

    assert (done.withdrawn, done.erased) == (2, 1)
    assert answers == [202, 403, 403]
    assert examine(tmp_path / "again" / "data") == []
    assert erased.encode() not in left


@pytest.mark.parametrize(("later", "ids_left"), [("ended", 1), ("erased", 0)])
def test_law_6_a_restore_erases_each_visitor_id_that_was_erased_later_and_no_other(
    tmp_path: Path, later: str, ids_left: int
):
    """Of two ids of one browser the withdrawn one may have ended, and the other goes on."""

    async def act() -> list[str]:
        async with open_world(tmp_path) as world:
            first, second = world.browser(), world.browser()
            await first.accept()
            await first.send()
            world.clock.move(minutes=1)
            await first.withdraw()
            await second.accept(token=first.token)
            await second.send()
            claims = [world.services.tokens.read(one.token) for one in (first, second)]
            ids = [one.visitor_id for one in claims if one]
            world.clock.move(minutes=1)
            await back_up(world, tmp_path)
            if later == "ended":
                await world.services.eraser.erase_alone(world.site.id, ids[:1])
            else:
                await first.erase()
        return ids

    ids = asyncio.run(act())
    done = restored(tmp_path, read_decisions(tmp_path / "data"))
    left = b"".join(p.read_bytes() for p in (tmp_path / "again" / "data").glob("*") if p.is_file())

    assert done.erased == 2 - ids_left
    assert [one.encode() in left for one in ids] == [False, bool(ids_left)]


def test_law_6_a_restore_deletes_the_site_that_was_deleted_after_the_backup(tmp_path: Path):
    async def act() -> tuple[str, str]:
        async with open_world(tmp_path) as world:
            browser = world.browser()
            await browser.accept()
            await browser.send(a_view(url="https://example.org/ofthedeletedsite"))
            await back_up(world, tmp_path)
            await world.services.site_deletion.delete(world.site.id)
            claims = world.services.tokens.read(browser.token)
            assert claims is not None
            return world.site.key, claims.visitor_id

    key, visitor = asyncio.run(act())
    (tmp_path / "list").write_text(read_decisions(tmp_path / "data").text())
    restored(tmp_path, read_decisions(tmp_path / "list"))
    left = b"".join(p.read_bytes() for p in (tmp_path / "again" / "data").glob("*") if p.is_file())

    assert f"deleted {key}\n" in (tmp_path / "list").read_text()
    assert visitor.encode() not in left
    assert b"ofthedeletedsite" not in left
    assert examine(tmp_path / "again" / "data") == []


def test_a_list_of_decisions_does_what_the_ledger_itself_does(tmp_path: Path):
    asyncio.run(a_copied_world(tmp_path))
    decisions = read_decisions(tmp_path / "data")
    (tmp_path / "list").write_text(decisions.text())

    assert read_decisions(tmp_path / "list") == decisions
    assert len(decisions.erased) == 1
    assert len(decisions.withdrawn) == 2


def test_law_3_a_yes_that_the_restore_lost_is_asked_again_and_not_recorded(tmp_path: Path):
    async def act() -> str:
        async with open_world(tmp_path) as world:
            await back_up(world, tmp_path)
            world.clock.move(minutes=5)
            lost = world.browser()
            await lost.accept()
            return lost.token

    token = asyncio.run(act())
    restored(tmp_path)

    async def send() -> tuple[str, int]:
        async with open_world(tmp_path / "again") as world:
            world.clock.move(minutes=61)
            lost, fresh = world.browser(), world.browser()
            lost.token = token
            answer = await lost.send()
            await fresh.accept()
            return answer.json()["error"]["code"], (await fresh.send()).status_code

    assert asyncio.run(send()) == ("bad_token", 202)


def test_a_backup_is_for_its_owner_alone_and_says_what_it_holds(tmp_path: Path):
    asyncio.run(a_copied_world(tmp_path))
    folder = tmp_path / "backup"
    manifest = manifest_of((folder / MANIFEST).read_bytes())
    names = {path.name for path in folder.iterdir()}

    assert {"keys", "ledger.db", "journal.db", "warehouse.duckdb", "receipt-seed"} <= names
    assert set(manifest.files) == names - {MANIFEST}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("name", ["ledger.db", "journal.db", "warehouse.duckdb", "keys"])
def test_a_damaged_backup_is_refused_and_leaves_the_folder_empty(tmp_path: Path, name: str):
    asyncio.run(a_copied_world(tmp_path))
    path = tmp_path / "backup" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(Misconfigured, match=name):
        restored(tmp_path)

    assert list((tmp_path / "again" / "data").iterdir()) == []


def test_a_folder_that_is_not_empty_is_refused_and_left_alone(tmp_path: Path):
    asyncio.run(a_copied_world(tmp_path))
    kept = tmp_path / "again" / "data" / "kept"
    kept.parent.mkdir(parents=True)
    kept.write_text("mine")
    with pytest.raises(Misconfigured, match="not empty"):
        restored(tmp_path)

    assert [path.name for path in kept.parent.iterdir()] == ["kept"]


def test_a_manifest_cannot_write_outside_of_the_folder(tmp_path: Path):
    asyncio.run(a_copied_world(tmp_path))
    manifest = tmp_path / "backup" / MANIFEST
    manifest.write_text(manifest.read_text().replace('"keys"', '"../keys"'))
    with pytest.raises(Misconfigured, match="outside"):
        restored(tmp_path)

    assert not (tmp_path / "again" / "keys").exists()


def test_check_names_what_others_may_open(tmp_path: Path):
    asyncio.run(a_copied_world(tmp_path))
    (tmp_path / "data" / "keys").chmod(0o644)

    assert ["keys" in one.sentence for one in permissions(tmp_path / "data")] == [True]
