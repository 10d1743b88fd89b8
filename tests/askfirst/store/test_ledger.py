"""The ledger: migrations, transactions, sites and policies, tallies, withdrawals."""

import asyncio
import hashlib
import sqlite3
from contextlib import asynccontextmanager, closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from askfirst.errors import NotFound
from askfirst.store.ledger.choice_counts import ACCEPTED, ChoiceCounts
from askfirst.store.ledger.database import MIGRATIONS, NEWEST, Ledger, sqlite_url, upgrade
from askfirst.store.ledger.site_book import SiteBook
from askfirst.store.ledger.sites.policies import content_hash
from askfirst.store.ledger.tables import (
    consent_records,
    metadata,
    sessions,
    sites,
    staff,
    tallies,
    visitor_links,
    withdrawals,
)
from askfirst.store.ledger.tallies import NO_SITE, Tallies
from askfirst.store.ledger.withdrawn import Withdrawn

ROW = {"site_id": 0, "day": "2026-09-21", "reason": "x", "count": 1}


@pytest.fixture
def book(ledger, clock):
    return SiteBook(ledger, clock)


async def add_site(book, name="Example", *hosts, **facts):
    return await book.add(
        name, hosts or ["example.org"], "Europe/Paris", {"n": name, "texts": {}}, **facts
    )


def test_the_migrations_make_the_tables_that_the_code_names(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'old.db'}")
    with engine.begin() as connection:
        upgrade(connection)
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
        assert MigrationContext.configure(connection).get_current_revision() == NEWEST
    engine.dispose()
    assert differences == []


async def test_a_new_ledger_begins_with_the_newest_form(ledger):
    async with ledger.read() as connection:
        differences = await connection.run_sync(
            lambda c: compare_metadata(MigrationContext.configure(c), metadata)
        )
        version = await connection.run_sync(
            lambda c: MigrationContext.configure(c).get_current_revision()
        )
    assert differences == []
    assert version == NEWEST == ScriptDirectory(str(MIGRATIONS)).get_current_head()


async def test_a_ledger_of_no_known_form_is_migrated(tmp_path):
    path = tmp_path / "ledger.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE leftover (x INTEGER)")
    ledger = await Ledger.open(sqlite_url(path))
    async with ledger.read() as connection:
        assert (await connection.execute(select(tallies))).all() == []
    await ledger.close()


async def test_opening_a_ledger_again_keeps_what_it_holds(tmp_path):
    url = sqlite_url(tmp_path / "again.db")
    first = await Ledger.open(url)
    async with first.write() as connection:
        await connection.execute(insert(tallies).values(ROW))
    await first.close()
    second = await Ledger.open(url)
    async with second.read() as connection:
        assert (await connection.execute(select(tallies.c.count))).scalar_one() == 1
    await second.close()


async def test_a_write_is_durable_for_others_when_its_block_ends(ledger, tmp_path):
    async with ledger.write() as connection:
        await connection.execute(insert(tallies).values(ROW))
    with sqlite3.connect(tmp_path / "ledger.db") as other:
        assert other.execute("SELECT count FROM tallies").fetchone() == (1,)
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()
    async with ledger.read() as connection:
        assert (await connection.execute(text("PRAGMA synchronous"))).scalar_one() == 2
        assert (await connection.execute(text("PRAGMA foreign_keys"))).scalar_one() == 1
        assert (await connection.execute(text("PRAGMA secure_delete"))).scalar_one() == 1


async def test_a_write_that_fails_leaves_nothing(ledger):
    async def broken():
        async with ledger.write() as connection:
            await connection.execute(insert(tallies).values(ROW))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await broken()
    async with ledger.read() as connection:
        assert (await connection.execute(select(tallies))).all() == []


async def test_writes_that_come_together_come_one_after_the_other(ledger):
    async def add_one():
        async with ledger.write() as connection:
            count = len((await connection.execute(select(tallies))).all())
            await asyncio.sleep(0)
            await connection.execute(insert(tallies).values(ROW | {"reason": str(count)}))

    await asyncio.gather(*(add_one() for _ in range(20)))
    async with ledger.read() as connection:
        reasons = (await connection.execute(select(tallies.c.reason))).scalars().all()
    assert sorted(reasons, key=int) == [str(number) for number in range(20)]


async def test_emptying_the_log_tells_whether_a_reader_still_needs_it(ledger, tmp_path):
    async with ledger.write() as connection:
        await connection.execute(insert(tallies).values(ROW))
    assert (tmp_path / "ledger.db-wal").stat().st_size > 0
    assert await ledger.checkpoint() is True
    assert (tmp_path / "ledger.db-wal").stat().st_size == 0


async def test_a_consent_of_no_site_cannot_be_written(ledger):
    lost = insert(withdrawals).values(consent_id="c", site_id=9, withdrawn_at=0)
    with pytest.raises(IntegrityError):
        async with ledger.write() as connection:
            await connection.execute(lost)


async def test_a_site_is_found_by_key_number_and_host(book):
    site = await add_site(book, "Example", "example.org", "*.example.net")
    assert book.find(site.key) == book.get(site.key) == book.by_id(site.id) == site
    assert book.by_host("www.example.net") == site
    assert (site.policy_version, site.min_policy_version) == (1, 1)
    assert book.policy(site).content == {"n": "Example", "texts": {}}
    assert book.policy(site).hash == content_hash({"n": "Example", "texts": {}})


async def test_what_is_no_site_is_not_found(book):
    await add_site(book)
    assert book.find("nobody") is None
    assert book.by_id(99) is None
    assert book.by_host("elsewhere.example") is None
    assert book.by_host(None) is None
    with pytest.raises(NotFound):
        book.get("nobody")


async def test_sites_are_listed_by_name(book):
    for name in ("beta", "Alpha", "gamma"):
        await add_site(book, name)
    assert [site.name for site in book.all()] == ["Alpha", "beta", "gamma"]


async def test_another_book_reads_the_same_sites(book, ledger, clock):
    site = await add_site(book, ip_mode="dropped")
    other = SiteBook(ledger, clock)
    assert other.find(site.key) is None
    await other.refresh()
    assert other.find(site.key) == site
    assert other.policy(site) == book.policy(site)


async def test_a_new_wording_asks_again_only_if_the_owner_says_so(book, clock):
    site, other = await add_site(book), await add_site(book, "Other")
    clock.now += 1000
    policy = await book.publish(site, {"n": "typo"}, asks_again=False)
    assert (policy.version, policy.published_at) == (2, clock.now)
    assert (book.get(site.key).policy_version, book.get(site.key).min_policy_version) == (2, 1)
    await book.publish(site, {"n": "new purpose"}, asks_again=True)
    assert (book.get(site.key).policy_version, book.get(site.key).min_policy_version) == (3, 3)
    assert book.get(other.key) == other


def test_the_hash_of_a_policy_does_not_hang_on_the_order_of_its_keys():
    assert content_hash({"a": 1, "b": [2]}) == content_hash({"b": [2], "a": 1})
    assert content_hash({"a": 1}) != content_hash({"a": 2})
    assert content_hash({}) == hashlib.sha256(b"{}").hexdigest()


async def test_tallies_add_up_by_site_day_and_reason(ledger, clock):
    counts = Tallies(ledger, clock)
    counts.add(1, "bot")
    counts.add(1, "bot", 2)
    counts.add(NO_SITE, "malformed")
    await counts.flush()
    counts.add(1, "bot")
    clock.now += 86_400_000
    counts.add(1, "expired")
    assert await counts.read(1, "2026-09-21", "2026-09-22") == {"bot": 4, "expired": 1}
    assert await counts.read(1, "2026-09-21", "2026-09-21") == {"bot": 4}
    assert await counts.read(NO_SITE, "2026-09-21", "2026-09-21") == {"malformed": 1}


async def test_two_processes_add_to_one_tally(ledger, clock):
    one, other = Tallies(ledger, clock), Tallies(ledger, clock)
    one.add(1, "bot")
    other.add(1, "bot")
    await other.flush()
    assert await one.read(1, "2026-09-21", "2026-09-21") == {"bot": 2}


async def test_a_tally_that_cannot_be_written_is_kept_for_the_next_time(ledger, clock):
    counts = Tallies(ledger, clock)
    counts.add(1, "bot", 3)
    async with ledger.write() as connection:
        await connection.execute(text("ALTER TABLE tallies RENAME TO gone"))
    with pytest.raises(Exception, match="tallies"):
        await counts.flush()
    counts.add(1, "bot")
    async with ledger.write() as connection:
        await connection.execute(text("ALTER TABLE gone RENAME TO tallies"))
    assert await counts.read(1, "2026-09-21", "2026-09-21") == {"bot": 4}


async def test_a_tally_knows_no_one():
    assert set(tallies.c.keys()) == {"site_id", "day", "reason", "count"}


async def test_the_gate_learns_what_another_process_withdrew(ledger, book):
    site = await add_site(book)
    gate = Withdrawn(ledger)
    for number in range(3):
        row = {"consent_id": f"c{number}", "site_id": site.id, "withdrawn_at": number}
        async with ledger.write() as connection:
            await connection.execute(insert(withdrawals).values(row))
        assert f"c{number}" not in gate
        await gate.refresh()
        assert gate.since(f"c{number}") == number
    assert gate.since("another") is None
    assert "another" not in gate


async def test_the_gate_knows_at_once_what_this_process_withdrew(ledger):
    gate = Withdrawn(ledger)
    with gate.marked_before_commit(lambda: 5) as mark:
        assert mark(["c"]) == 5
        assert gate.since("c") == 5
    await gate.refresh()
    assert gate.since("c") == 5


async def test_no_table_has_a_column_for_an_address_or_a_user_agent(ledger):
    async with ledger.read() as connection:
        names = await connection.run_sync(
            lambda c: {
                column["name"]
                for table in inspect(c).get_table_names()
                for column in inspect(c).get_columns(table)
            }
        )
    assert not {name for name in names if name in ("ip", "address", "user_agent")}


async def test_a_changed_site_keeps_its_key_and_policy_and_is_known_by_its_new_hosts(book, clock):
    site, other = await add_site(book), await add_site(book, "Other", "other.example")
    policy = book.policy(site)
    changed = await book.change(site, "Renamed", ["shop.example", "*.shop.example"], "UTC")

    assert (changed.key, changed.ip_mode, changed.policy_version) == (site.key, "shortened", 1)
    assert (changed.name, changed.time_zone) == ("Renamed", "UTC")
    assert book.by_host("a.shop.example") == changed
    assert book.by_host("example.org") is None
    assert book.by_id(other.id) == other
    assert book.policy(changed) == policy


async def test_a_changed_site_is_the_same_when_the_ledger_is_read_again(book, ledger, clock):
    site = await add_site(book)
    changed = await book.change(site, "Renamed", ["shop.example"], "UTC")
    again = SiteBook(ledger, clock)
    await again.refresh()

    assert again.get(site.key) == changed


@pytest.fixture
def old_ledger(tmp_path):
    path = tmp_path / "old.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        upgrade(connection, "0001")
        connection.execute(
            text(
                "INSERT INTO sites (id, key, name, hosts, time_zone, ip_mode, created_at)"
                " VALUES (1, '0123456789abcdef', 'Old', '[\"example.org\"]', 'UTC', 'whole', 5)"
            )
        )
        connection.execute(text("INSERT INTO staff VALUES (1, 'owner@example.org', 'hash', 5)"))
        connection.execute(text("INSERT INTO sessions VALUES (x'00', 1, 'csrf', 5, 9e15)"))
    engine.dispose()
    return path


async def test_a_ledger_of_the_first_form_is_migrated_and_keeps_what_it_holds(old_ledger):
    ledger = await Ledger.open(sqlite_url(old_ledger))
    async with ledger.read() as connection:
        row = (await connection.execute(select(sites))).mappings().one()
    await ledger.close()

    assert (row["name"], row["hosts"], row["deleted_at"]) == ("Old", ["example.org"], None)
    assert row["erased_records"] == 0


async def test_who_is_signed_in_when_the_ledger_is_migrated_signs_in_once_more(old_ledger):
    ledger = await Ledger.open(sqlite_url(old_ledger))
    async with ledger.read() as connection:
        accounts = (await connection.execute(select(staff.c.email))).scalars().all()
        left = (await connection.execute(select(sessions))).all()
    await ledger.close()

    assert (accounts, left) == (["owner@example.org"], [])


async def test_law_6_a_ledger_of_the_first_form_knows_how_many_records_were_erased_before(
    old_ledger,
):
    add_records(old_ledger, *({"visitor_id": visitor} for visitor in (None, "v", None)))
    ledger = await Ledger.open(sqlite_url(old_ledger))
    async with ledger.read() as connection:
        found = (await connection.execute(select(sites.c.erased_records))).scalar_one()
    await ledger.close()

    assert found == 2


def add_records(path, *records):
    """Add consent records as the first version had them; missing columns get fillers."""
    columns = [column.name for column in consent_records.c if not column.nullable]
    with closing(sqlite3.connect(path)) as connection, connection:
        for seq, record in enumerate(records, 1):
            filler = {name: f"{name}{seq}" for name in columns} | {"event_time": seq}
            values = filler | {"seq": seq, "site_id": 1, "visitor_id": None} | record
            places = ", ".join("?" * len(values))
            names = ", ".join(f'"{name}"' for name in values)
            connection.execute(
                f"INSERT INTO consent_records ({names}) VALUES ({places})", [*values.values()]
            )


def ended(visitor, method="renewal", **more):
    return {"visitor_id": visitor, "state": "withdrawn", "method": method, "event_time": 7} | more


def begun(visitor, state="given", **more):
    return {"visitor_id": visitor, "state": state, "method": "banner", "event_time": 7} | more


async def links_after_migration(path):
    ledger = await Ledger.open(sqlite_url(path))
    async with ledger.read() as connection:
        found = [tuple(row) for row in await connection.execute(select(visitor_links))]
    await ledger.close()
    return sorted(found)


async def test_law_6_ids_that_turned_before_links_were_kept_are_linked_by_the_migration(old_ledger):
    add_records(
        old_ledger,
        begun("a", event_time=1),
        ended("a", event_time=5),
        begun("b", event_time=5),
        begun("x", event_time=6),
        ended("b", event_time=9),
        begun("c", event_time=9),
    )

    assert await links_after_migration(old_ledger) == [("b", 1, "a", 5), ("c", 1, "b", 9)]


@pytest.mark.parametrize(
    "records",
    [
        [ended("a"), begun("a", "renewed")],
        [ended("a", "preferences"), begun("b")],
        [ended(None), begun("b")],
        [ended("a"), begun(None)],
        [ended("a"), begun("b", site_id=2)],
        [ended("a"), begun("b", event_time=8)],
        [ended("a"), ended("b", "preferences"), begun("c")],
        [begun("b"), ended("a")],
    ],
    ids=[
        "the same id goes on",
        "a withdrawal that is no renewal",
        "the earlier one is erased",
        "the later one is erased",
        "another site",
        "another time",
        "not the next record",
        "the other way round",
    ],
)
async def test_nobody_else_is_linked_by_the_migration(old_ledger, records):
    add_records(old_ledger, *records)

    assert await links_after_migration(old_ledger) == []


async def test_a_reading_that_began_earlier_does_not_bring_a_deleted_site_back(ledger, clock):
    site = await SiteBook(ledger, clock).add("n", ["example.org"], "UTC", {})
    has_read, may_end = asyncio.Event(), asyncio.Event()

    class SlowOnce:
        """A ledger whose first reading takes long."""

        @asynccontextmanager
        async def read(self):
            async with ledger.read() as connection:
                yield connection
            if not has_read.is_set():
                has_read.set()
                await may_end.wait()

    book = SiteBook(SlowOnce(), clock)
    early = asyncio.create_task(book.refresh())
    await has_read.wait()
    async with ledger.write() as connection:
        await connection.execute(sites.update().values(deleted_at=clock()))
    late = asyncio.create_task(book.refresh())
    await asyncio.wait([late], timeout=0.2)  # it would end here if it did not wait for the other
    may_end.set()
    await asyncio.gather(early, late)

    assert book.find(site.key) is None
    assert book.was(site.key)


@pytest.mark.parametrize("kind", ["tallies", "counts"])
async def test_law_8_sums_that_are_being_written_are_waited_for_by_who_reads_them(
    ledger, clock, kind
):
    site = await SiteBook(ledger, clock).add("n", ["example.org"], "UTC", {})
    first_and_last = "2000-01-01", "2999-12-31"
    if kind == "tallies":
        sums = Tallies(ledger, clock)
        sums.add(site.id, "bad_origin")
    else:
        sums = ChoiceCounts(ledger, clock, 1)
        sums.add(site.id, ACCEPTED)
    async with ledger.write():
        writing = asyncio.create_task(sums.flush())
        reading = asyncio.create_task(sums.read(site.id, *first_and_last))
        await asyncio.wait([reading], timeout=0.5)  # it would end here if it did not wait
        early = reading.done()
    await writing

    assert not early
    assert await reading
