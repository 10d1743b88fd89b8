"""`askfirst check`: compares ledger, journal and warehouse and names what differs."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from sqlalchemy import Table, exists, func, inspect, select

from askfirst.errors import Misconfigured, Unavailable
from askfirst.store.ledger.database import Ledger, has_column
from askfirst.store.ledger.tables import (
    consent_records,
    corrections,
    erasures,
    receipt_codes,
    restrictions,
    sites,
    withdrawals,
)
from askfirst.store.warehouse.identifiers import FORMS, stored_id
from askfirst.store.warehouse.warehouse import Warehouse
from consent.proof.records import OPEN_STATES, WITHDRAWN
from server.checks.accounts import unopened_accounts
from server.checks.differences import BY_REPAIR, BY_START, Difference
from server.checks.files import damaged_files, left_files, missing_files, moved_away
from server.checks.journal import Waiting, read_shipped, read_waiting
from server.checks.questions import doubled, present, ungrounded
from server.checks.verify import verify_ledger
from server.startup.data_folder import WAREHOUSE
from server.startup.folder_owner import belongs_to_another_user
from server.startup.warehouse.opening import open_database


def examine(folder: Path, url: str = "") -> list[Difference]:
    """Return everything that differs in a folder on which no server runs, or in a copy of one.

    `url` is the setting `warehouse`; in a copy the events are in the file.
    """
    for look in (moved_away, missing_files, damaged_files):
        if found := look(folder, url):
            return found
    try:
        compared = _compared(folder, url)
    except (Misconfigured, Unavailable) as error:  # of the database
        compared = [Difference(error.message)]
    return [*left_files(folder, url), *asyncio.run(_ledger_alone(folder)), *compared]


async def _ledger_alone(folder: Path) -> list[Difference]:
    verdict = await verify_ledger(folder / "ledger.db", None, Console(quiet=True))
    ledger = await Ledger.open_to_read(folder / "ledger.db")
    try:
        numbers = {name: await _number(ledger, ask) for name, ask in _LEDGER_QUESTIONS.items()}
        numbers |= await _of_deleted_sites(ledger) | await _of_parts(ledger)
        numbers |= await _of_corrections(ledger)
        numbers |= await _of_nobody(ledger)
        accounts = await unopened_accounts(ledger, folder)
    finally:
        await ledger.close()
    found = [] if verdict.right else [Difference(verdict.sentences[0])]
    return [*found, *accounts] + [
        Difference(f"{numbers[name]} {sentence}", repaired_by)
        for name, (sentence, repaired_by) in _LEDGER_SENTENCES.items()
        if numbers.get(name)
    ]


async def _of_deleted_sites(ledger: Ledger) -> dict[str, int]:
    """Count what is left of deleted sites; a ledger of the first version has none."""
    async with ledger.read() as connection:
        if not await has_column(connection, "sites", "deleted_at"):
            return dict.fromkeys(_SITE_QUESTIONS, 0)
    return {name: await _number(ledger, ask) for name, ask in _SITE_QUESTIONS.items()}


async def _of_parts(ledger: Ledger) -> dict[str, int]:
    """Count the erasures that name somebody though they are done; older ledgers have no parts."""
    async with ledger.read() as connection:
        if not await has_column(connection, "erasures", "part_of"):
            return dict.fromkeys(_PART_QUESTIONS, 0)
    return {name: await _number(ledger, ask) for name, ask in _PART_QUESTIONS.items()}


async def _of_corrections(ledger: Ledger) -> dict[str, int]:
    """Count the corrections that are not complete; older ledgers have none."""
    async with ledger.read() as connection:
        if not await has_column(connection, "corrections", "applied_at"):
            return dict.fromkeys(_CORRECTION_QUESTIONS, 0)
    return {name: await _number(ledger, ask) for name, ask in _CORRECTION_QUESTIONS.items()}


async def _of_nobody(ledger: Ledger) -> dict[str, int]:
    """Count what names a visitor whom no consent record names; older ledgers lack the tables."""
    return {
        table.name: await _number(ledger, _named_by(table))
        for table in (receipt_codes, restrictions)
        if await _has(ledger, table)
    }


async def _has(ledger: Ledger, table: Table) -> bool:
    async with ledger.read() as connection:
        return await connection.run_sync(lambda one: inspect(one).has_table(table.name))


def _named_by(table: Table) -> Any:
    """Return the question how many rows name a visitor without a record who is not being erased."""
    known = consent_records.c
    recorded = exists().where(
        known.visitor_id == table.c.visitor_id, known.site_id == table.c.site_id
    )
    erased = exists().where(
        erasures.c.visitor_id == table.c.visitor_id, erasures.c.site_id == table.c.site_id
    )
    return select(func.count()).select_from(table).where(~recorded, ~erased)


async def _number(ledger: Ledger, question: Any) -> int:
    async with ledger.read() as connection:
        return int((await connection.execute(question)).scalar_one())


_closed = select(consent_records.c.consent_id).where(consent_records.c.state == WITHDRAWN)
_refused = select(withdrawals.c.consent_id)
_LEDGER_QUESTIONS = {
    "open": select(func.count()).where(erasures.c.completed_at.is_(None)),
    "bytes": select(func.count()).where(
        erasures.c.completed_at.is_not(None) & erasures.c.bytes_gone_at.is_(None)
    ),
    "unproven": select(func.count()).where(withdrawals.c.consent_id.not_in(_closed)),
    "unrefused": select(func.count()).where(
        (consent_records.c.state == WITHDRAWN) & consent_records.c.consent_id.not_in(_refused)
    ),
}
_names_somebody = (
    erasures.c.visitor_id.is_not(None)
    | erasures.c.part_of.is_not(None)
    | erasures.c.visit_id.is_not(None)
)
_PART_QUESTIONS = {
    "told": select(func.count()).where(erasures.c.completed_at.is_not(None) & _names_somebody),
}
_CORRECTION_QUESTIONS = {
    "wrong": select(func.count()).where(corrections.c.applied_at.is_(None)),
    "wrong bytes": select(func.count()).where(
        corrections.c.applied_at.is_not(None) & corrections.c.bytes_gone_at.is_(None)
    ),
}
_marked = sites.c.deleted_at.is_not(None)
_SITE_QUESTIONS = {
    "sites": select(func.count()).where(_marked & sites.c.rows_gone_at.is_(None)),
    "site bytes": select(func.count()).where(
        sites.c.rows_gone_at.is_not(None) & sites.c.bytes_gone_at.is_(None)
    ),
    "named": select(func.count()).where(
        consent_records.c.visitor_id.is_not(None)
        & consent_records.c.site_id.in_(select(sites.c.id).where(sites.c.rows_gone_at.is_not(None)))
    ),
}
_LEDGER_SENTENCES = {
    "open": ("erasures were asked for and not carried out.", BY_START),
    "bytes": ("erasures left bytes in the files.", BY_START),
    "told": ("erasures were carried out and still name their visitor or visit.", ""),
    "wrong": ("corrections are on record, and what is stored does not follow them.", BY_START),
    "wrong bytes": ("corrections left bytes of what was wrong in the files.", BY_START),
    "sites": ("sites were deleted and not all that was in them.", BY_START),
    "site bytes": ("deleted sites left bytes in the files.", BY_START),
    "named": ("consent records of deleted sites still name their visitor.", ""),
    "unproven": ("withdrawals have no record in the chain.", ""),
    "receipt_codes": ("receipt codes are of visitors whom no consent record names.", ""),
    "restrictions": ("restrictions are of visitors whom no consent record names.", ""),
    "unrefused": ("consents are withdrawn in the chain, and the gate does not know.", ""),
}


def _compared(folder: Path, url: str) -> list[Difference]:
    waiting = read_waiting(folder / "journal.db")
    consents = {"valid_consents": asyncio.run(_consents(folder / "ledger.db"))}
    warehouse = _opened(folder, url)
    try:
        watermark = warehouse.watermark(waiting.journal)
        bare = int(warehouse.ask_beside(consents, ungrounded)["rows"].iloc[0])
        twice = int(warehouse.ask(doubled)["rows"].iloc[0])
        there = present_ids(warehouse, [event for _, event in waiting.rows])
        shipped = read_shipped(folder / "journal.db", watermark) if waiting.journal else []
        lacks = len(shipped) - len(present_ids(warehouse, shipped))
    finally:
        warehouse.close()
    return _named(bare, twice, lacks, watermark, waiting) + _behind(watermark, waiting, there)


def _opened(folder: Path, url: str) -> Warehouse:
    if url:
        engine = open_database(url, folder, read_only=True)
        engine.refuse_unfinished()
        return Warehouse(engine)
    return Warehouse(folder / WAREHOUSE, read_only=belongs_to_another_user(folder))


_LACKS = "The warehouse ends before the last event that was shipped: it lacks up to"
_ASIDE = "events were set aside because their bytes had changed; the next erasure deletes them."


def _named(bare: int, twice: int, lacks: int, watermark: int, waiting: Waiting) -> list[Difference]:
    changed = sum(events for seq, events in waiting.changed if seq > watermark)
    sentences = [
        (bare, f"{bare} events have no consent that was valid when they happened.", ""),
        (twice, f"{twice} event ids are in the warehouse more than once.", ""),
        (waiting.aside, f"{waiting.aside} {_ASIDE}", ""),
        (changed, f"{changed} events wait in the journal whose bytes have changed.", ""),
        (lacks, f"{_LACKS} {lacks} events.", ""),
        (watermark > waiting.last, "The journal ends before the warehouse's watermark.", BY_START),
    ]
    return [
        Difference(sentence, repaired_by) for wrong, sentence, repaired_by in sentences if wrong
    ]


def _behind(watermark: int, waiting: Waiting, there: set[str]) -> list[Difference]:
    left = [event for seq, event in waiting.rows if seq <= watermark]
    ahead = [event for seq, event in waiting.rows if seq > watermark]
    shipped, lost = sum(event in there for event in left), sum(event not in there for event in left)
    doubled = sum(event in there for event in ahead)
    sentences = [
        (shipped, "shipped events were not taken out of the journal.", BY_START),
        (lost, "events lie behind the watermark and are not in the warehouse.", BY_REPAIR),
        (doubled, "events wait in the journal and are in the warehouse already.", BY_REPAIR),
    ]
    return [
        Difference(f"{n} {sentence}", repaired_by) for n, sentence, repaired_by in sentences if n
    ]


def present_ids(warehouse: Warehouse, events: Sequence[str]) -> set[str]:
    """Return those of these ids of events that the warehouse holds."""
    ids = {stored_id(event, FORMS["event_id"]): event for event in events}
    asked = pd.DataFrame({"event_id": pd.Series(list(ids), dtype="str")})
    found = warehouse.ask_beside({"asked": asked}, present)
    return {ids[one] for one in found["event_id"]}


async def _consents(path: Path) -> pd.DataFrame:
    records = consent_records.c
    joined = consent_records.outerjoin(withdrawals, withdrawals.c.consent_id == records.consent_id)
    until = func.min(records.valid_until, func.coalesce(withdrawals.c.withdrawn_at, 1 << 62))
    columns = (records.site_id, records.consent_id, func.coalesce(records.visitor_id, ""))
    asked = select(*columns, records.event_time, until).select_from(joined)
    ledger = await Ledger.open_to_read(path)
    try:
        async with ledger.read() as connection:
            found = await connection.execute(asked.where(records.state.in_(OPEN_STATES)))
            rows = found.all()
    finally:
        await ledger.close()
    return _frame(rows)


def _frame(rows: Any) -> pd.DataFrame:
    kinds = {"site": "int32", "consent_id": "str", "visitor_id": "str"}
    names = [*kinds, "given", "until"]
    stored = [
        (site, stored_id(consent, FORMS["consent_id"]), _visitor(visitor), given, until)
        for site, consent, visitor, given, until in rows
    ]
    columns = dict(zip(names, zip(*stored, strict=True) if rows else [()] * 5, strict=True))
    return pd.DataFrame({n: pd.Series(columns[n], dtype=kinds.get(n, "int64")) for n in names})


def _visitor(visitor_id: str) -> str:
    return stored_id(visitor_id, FORMS["visitor_id"]) if visitor_id else ""
