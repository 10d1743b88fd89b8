"""A visitor corrects: stored events, late ones and every report follow, and it is recorded."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from askfirst.errors import AskfirstError, Malformed, NotFound
from askfirst.rules.corrections import DETACHED, HIDDEN
from askfirst.rules.report_rules import ReportRules
from askfirst.store.ledger.rights.corrections import NOBODYS
from askfirst.store.ledger.rules.report_rules import RulesOfSites
from askfirst.store.ledger.tables import corrections
from consent.rights.corrected_events import Asked
from server.backups.later_corrections import correction_of
from server.backups.later_decisions import NONE, carry_out, read_decisions
from server.checks.check import examine
from server.jobs import forget_corrected
from server.maintenance.report_rules import follow_rules
from server.maintenance.rewriting import rewrite
from server.services import open_services
from tests.factories import a_view
from tests.reports.reading import Reading
from tests.reports.wording.owner import Owner
from tests.world import Browser, World, open_world

HOUR = 3_600_000
FRENCH = {"Accept-Language": "fr-FR, fr"}


async def visited(world: World, *paths: str, browser: Browser | None = None) -> Browser:
    """Send page views of a visitor, a new one by default, a minute apart."""
    if browser is None:
        browser = world.browser()
        await browser.accept()
    for path in paths:
        view = a_view(url=f"https://example.org{path}", title=f"On {path}")
        assert (await browser.send(view, **FRENCH)).status_code == 202
        world.clock.move(minutes=1)
    return browser


def visitor_of(world: World, browser: Browser) -> str:
    return world.services.tokens.read(browser.token).visitor_id


async def corrected(world: World, browser: Browser, *asked: Any, **named: Any) -> str:
    whose = (world.site.id, visitor_of(world, browser))
    return await world.services.corrections.correct(*whose, Asked(*asked, **named), world.clock)


async def rows_of(world: World, browser: Browser) -> list[dict[str, Any]]:
    rows = await world.rows()
    return [row for row in rows if row["visitor_id"] == visitor_of(world, browser)]


async def late(world: World, browser: Browser, path: str, hours: float) -> None:
    """Send an event that happened some hours ago."""
    view = a_view(url=f"https://example.org{path}", age=round(hours * HOUR))
    assert (await browser.send(view, **FRENCH)).status_code == 202


async def views_shown(world: World, owner: Owner) -> str:
    answer = await owner.client.get(f"/sites/{world.site.key}?period=7d")
    assert answer.status_code == 200
    return Reading(answer.text).figures.get("Page views", ["0"])[0]


async def test_law_6_a_wrong_value_is_right_in_what_is_stored_waits_and_comes_late(tmp_path: Path):
    async with open_world(tmp_path) as world:
        mine = await visited(world, "/one")
        other = await visited(world, "/other")
        world.clock.move(minutes=120)
        await world.rows()
        before = await rows_of(world, other)
        await visited(world, "/waits", browser=mine)
        await corrected(world, mine, "language", "de")
        await corrected(world, mine, "device")
        await late(world, mine, "/late", 1)
        rows = await rows_of(world, mine)
        untouched = await rows_of(world, other)
        world.clock.move(minutes=120)
        await visited(world, "/later", browser=mine)
        later = (await rows_of(world, mine))[-1]
        told = await world.services.corrections.of(world.site.id, [visitor_of(world, mine)])

    assert [(row["path"], row["language"], row["languages"]) for row in rows] == [
        ("/one", "de", ""), ("/late", "de", ""), ("/waits", "de", ""),
    ]  # fmt: skip
    assert {row[name] for row in rows for name in ("device", "browser", "os_version")} == {""}
    assert untouched == before
    assert (later["path"], later["language"], later["browser"]) == ("/later", "fr-FR", "Chrome")
    assert [(one.kind, one.to_value, one.of_all) for one in told] == [
        ("device", "", True), ("language", "de", True),
    ]  # fmt: skip
    assert "fr-FR" in told[1].from_value
    assert "Chrome" in told[0].from_value


async def test_law_6_a_wrong_value_of_one_visit_stays_in_the_others(tmp_path: Path):
    async with open_world(tmp_path) as world:
        mine = await visited(world, "/one")
        world.clock.move(minutes=120)
        await visited(world, "/two", browser=mine)
        first = (await rows_of(world, mine))[0]
        await corrected(world, mine, "language", "", first["visit_id"])
        await late(world, mine, "/gap", 1)
        rows = await rows_of(world, mine)

    said = {row["path"]: row["language"] for row in rows}
    assert said == {"/one": "", "/two": "fr-FR", "/gap": "fr-FR"}


async def test_law_6_a_hidden_page_is_nowhere_and_still_counts(tmp_path: Path):
    async with open_world(tmp_path) as world:
        mine = await visited(world, "/open", "/secret-7391", "/open")
        click = {"kind": "link_click", "link_url": "https://example.org/secret-7391"}
        click |= {"link_kind": "internal", "url": "https://example.org/open"}
        await mine.send(a_view(**click), **FRENCH)
        other = await visited(world, "/open")
        rows = await rows_of(world, mine)
        secret = next(row for row in rows if row["path"] == "/secret-7391")
        await corrected(world, mine, "page", event_id=secret["event_id"])
        await late(world, mine, "/secret-7391", 0.01)
        hidden = await rows_of(world, mine)
        await rewrite(world.services)
        folder = world.services.settings.data_folder
        raw = b"".join(one.read_bytes() for one in folder.glob("warehouse*") if one.is_file())
        async with world.services.ledger.read() as connection:
            kept = str((await connection.execute(select(corrections))).mappings().all())
        with pytest.raises(NotFound):
            await corrected(world, other, "page", event_id=secret["event_id"])

    assert sorted(row["path"] for row in hidden) == sorted(["/open"] * 3 + [HIDDEN] * 2)
    assert [row["link_url"] for row in hidden if row["kind"] == "link_click"] == [HIDDEN]
    assert not any("secret" in str(value) for row in hidden for value in row.values())
    assert b"secret-7391" not in raw
    assert "secret" not in kept


async def test_law_6_a_detached_visit_is_nobodys_with_what_comes_late(tmp_path: Path):
    async with open_world(tmp_path) as world:
        mine = await visited(world, "/mine")
        world.clock.move(minutes=120)
        again = a_view(url="https://example.org/not-me/sent-again")
        await visited(world, "/not-me", "/not-me/2", browser=mine)
        await mine.send(again, **FRENCH)
        old = (await rows_of(world, mine))[1:]
        visit = old[0]["visit_id"]
        await corrected(world, mine, "language", "de", visit)
        await corrected(world, mine, "device")
        await corrected(world, mine, "visit", visit_id=visit)
        world.clock.move(minutes=1)
        await mine.send(again, **FRENCH)
        await late(world, mine, "/not-me/late", 1.5 / 60)
        await visited(world, "/me-again", browser=mine)
        rows = await world.rows()
        files = await world.services.personal_data.rows(world.site.id, visitor_of(world, mine))
        with pytest.raises(NotFound):
            await corrected(world, mine, "visit", visit_id=visit)
        await world.services.eraser.erase(world.site.id, visitor_of(world, mine))
        left = await world.rows()
        await rewrite(world.services)
        folder = world.services.settings.data_folder
        raw = b"".join(one.read_bytes() for one in folder.glob("ledger*"))
    findings = await asyncio.to_thread(examine, world.services.settings.data_folder)

    whose, paths = visitor_of(world, mine), {"/not-me", "/not-me/2", "/not-me/sent-again"}
    theirs = [row for row in rows if row["visitor_id"] != whose]
    ids = {row[name] for row in old for name in ("event_id", "visit_id")}
    assert {row["path"] for row in rows if row["visitor_id"] == whose} == {"/mine", "/me-again"}
    assert sorted(row["path"] for row in theirs) == sorted([*paths, "/not-me/late"])
    assert {row["language"] for row in theirs} == {"de"}
    assert {row["consent_id"] for row in theirs} == {DETACHED}
    assert {len({row[name] for row in theirs}) for name in ("visitor_id", "visit_id")} == {1}
    assert len({row["event_id"] for row in theirs}) == len(theirs)
    assert sum(row["event_id"] == row["visit_id"] for row in theirs) == 1
    assert not [one for one in ids if one in str(rows) or one in str(files) or one.encode() in raw]
    assert not [row for row in theirs if row["visitor_id"] in str(files)]
    assert findings == []
    assert left == theirs


REFUSED: dict[str, tuple[Callable[[dict[str, Any]], Asked], type[AskfirstError]]] = {
    "the last page": (lambda row: Asked("page", event_id=row["event_id"]), Malformed),
    "free text": (lambda _: Asked("language", "<b>"), Malformed),
    "no country": (lambda _: Asked("country", "Atlantis"), Malformed),
    "another kind": (lambda _: Asked("ip"), Malformed),  # type: ignore[arg-type]
    "an unknown visit": (lambda _: Asked("language", "de", "nobody's"), NotFound),
    "an unknown page": (lambda _: Asked("page", event_id="nobody's"), NotFound),
}


async def test_a_correction_that_cannot_be_made_changes_and_records_nothing(tmp_path: Path):
    async with open_world(tmp_path) as world:
        mine = await visited(world, "/only", "/only")
        rows = await rows_of(world, mine)
        for asked, error in REFUSED.values():
            with pytest.raises(error):
                await corrected(world, mine, *vars(asked(rows[0])).values())
        after = await rows_of(world, mine)
        whose = visitor_of(world, mine)
        told = await world.services.corrections.of(world.site.id, [whose])
        await corrected(world, mine, "language", "de")
        async with world.services.ledger.write() as connection:
            row = (await connection.execute(select(corrections))).mappings().one()
            many = [{**row, "id": None, "number": f"{number:032x}"} for number in range(99)]
            await connection.execute(insert(corrections), many)
        with pytest.raises(Malformed, match="At most 100"):
            await corrected(world, mine, "language", "en")

    assert after == rows
    assert told == ()


async def test_law_6_a_correction_before_a_crash_is_finished_at_the_next_start(tmp_path: Path):
    async with open_world(tmp_path) as world:
        mine = await visited(world, "/one")
        visitor_id = visitor_of(world, mine)
        rights = world.services.corrections

        async def fail(*_: Any) -> int:
            raise OSError("The machine goes off.")

        works, rights._apply = rights._apply, fail
        with pytest.raises(OSError, match="off"):
            await corrected(world, mine, "language", "de")
        rights._apply = works
        before = (await rows_of(world, mine))[0]["language"]
        settings, clock, site = world.services.settings, world.clock, world.site.id
    async with open_services(settings, clock) as services:
        after = services.warehouse.rows_of(site, visitor_id)["language"].tolist()
        async with services.ledger.read() as connection:
            left = await connection.scalar(
                select(func.count()).where(corrections.c.applied_at.is_(None))
            )

    assert (before, after, left) == ("fr-FR", ["de"], 0)


async def test_law_6_an_owners_rules_leave_a_correction_as_it_is(tmp_path: Path):
    async with open_world(tmp_path) as world:
        services = world.services
        rules = RulesOfSites(services.ledger, services.book)
        grouping = ReportRules(group_paths=("/book/*",))
        await rules.save(world.site, grouping, world.clock())
        mine = await visited(world, "/book/one", "/book/two", "/else")
        rows = await rows_of(world, mine)
        await corrected(world, mine, "page", event_id=rows[0]["event_id"])
        await follow_rules(services)
        grouped = sorted(row["path"] for row in await rows_of(world, mine))
        await rules.save(services.book.by_id(world.site.id), ReportRules(), world.clock())
        await follow_rules(services)
        back = sorted(row["path"] for row in await rows_of(world, mine))

    assert grouped == sorted([HIDDEN, "/book/*", "/else"])
    assert back == sorted([HIDDEN, "/book/two", "/else"])


async def test_law_6_a_restored_backup_gets_later_corrections_again(tmp_path: Path):
    async with open_world(tmp_path / "new") as world:
        mine = await visited(world, "/one", "/two")
        first = visitor_of(world, mine)
        older = mine.token
        await mine.withdraw()
        await mine.accept(token=older)
        await visited(world, "/one", "/not-me", browser=mine)
        world.clock.move(minutes=120)
        await visited(world, "/not-me", browser=mine)
        await world.rows()
        folder = world.services.settings.data_folder
        async with world.services.shipper.quiet():
            await asyncio.to_thread(world.services.warehouse.copy_to, tmp_path / "copy.duckdb")
        ids, data = [first, visitor_of(world, mine)], world.services.personal_data
        old = await rows_of(world, mine)
        await corrected(world, mine, "language", "de")
        await corrected(world, mine, "page", event_id=old[0]["event_id"])
        await corrected(world, mine, "visit", visit_id=old[2]["visit_id"])
        decided = await asyncio.to_thread(read_decisions, folder / "ledger.db")
        new = (await data.rows_of(world.site.id, ids))["warehouse.events"]
        async with world.services.ledger.write() as connection:
            await connection.execute(corrections.delete())
        settings, clock = world.services.settings, world.clock
        text = decided.text()
    (folder / "warehouse.duckdb").write_bytes((tmp_path / "copy.duckdb").read_bytes())
    (tmp_path / "list").write_text(text)
    read = await asyncio.to_thread(read_decisions, tmp_path / "list")
    async with open_services(settings, clock) as services:
        only = replace(NONE, corrected=read.corrected)
        done = [(await carry_out(services, only)).corrected for _ in range(2)]
        again = (await services.personal_data.rows_of(world.site.id, ids))["warehouse.events"]

    assert read.corrected == decided.corrected
    assert done == [3, 0]
    assert again == new
    assert sorted(row["path"] for row in new) == sorted([HIDDEN, HIDDEN, "/two", "/not-me"])
    assert correction_of(["x", "1"]) is None


async def test_what_was_hidden_or_detached_is_forgotten_when_nothing_can_come_late(tmp_path: Path):
    async with open_world(tmp_path) as world:
        mine = await visited(world, "/one", "/two")
        rows = await rows_of(world, mine)
        await corrected(world, mine, "page", event_id=rows[0]["event_id"])
        world.clock.move(minutes=120)
        await visited(world, "/not-me", browser=mine)
        visit = (await rows_of(world, mine))[-1]["visit_id"]
        await corrected(world, mine, "language", "de", visit)
        await corrected(world, mine, "visit", visit_id=visit)
        world.clock.move(minutes=4 * 24 * 60)
        await forget_corrected(world.services)
        async with world.services.ledger.read() as connection:
            kept = (await connection.execute(select(corrections))).mappings().all()

    assert visit not in str(kept)
    named = ("visit_id", "page_mark", "detached_id", "visit_first")
    assert [(row["kind"], {row[name] for name in named}) for row in kept] == [
        ("page", {None}), ("language", {NOBODYS, None}), ("visit", {None}),
    ]  # fmt: skip


async def test_law_6_who_restricted_the_use_corrects_and_is_still_in_no_report(tmp_path: Path):
    async with open_world(tmp_path) as world:
        services = world.services
        owner = Owner(world)
        await owner.sign_in()
        other, mine = await visited(world, "/other"), await visited(world, "/mine")
        world.clock.move(minutes=120)
        await visited(world, "/not-me", browser=mine)
        visit = (await rows_of(world, mine))[-1]["visit_id"]
        counts = [await views_shown(world, owner)]
        await services.restrictions.restrict(world.site.id, visitor_of(world, mine))
        await follow_rules(services)
        counts.append(await views_shown(world, owner))
        await corrected(world, mine, "source")
        await corrected(world, mine, "device")
        await follow_rules(services)
        counts.append(await views_shown(world, owner))
        await corrected(world, mine, "visit", visit_id=visit)
        await follow_rules(services)
        counts.append(await views_shown(world, owner))
        await services.restrictions.lift(world.site.id, visitor_of(world, mine))
        await follow_rules(services)
        counts.append(await views_shown(world, owner))
        channels = [row["channel"] for row in await rows_of(world, mine)]

    assert counts == ["3", "1", "1", "2", "3"]
    assert channels == [""]
    assert visitor_of(world, other) != visitor_of(world, mine)
