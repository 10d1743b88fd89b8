"""Personal data: the list of holders is complete, exports everything and erases everything."""

from dataclasses import replace

import pytest
from sqlalchemy import insert, inspect, select

from askfirst.store.account_holders import KEPT_WITH_ACCOUNT
from askfirst.store.ledger.disclosure_register import Disclosed, enter
from askfirst.store.ledger.site_book import SiteBook
from askfirst.store.ledger.tables import (
    KEEPS_NO_VISITOR,
    account_browsers,
    account_fields,
    account_links,
    account_messages,
    account_sessions,
    consent_records,
    corrections,
    disclosure_register,
    disclosures,
    erasures,
    left_out_visitors,
    receipt_codes,
    request_acts,
    restrictions,
    visitor_access_ends,
    visitor_accounts,
    visitor_links,
    visitor_mails,
    visitor_requests,
    withdrawals,
)
from askfirst.store.ledger.visitor_links import VisitorLinks, link
from askfirst.store.personal_data import (
    KEPT_BY_ERASE,
    WAREHOUSE_TABLES,
    PersonalData,
    WarehouseHolder,
    ledger_holders,
)
from askfirst.store.warehouse.tables import TABLES

ACCOUNTS = {*KEPT_WITH_ACCOUNT, "ledger.account_browsers", "ledger.visitor_access_ends"}
OURS_AND_NOT_ABOUT_ANYONE = {"alembic_version", "sqlite_sequence"}


@pytest.fixture
def holders(ledger, warehouse, clock):
    holders = [*ledger_holders(ledger, clock=clock), WarehouseHolder(warehouse)]
    return PersonalData(holders, VisitorLinks(ledger))


async def columns_of(ledger):
    """Return the column names of each table of the live ledger."""
    async with ledger.read() as connection:
        return await connection.run_sync(
            lambda c: {
                table: {column["name"] for column in inspect(c).get_columns(table)}
                for table in inspect(c).get_table_names()
            }
        )


def record(site, visitor_id, number):
    facts = {
        "record_id": f"r{number}",
        "consent_id": f"c{number}",
        "site_id": site.id,
        "visitor_id": visitor_id,
        "nonce": "n",
        "subject": "s",
        "state": "given",
        "schema": "askfirst-1",
        "event_type": "explicit",
        "given_by": "subject",
        "event_time": 1,
        "valid_until": 2,
        "policy_version": 1,
        "notice_hash": "h",
        "ui_hash": "u",
        "purposes": ["statistics"],
        "language": "en",
        "method": "banner",
        "signals": {},
        "previous_hash": "p",
        "hash": f"h{number}",
    }
    return insert(consent_records).values(facts)


async def fill_rights(connection, site_id, visitor, number, now):
    """Note a request of a visitor and two disclosures, one of which is hidden from them."""
    at = {"site_id": site_id, "visitor_id": visitor}
    asked = {"id": number, "kind": "see", "way": "post", "came_on": "2026-01-31", "state": "open"}
    asked |= {"due_on": "2026-02-28", "identity": f"the voice of {visitor}"}
    act = {"site_id": site_id, "request_id": number, "happened_at": 1, "who": "o", "act": "noted"}
    told = Disclosed("2026-01-01", "a court", "court", "r", ("events",), "2026-01-01", "2026-01-01")
    await connection.execute(insert(visitor_requests).values(at | asked))
    await connection.execute(insert(request_acts).values(act | {"words": f"about {visitor}"}))
    await enter(connection, site_id, visitor, told, ("o", 1))
    hidden = replace(told, to_whom="a secret court", hidden_until=now + 1)
    await enter(connection, site_id, visitor, hidden, ("o", 1))


def correction(visitor):
    """Return a visit that a visitor has detached, of which nothing is to be told."""
    named = {"visitor_id": visitor, "detached_id": f"not {visitor}", "visit_id": "detached"}
    facts = dict.fromkeys(("from_value", "to_value"), "")
    facts |= {"number": "n", "kind": "visit", "which": "a hash", "corrected_by": "subject"}
    return facts | named | {"corrected_at": 1}


async def fill_account(connection, site_id, visitor, number):
    """Let an account join a visitor, with a row in each table that belongs to it."""
    account = {"account_id": f"a{number}"}
    row = {"id": f"a{number}", "site_id": site_id, "email_hash": visitor.encode(), "email": b"e"}
    row |= {"language": "en", "created_at": 1}
    own = {"site_id": site_id, "visitor_id": visitor}
    secret, times = visitor.encode(), {"created_at": 1, "expires_at": 2}
    mail = {"site_id": site_id, "what": "known", "about": visitor, "state": "due"}
    rows = {
        visitor_accounts: row,
        account_browsers: account | own | {"joined_at": 1, "browser": "Chrome on Windows"},
        account_sessions: account | times | {"id_hash": secret, "csrf": "c"},
        account_links: account | times | {"code_hash": secret, "what": "sign_in"},
        account_fields: account | {"field": "name", "value": b"v", "changed_at": 1},
        account_messages: account | {"kind": "policy", "since": 1},
        visitor_mails: account | mail | {"made_at": 1, "next_at": 1},
        visitor_access_ends: own | {"ended_at": 1, "ended_by": "visitor"},
    }
    for table, values in rows.items():
        await connection.execute(insert(table).values(values))


async def fill(ledger, warehouse, batch_of, clock):
    """Put a visitor `v` and a visitor `w` into every holder."""
    site = await SiteBook(ledger, clock).add("n", ["example.org"], "UTC", {})
    at = {"site_id": site.id}
    async with ledger.write() as connection:
        for number, visitor in enumerate(("v", "w")):
            seen = {"visitor_id": visitor, "disclosed_at": 1, "to_whom": "a", "what": "export"}
            gone = {"consent_id": f"c{number}", "withdrawn_at": 3}
            asked = {"receipt_id": visitor, "requested_at": 1, "visitor_id": visitor, "counts": {}}
            before = {"visitor_id": visitor, "earlier_id": f"{visitor}0", "linked_at": 1}
            await connection.execute(record(site, visitor, number))
            await connection.execute(insert(visitor_links).values(at | before))
            await connection.execute(insert(disclosures).values(at | seen))
            own = {"visitor_id": visitor, "left_out_at": 1}
            await connection.execute(insert(left_out_visitors).values(at | own))
            held = {"visitor_id": visitor, "begun_at": 1, "begun_by": "subject"}
            await connection.execute(insert(restrictions).values(at | held))
            await connection.execute(insert(corrections).values(at | correction(visitor)))
            code = {"code_hash": visitor, "visitor_id": visitor, "consent_id": f"c{number}"}
            await connection.execute(insert(receipt_codes).values(at | code))
            await fill_rights(connection, site.id, visitor, number, clock())
            await fill_account(connection, site.id, visitor, number)
            await connection.execute(insert(withdrawals).values(at | gone))
            await connection.execute(insert(erasures).values(at | asked))
    rows = [at | {"visitor_id": visitor} for visitor in ("v", "w", "v")]
    warehouse.append(batch_of(*rows), "j", 1)
    return site


async def test_every_table_that_has_a_visitor_is_a_holder(ledger, holders):
    """A table with a visitor's id cannot be added without being exported and erased."""
    names = {holder.name for holder in holders.holders}
    for table, columns in (await columns_of(ledger)).items():
        if "visitor_id" in columns:
            assert f"ledger.{table}" in names
            assert table not in KEEPS_NO_VISITOR


def test_every_table_of_the_warehouse_is_in_the_erase_list(warehouse):
    """A table cannot be added to the warehouse without saying what an erasure does to it."""
    live = warehouse.answer("SELECT DISTINCT table_name FROM information_schema.columns")
    assert set(live["table_name"]) == set(WAREHOUSE_TABLES) == set(TABLES)
    about_somebody = {"visitor", "visitor_id", "visit", "visitors"}
    for name, table in TABLES.items():
        if about_somebody & set(table.columns):
            assert WAREHOUSE_TABLES[name] in ("rows", "sums")


async def test_every_ledger_table_is_a_holder_or_is_listed_without_personal_data(ledger, holders):
    names = {holder.name for holder in holders.holders}
    for table in set(await columns_of(ledger)) - OURS_AND_NOT_ABOUT_ANYONE:
        assert f"ledger.{table}" in names or table in KEEPS_NO_VISITOR


async def test_every_holder_is_there(ledger, holders):
    tables = {f"ledger.{table}" for table in await columns_of(ledger)} | {"warehouse.events"}
    assert {holder.name for holder in holders.holders} <= tables


async def test_an_export_has_every_row_of_one_visitor_and_none_of_another(
    ledger, warehouse, holders, batch_of, clock
):
    site = await fill(ledger, warehouse, batch_of, clock)
    rows = await holders.rows(site.id, "v")
    assert {name: len(found) for name, found in rows.items()} == {
        "ledger.withdrawals": 1,
        "ledger.consent_records": 1,
        "ledger.disclosures": 1,
        "ledger.receipt_codes": 1,
        "ledger.left_out_visitors": 1,
        "ledger.restrictions": 1,
        "ledger.corrections": 1,
        "ledger.request_acts": 1,
        "ledger.visitor_requests": 1,
        "ledger.disclosure_register": 1,
        **dict.fromkeys(ACCOUNTS, 1),
        "ledger.visitor_links": 1,
        "ledger.erasures": 1,
        "warehouse.events": 2,
    }
    assert rows["ledger.withdrawals"][0]["consent_id"] == "c0"
    assert {row["visitor_id"] for row in rows["warehouse.events"]} == {"v"}
    assert not any((await holders.rows(site.id + 1, "v")).values())


@pytest.mark.parametrize("asked", ["v0", "v", "v1"])
async def test_law_6_an_export_has_the_rows_of_every_id_that_the_browser_had(
    ledger, warehouse, holders, batch_of, clock, asked
):
    site = await fill(ledger, warehouse, batch_of, clock)
    at = {"site_id": site.id}
    warehouse.append(batch_of(at | {"visitor_id": "v0"}, at | {"visitor_id": "v1"}), "j", 2)
    async with ledger.write() as connection:
        await link(connection, site.id, "v1", "v", 2)
    rows = await holders.rows(site.id, asked)
    seen = [row["visitor_id"] for row in rows["warehouse.events"]]
    assert seen == ["v0", "v", "v", "v1"]
    assert len(rows["ledger.visitor_links"]) == 2
    assert len(rows["ledger.consent_records"]) == 1
    assert await holders.ids(site.id + 1, asked) == [asked]


async def test_what_a_receipt_counts_of_several_ids_is_told_apart_by_id(
    ledger, warehouse, holders, batch_of, clock
):
    site = await fill(ledger, warehouse, batch_of, clock)
    each = await holders.rows_of_each(site.id, ["v", "w"])
    for visitor_id, places in each.items():
        for holder in holders.holders:
            alone = await holder.rows(site.id, visitor_id)
            counted = [] if holder.name in KEPT_BY_ERASE else alone
            assert places[holder.name] == counted, (visitor_id, holder.name)
    assert len(each["v"]["ledger.request_acts"]) == len(each["w"]["ledger.request_acts"]) == 1


async def test_links_that_go_in_a_circle_end(ledger, warehouse, holders, batch_of, clock):
    site = await fill(ledger, warehouse, batch_of, clock)
    async with ledger.write() as connection:
        await link(connection, site.id, "v0", "v", 2)
    assert sorted(await holders.ids(site.id, "v")) == ["v", "v0"]


async def test_erasing_leaves_no_row_with_the_visitors_id_but_the_open_request(
    ledger, warehouse, holders, batch_of, clock
):
    site = await fill(ledger, warehouse, batch_of, clock)
    assert await holders.erase(site.id, "v") == {
        "ledger.withdrawals": 0,
        "ledger.consent_records": 1,
        "ledger.disclosures": 1,
        "ledger.receipt_codes": 1,
        "ledger.left_out_visitors": 1,
        "ledger.restrictions": 1,
        "ledger.corrections": 1,
        "ledger.request_acts": 1,
        "ledger.visitor_requests": 1,
        "ledger.disclosure_register": 2,
        **dict.fromkeys(KEPT_WITH_ACCOUNT, 0),
        "ledger.account_browsers": 1,
        "ledger.visitor_access_ends": 1,
        "ledger.visitor_links": 0,
        "ledger.erasures": 0,
        "warehouse.events": 2,
    }
    left = await holders.rows(site.id, "v")
    assert len(left.pop("ledger.visitor_links")) == 1  # they go with the receipt
    assert [row["receipt_id"] for row in left.pop("ledger.erasures")] == ["v"]
    assert not any(left.values())
    other = await holders.rows(site.id, "w")
    assert all(len(found) == 1 for found in other.values())


async def test_erasing_forgets_whom_requests_and_disclosures_were_of_and_keeps_the_rest(
    ledger, warehouse, holders, batch_of, clock
):
    site = await fill(ledger, warehouse, batch_of, clock)
    await holders.erase(site.id, "v")
    async with ledger.read() as connection:
        requests = (await connection.execute(select(visitor_requests))).mappings().all()
        words = (await connection.scalars(select(request_acts.c.words))).all()
        entries = (await connection.execute(select(disclosure_register))).mappings().all()
    facts = [(r["visitor_id"], r["was_erased"], r["identity"], r["due_on"]) for r in requests]
    assert facts == [(None, 1, "", "2026-02-28"), ("w", 0, "the voice of w", "2026-02-28")]
    assert words == ["", "about w"]
    assert [(one["visitor_id"], one["to_whom"]) for one in entries] == [
        (None, "a court"),
        (None, "a secret court"),
        ("w", "a court"),
        ("w", "a secret court"),
    ]


async def test_erasing_keeps_the_withdrawal_so_that_the_token_stays_refused(
    ledger, warehouse, holders, batch_of, clock
):
    site = await fill(ledger, warehouse, batch_of, clock)
    await holders.erase(site.id, "v")
    async with ledger.read() as connection:
        consents = (await connection.execute(select(withdrawals.c.consent_id))).scalars().all()
        kept = (await connection.execute(select(consent_records))).mappings().first()
    assert consents == ["c0", "c1"]
    assert (kept["record_id"], kept["visitor_id"], kept["nonce"]) == ("r0", None, None)


async def test_erasing_a_visitor_nobody_knows_touches_nothing(
    ledger, warehouse, holders, batch_of, clock
):
    site = await fill(ledger, warehouse, batch_of, clock)
    assert not any((await holders.erase(site.id, "nobody")).values())
    assert not any((await holders.erase(site.id + 1, "v")).values())
