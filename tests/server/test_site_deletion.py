"""A site is deleted with everything in it, in the files too, and a crash only delays that."""

import sqlite3
from contextlib import closing
from datetime import date
from typing import Any

import httpx2
import pytest
from rich.console import Console
from sqlalchemy import Table, inspect, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.disclosure_register import Disclosed, enter
from askfirst.store.ledger.erasure_receipts import UNDER_WAY
from askfirst.store.ledger.tables import (
    account_browsers,
    consent_records,
    erasures,
    metadata,
    sites,
    staff,
    tallies,
    visitor_accounts,
)
from consent.policy.wording import default_policy
from consent.rights.erasure import receipt_id_of
from reports.sites.setup import make_setup_link
from reports.staff.audit_log import Act
from reports.visitor_requests.request_book import RequestBook, RequestDraft
from reports.visitors.disclosures import Disclosures
from server import jobs
from server.backups.later_decisions import Carried, Decisions, carry_out, read_decisions
from server.checks.check import examine
from server.checks.verify import verify_ledger
from server.demo.goals import add_goals
from server.site_deletion import CHANGED, GOES, STAYS, WITH_ACCOUNTS
from tests.factories import a_view
from tests.reports.garden import HASH
from tests.reports.reading import Reading
from tests.world import Browser, World, is_in_bytes, open_world

OTHER_HOST = "other.example"
SECRET_PATH = "/what-only-the-deleted-site-has"
NOT_OURS = {"alembic_version", "sqlite_sequence"}


@pytest.fixture
async def world(tmp_path):
    async with open_world(tmp_path, choices_per_minute=1_000_000) as opened:
        yield opened


async def fill(world: World) -> tuple[Browser, Browser]:
    """Return a visitor of the site who is seen by staff, and one of another site."""
    services = world.services
    content = default_policy("Other", "Other Ltd", "privacy@other.example", "")
    other_site = await services.book.add("Other", [OTHER_HOST], "UTC", content)
    mine, other = world.browser(), Browser(world.client, other_site)
    other.headers = {**other.headers, "Origin": f"https://{OTHER_HOST}"}
    for browser, host in ((mine, "example.org"), (other, OTHER_HOST)):
        answer = await browser.accept()
        assert answer.status_code == 200, answer.text
        view = a_view(url=f"https://{host}{SECRET_PATH if browser is mine else '/'}")
        assert (await browser.send(view)).status_code == 202
        claims = services.tokens.read(browser.token)
        told = Disclosures(services.ledger, services.clock)
        await told.disclose(browser.site.id, [claims.visitor_id], "owner@example.org", "opened")
        await _register(world, browser.site.id, claims.visitor_id)
        await browser.refuse()
        await add_goals(services, browser.site)
    withdrawn = world.browser()
    await withdrawn.accept()
    await withdrawn.withdraw()
    erased = world.browser()
    await erased.accept()
    await erased.erase()
    await services.tallies.flush()
    await services.counts.flush()
    return mine, other


async def _register(world: World, site_id: int, visitor_id: str) -> None:
    """Note a request of a visitor, and that data was revealed."""
    services, day = world.services, "2026-01-01"
    draft = RequestDraft("see", "post", date(2026, 1, 1), visitor_id)
    told = Disclosed(day, "A court", "court", "", ("events",), day, day)
    async with services.ledger.write() as connection:
        book = RequestBook(services.ledger, services.clock)
        await book.note(connection, site_id, draft, "owner@example.org")
        await enter(connection, site_id, visitor_id, told, ("owner@example.org", 1))


def visitor_of(browser: Browser, world: World) -> str:
    return world.services.tokens.read(browser.token).visitor_id


async def delete(world: World) -> None:
    await world.services.site_deletion.delete(world.site.id)


async def all_bytes_gone(world: World) -> None:
    world.services.rewrite_pause.until = 0
    await jobs.rewrite(world.services)


def holding(world: World, word: str) -> list[str]:
    """Return the files of the data folder in which a word can be found."""
    files = [path for path in world.services.settings.data_folder.rglob("*") if path.is_file()]
    return sorted(path.name for path in files if is_in_bytes(word, path.read_bytes()))


def is_in_warehouse(world: World, word: str) -> bool:
    """Return whether a word can be found in the warehouse's files."""
    return any(name.startswith("warehouse.duckdb") for name in holding(world, word))


async def rows_of_site(world: World, site_id: int) -> dict[str, int]:
    """Count the rows of a site in every table that has its number."""
    counts = {}
    for table in metadata.sorted_tables:
        column = table.c.id if table is sites else table.c.get("site_id")
        if column is not None:
            async with world.services.ledger.read() as connection:
                found = (await connection.execute(select(table).where(column == site_id))).all()
            counts[table.name] = len(found)
    return counts


async def test_a_deleted_site_is_unknown_at_once_to_tag_wording_consent_and_events(world):
    mine, other = await fill(world)
    await delete(world)
    key = world.site.key

    control = f"/wording/{key}/control.json"
    pages = (f"/policy/{key}", f"/choice/{key}", f"/verify/{key}")
    for path in (f"/wording/{key}.json", control, *pages):
        assert (await world.client.get(path)).status_code == 404, path
    said = [
        await mine.send(),
        await mine.refuse(),
        await mine.withdraw(),
        await mine.erase(),
        await mine.post("/consent", {"site": key, "choice": "refuse"}),
    ]
    assert [answer.json()["error"]["code"] for answer in said] == ["unknown_site"] * 5, said
    assert (await other.send(a_view(url=f"https://{OTHER_HOST}/"))).status_code == 202
    assert world.services.book.by_host("example.org") is None


async def test_law_6_nothing_of_its_visitors_is_left_in_any_file(world):
    mine, other = await fill(world)
    await world.services.shipper.ship_all()
    visitor, others = visitor_of(mine, world), visitor_of(other, world)
    assert is_in_warehouse(world, visitor)
    assert is_in_warehouse(world, SECRET_PATH)
    await mine.send(a_view(url=f"https://example.org{SECRET_PATH}/again"))  # waits in the journal
    await delete(world)
    await all_bytes_gone(world)

    assert holding(world, visitor) == []
    assert holding(world, SECRET_PATH) == []
    assert holding(world, others) != []
    assert [row["site_id"] for row in await world.rows()] == [other.site.id]


async def test_what_goes_and_what_stays_is_as_it_is_said(world):
    _, other = await fill(world)
    before, others = (
        await rows_of_site(world, world.site.id),
        await rows_of_site(world, other.site.id),
    )
    await delete(world)
    after = await rows_of_site(world, world.site.id)

    assert {name for name, rows in after.items() if not rows} >= {table.name for table in GOES}
    kept = {*CHANGED, *STAYS} & set(before)
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert before["disclosures"] == 1
    assert (before["goals"], before["funnels"]) == (6, 2)
    assert before["tallies"] > 0
    assert await rows_of_site(world, other.site.id) == others
    async with world.services.ledger.read() as connection:
        records = (await connection.execute(select(consent_records))).mappings().all()
        [stone] = (await connection.execute(select(sites).where(sites.c.id == 1))).mappings()
    mine = [row for row in records if row["site_id"] == world.site.id]
    assert {(row["visitor_id"], row["nonce"]) for row in mine} == {(None, None)}
    assert (stone["name"], stone["hosts"], stone["key"]) == ("", [], world.site.key)
    assert stone["rows_gone_at"] == world.clock()


async def test_every_table_of_the_ledger_is_listed_to_go_to_change_or_to_stay(world):
    """A new table cannot be forgotten when a site is deleted."""
    async with world.services.ledger.read() as connection:
        tables = set(await connection.run_sync(lambda one: inspect(one).get_table_names()))
    goes = {table.name for table in (*GOES, *WITH_ACCOUNTS)}

    assert goes | set(CHANGED) | set(STAYS) == tables - NOT_OURS
    assert not goes & set(CHANGED)
    assert not set(STAYS) & (goes | set(CHANGED))
    for name in STAYS:
        assert "visitor_id" not in metadata.tables[name].c


async def test_the_chain_and_the_stores_agree_afterwards(world):
    await fill(world)
    await world.services.shipper.ship_all()
    await delete(world)
    path = world.services.settings.data_folder / "ledger.db"
    verdict = await verify_ledger(path, None, Console(quiet=True))

    assert verdict.right, verdict.sentences


def test_a_check_finds_nothing_afterwards(tmp_path):
    import asyncio

    async def act() -> None:
        async with open_world(tmp_path) as world:
            await fill(world)
            await delete(world)
            await all_bytes_gone(world)

    asyncio.run(act())
    assert examine(tmp_path / "data") == []


CRASHES = ("journal.erase_site", "warehouse.delete_site", "ledger.checkpoint", "tallies.flush")


@pytest.mark.parametrize("where", CRASHES)
async def test_a_crash_only_delays_a_deletion(world, where, monkeypatch):
    mine, _ = await fill(world)
    await world.services.shipper.ship_all()
    assert is_in_warehouse(world, visitor_of(mine, world))
    name, method = where.split(".")

    def crash(*_args):
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr(getattr(world.services, name), method, crash)
        await delete(world)
        answer = await mine.send()
        assert answer.json()["error"]["code"] == "unknown_site"
    await jobs.finish(world.services)
    await all_bytes_gone(world)

    assert holding(world, visitor_of(mine, world)) == []
    assert holding(world, SECRET_PATH) == []


async def test_an_erasure_under_way_is_completed_by_the_deletion_and_keeps_numbers_only(
    world, monkeypatch
):
    mine, _ = await fill(world)

    def crash(*_args):
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr(world.services.warehouse, "delete_visitor", crash)
        assert (await mine.erase()).status_code == 503
    await delete(world)
    async with world.services.ledger.read() as connection:
        receipts = (await connection.execute(select(erasures))).mappings().all()

    assert [row["visitor_id"] for row in receipts] == [None, None]
    assert all(row["completed_at"] for row in receipts)
    assert not any(UNDER_WAY in row["counts"] for row in receipts)


def test_a_start_goes_on_with_a_deletion_that_was_only_asked_for(tmp_path):
    import asyncio

    async def act() -> str:
        async with open_world(tmp_path) as world:
            mine, _ = await fill(world)
            return visitor_of(mine, world)

    visitor = asyncio.run(act())
    with closing(sqlite3.connect(tmp_path / "data" / "ledger.db", isolation_level=None)) as ledger:
        ledger.execute("UPDATE sites SET deleted_at = 1, hosts = '[]' WHERE id = 1")
    found = {one.sentence for one in examine(tmp_path / "data")}
    assert any("sites were deleted and not all that was in them" in one for one in found)

    async def again() -> list[str]:
        async with open_world(tmp_path) as world:
            await all_bytes_gone(world)
            return holding(world, visitor)

    assert asyncio.run(again()) == []
    assert examine(tmp_path / "data") == []


async def test_many_records_are_forgotten_in_steps_and_those_of_others_stay(world, monkeypatch):
    monkeypatch.setattr("server.site_deletion._AT_ONCE", 3)
    _, other = await fill(world)
    for _ in range(10):
        await world.browser().accept()
    await delete(world)
    async with world.services.ledger.read() as connection:
        named = await connection.scalars(
            select(consent_records.c.site_id).where(consent_records.c.visitor_id.is_not(None))
        )
        assert set(named) == {other.site.id}


async def test_a_yes_that_was_on_its_way_is_refused_and_leaves_no_visitor(world):
    mine = world.browser()
    services = world.services
    asked = await mine.wording()
    kept = services.book.refresh

    async def not_yet() -> None:
        """Let the book still find the site, as for a request that has looked it up already."""

    services.book.refresh = not_yet
    await delete(world)
    answer = await mine.accept(version=asked["version"])
    services.book.refresh = kept

    assert answer.json()["error"]["code"] == "unknown_site"
    async with services.ledger.read() as connection:
        assert (await connection.execute(select(consent_records))).all() == []


async def test_counts_that_come_late_are_forgotten_with_the_next_turn(world):
    await fill(world)
    await delete(world)
    world.services.tallies.add(world.site.id, "refused")
    await world.services.tallies.flush()
    await jobs.finish(world.services)

    async with world.services.ledger.read() as connection:
        found = await connection.scalars(select(tallies.c.site_id))
        assert world.site.id not in set(found)


def late_row(table: Table, site_id: int) -> dict[str, Any]:
    """Return a row of a site with the least that the table asks for."""
    values: dict[type, Any] = {int: 1, str: "late", bytes: b"late", bool: True, object: []}
    needed = (one for one in table.c if not one.nullable and one is not table.autoincrement_column)
    row = {column.name: values[column.type.python_type] for column in needed}
    return row | ({"site_id": site_id} if "site_id" in table.c else {})


async def insert_late(connection: AsyncConnection, table: Table, site_id: int) -> Any:
    """Insert such a row, and before it the rows that it refers to; return its number."""
    row = late_row(table, site_id)
    for key in table.foreign_keys:
        if key.column.table is not sites:
            row[key.parent.name] = await insert_late(connection, key.column.table, site_id)
    return (await connection.execute(table.insert().values(row))).inserted_primary_key[0]


@pytest.mark.parametrize(
    "table", [*GOES, visitor_accounts, account_browsers], ids=lambda one: one.name
)
async def test_law_6_a_row_that_a_running_request_saves_late_goes_with_the_next_turn(world, table):
    _, other = await fill(world)
    others = await rows_of_site(world, other.site.id)
    await delete(world)
    async with world.services.ledger.write() as connection:
        await insert_late(connection, table, world.site.id)
    assert (await rows_of_site(world, world.site.id))[table.name] == 1
    await jobs.finish(world.services)

    assert (await rows_of_site(world, world.site.id))[table.name] == 0
    assert await rows_of_site(world, other.site.id) == others


async def test_the_key_set_goes_on_so_that_receipts_stay_checkable(world):
    path = f"/.well-known/askfirst/{world.site.key}.json"
    before = (await world.client.get(path)).json()
    await delete(world)

    assert (await world.client.get(path)).json() == before
    assert (
        await world.client.get("/.well-known/askfirst/0000000000000000.json")
    ).status_code == 404


async def test_deleting_again_changes_nothing(world):
    await fill(world)
    await delete(world)
    async with world.services.ledger.read() as connection:
        before = (await connection.execute(select(sites))).all()
    world.clock.move(minutes=1)
    await delete(world)
    async with world.services.ledger.read() as connection:
        assert (await connection.execute(select(sites))).all() == before


async def test_an_erasure_under_way_is_carried_out_by_the_deletion(world):
    mine, _ = await fill(world)
    async with world.services.ledger.write() as connection:
        await connection.exec_driver_sql(
            "INSERT INTO erasures (receipt_id, site_id, requested_at, visitor_id, counts)"
            f" VALUES ('r', {world.site.id}, 1, '{visitor_of(mine, world)}', '{{}}')"
        )
    await delete(world)
    async with world.services.ledger.read() as connection:
        found = await connection.exec_driver_sql(
            "SELECT visitor_id, completed_at FROM erasures WHERE receipt_id = 'r'"
        )
        assert found.all() == [(None, world.clock())]


async def test_a_restored_ledger_deletes_the_site_again(tmp_path, world):
    async with open_world(tmp_path / "newer") as newer:
        async with newer.services.ledger.write() as connection:
            await connection.execute(sites.update().values(key=world.site.key))
        await newer.services.book.refresh()
        await newer.services.site_deletion.delete(newer.site.id)
    import asyncio

    mine, _ = await fill(world)
    known = await asyncio.to_thread(read_decisions, tmp_path / "newer" / "data")
    listed = tmp_path / "list"
    listed.write_text(known.text())

    assert known.deleted == {world.site.key}
    assert await asyncio.to_thread(read_decisions, listed) == known
    await carry_out(world.services, known)
    assert world.services.book.find(world.site.key) is None
    await all_bytes_gone(world)
    assert holding(world, visitor_of(mine, world)) == []


async def test_law_6_a_restore_erases_the_visitors_of_a_deleted_site_so_that_receipts_stay(world):
    mine, _ = await fill(world)
    claims = world.services.tokens.read(mine.token)
    receipt = receipt_id_of(claims.site_id, claims.visitor_id)
    later = Decisions(frozenset({receipt}), {}, frozenset({world.site.key}))
    done = await carry_out(world.services, later)
    again = await carry_out(world.services, later)

    assert (done, again) == (Carried(0, 1, 1), Carried(0, 0, 0))
    async with world.services.ledger.read() as connection:
        found = await connection.execute(
            select(erasures.c.completed_at, erasures.c.counts).where(
                erasures.c.receipt_id == receipt
            )
        )
        ((completed_at, counts),) = found.all()
    assert completed_at == world.clock()
    assert counts["ledger.consent_records"] == 2


def test_decisions_of_a_ledger_of_the_first_form_are_read(tmp_path):
    import asyncio

    async def act() -> None:
        async with open_world(tmp_path):
            pass

    asyncio.run(act())
    with closing(sqlite3.connect(tmp_path / "data" / "ledger.db", isolation_level=None)) as ledger:
        for name in ("deleted_at", "rows_gone_at", "bytes_gone_at", "erased_records"):
            ledger.execute(f"ALTER TABLE sites DROP COLUMN {name}")

    assert read_decisions(tmp_path / "data").deleted == frozenset()
    assert examine(tmp_path / "data") == []


async def signed_in(world: World) -> httpx2.AsyncClient:
    await make_setup_link(world.services.ledger, world.clock)
    row = {"email": "owner@example.org", "password_hash": HASH, "created_at": 1}
    async with world.services.ledger.write() as connection:
        await connection.execute(staff.insert().values(row))
    form = {"email": "owner@example.org", "password": "a long enough password"}
    headers = {"Origin": "http://askfirst.test"}
    answer = await world.client.post("/sign-in", data=form, headers=headers)
    assert answer.status_code == 303
    return world.client


async def press(client: httpx2.AsyncClient, path: str, **fields: str) -> httpx2.Response:
    csrf = Reading((await client.get(path)).text).fields["csrf"]
    return await client.post(path, data={"csrf": csrf, **fields})


async def test_the_page_says_with_numbers_what_goes_and_what_stays(world):
    await fill(world)
    await world.services.shipper.ship_all()
    client = await signed_in(world)
    settings = Reading((await client.get(f"/sites/{world.site.key}/settings")).text)
    page = Reading((await client.get(settings.links["Delete this site"])).text)

    assert "Its public pages go too: the policy with all its versions" in " ".join(
        page.text.split()
    )
    assert page.tables["What goes"] == [
        ["Events: page views and clicks", "1"],
        ["Visitors whose events are recorded", "1"],
        ["Pseudonyms in consent records", "2"],
        ["Entries of who saw a visitor", "1"],
        ["Requests of visitors", "1"],
        ["Counts of choices and refusals", page.tables["What goes"][5][1]],
        ["Keys of the API", "0"],
        ["Goals", "6"],
        ["Funnels", "2"],
        ["Segments, notes and share links", "0"],
        ["Draft of the wording", "0"],
    ]
    assert int(page.tables["What goes"][5][1]) > 3
    assert page.tables["What stays, as proof"] == [
        ["Consent records, naming nobody", "5"],
        ["Withdrawals, by the consent’s number", "2"],
        ["Published versions of the policy", "1"],
        ["Entries of the disclosure register, naming nobody", "1"],
        ["Receipts of erasures, numbers only", "1"],
    ]


@pytest.mark.parametrize("name", ["", "example", "Example ", "Exampl", "other", "Example\n"])
async def test_another_name_deletes_nothing(world, name):
    client = await signed_in(world)
    answer = await press(client, f"/sites/{world.site.key}/delete", name=name)

    assert answer.status_code == 422
    assert "This is not the site’s name." in Reading(answer.text).text
    assert world.services.book.find(world.site.key) is not None


async def test_without_the_sessions_secret_or_a_session_nothing_is_deleted(world):
    path = f"/sites/{world.site.key}/delete"
    stranger = await world.client.post(path, data={"name": "Example"})
    client = await signed_in(world)
    forged = await client.post(path, data={"name": "Example", "csrf": "guessed"})
    by_link = await client.get(f"{path}?name=Example")

    assert (stranger.status_code, forged.status_code, by_link.status_code) == (303, 403, 200)
    assert world.services.book.find(world.site.key) is not None


async def test_the_name_typed_exactly_deletes_and_the_act_is_noted(world):
    client = await signed_in(world)
    path = f"/sites/{world.site.key}/delete"
    answer = await press(client, path, name="Example")

    assert "The site is deleted" in answer.text
    assert world.services.book.find(world.site.key) is None
    assert (await client.get(path)).status_code == 404
    async with world.services.ledger.read() as connection:
        found = await connection.exec_driver_sql("SELECT act, who, site_key FROM staff_acts")
        rows = [row for row in found.all() if row[0] == Act.SITE_DELETED]
    assert rows == [("site_deleted", "owner@example.org", world.site.key)]
    assert "There is no site yet." in (await client.get("/")).text
    [acts] = Reading((await client.get("/account/log")).text).tables.values()
    assert [row[3] for row in acts] == [f"deleted site {world.site.key}", ""]


async def test_a_site_without_anything_in_it_can_be_deleted_and_another_added(world):
    await delete(world)
    content = default_policy("Example", "Example Ltd", "privacy@example.org", "")
    again = await world.services.book.add("Example", ["example.org"], "UTC", content)

    assert again.key != world.site.key
    assert world.services.book.by_host("example.org") == again
