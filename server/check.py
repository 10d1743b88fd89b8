"""`askfirst check`: compares ledger, journal and warehouse and names what differs."""

import asyncio
import sqlite3
import stat
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from rich.console import Console
from sqlalchemy import func, select

from askfirst.errors import Misconfigured
from askfirst.store.ledger import Ledger
from askfirst.store.tables import consent_records, erasures, withdrawals
from askfirst.store.warehouse import Warehouse
from consent.proof import OPEN_STATES, WITHDRAWN
from server.check_questions import doubled, present, ungrounded
from server.damage import SET_ASIDE, is_damaged
from server.data_folder import MEMORIES
from server.verifying import verify_ledger


@dataclass(frozen=True)
class Difference:
    """Something that is not as it should be; `mended_by` says what mends it, '' if nothing can."""

    sentence: str
    mended_by: str = ""


BY_START = "a start of the server, or --mend"
BY_MEND = "--mend"


@dataclass(frozen=True)
class Waiting:
    """The journal's events that wait: its id, its last number, and (seq, event id) of each.

    `aside` is the number of the events that were set aside because their bytes had changed.
    """

    journal: str
    last: int
    rows: list[tuple[int, str]]
    aside: int


def examine(folder: Path) -> list[Difference]:
    """Give everything that differs in a folder on which no server runs, or in a copy of one."""
    found = missing_files(folder) or damaged_files(folder)
    return found or [*asyncio.run(_ledger_alone(folder)), *_compared(folder)]


def missing_files(folder: Path) -> list[Difference]:
    """Name the memories and keys that are not there."""
    names = [name for name in (*MEMORIES, "keys") if not (folder / name).is_file()]
    return [Difference(f"The file {name} is missing.") for name in names]


def damaged_files(folder: Path) -> list[Difference]:
    """Read both SQLite files to their end and open the warehouse; name what cannot be read."""
    found = [
        Difference(f"The file {name} is damaged.")
        for name in MEMORIES[:2]
        if is_damaged(folder / name, most_seconds=float("inf"))
    ]
    try:
        Warehouse(folder / MEMORIES[2]).close()
    except duckdb.Error:
        found.append(Difference(f"The file {MEMORIES[2]} is damaged or in use."))
    return found


def permissions(folder: Path) -> list[Difference]:
    """Name what others than its owner may open, and journals that were set aside."""
    paths = [folder, *(path for path in folder.iterdir() if path.is_file())]
    found = [
        Difference(f"Others than its owner may open {path.name}.", BY_MEND)
        for path in paths
        if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    aside = [path.name for path in paths if SET_ASIDE in path.name and path.name[-1] == "Z"]
    return [*found, *(Difference(f"A damaged file was set aside as {name}.") for name in aside)]


async def _ledger_alone(folder: Path) -> list[Difference]:
    verdict = await verify_ledger(folder / "ledger.db", None, Console(quiet=True))
    ledger = await Ledger.open_to_read(folder / "ledger.db")
    try:
        numbers = {name: await _number(ledger, ask) for name, ask in _LEDGER_QUESTIONS.items()}
    finally:
        await ledger.close()
    found = [] if verdict.right else [Difference(verdict.sentences[0])]
    return found + [
        Difference(f"{numbers[name]} {sentence}", mended_by)
        for name, (sentence, mended_by) in _LEDGER_SENTENCES.items()
        if numbers[name]
    ]


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
_LEDGER_SENTENCES = {
    "open": ("erasures were asked for and not carried out.", BY_START),
    "bytes": ("erasures left bytes in the files.", BY_START),
    "unproven": ("withdrawals have no record in the chain.", ""),
    "unrefused": ("consents are withdrawn in the chain, and the gate does not know.", ""),
}


def _compared(folder: Path) -> list[Difference]:
    waiting = read_waiting(folder / "journal.db")
    consents = {"consents": asyncio.run(_consents(folder / "ledger.db"))}
    warehouse = Warehouse(folder / "warehouse.duckdb")
    try:
        watermark = warehouse.watermark(waiting.journal)
        bare = int(warehouse.ask_beside(consents, ungrounded)["rows"].iloc[0])
        twice = int(warehouse.ask(doubled)["rows"].iloc[0])
        there = present_ids(warehouse, waiting)
    finally:
        warehouse.close()
    return _named(bare, twice, watermark, waiting) + _behind(watermark, waiting, there)


def _named(bare: int, twice: int, watermark: int, waiting: Waiting) -> list[Difference]:
    sentences = [
        (bare, f"{bare} events have no consent that was valid when they happened.", ""),
        (twice, f"{twice} event ids are in the warehouse more than once.", ""),
        (
            waiting.aside,
            f"{waiting.aside} events were set aside because their bytes had changed.",
            "",
        ),
        (watermark > waiting.last, "The journal ends before the warehouse's watermark.", BY_START),
    ]
    return [Difference(sentence, mended_by) for wrong, sentence, mended_by in sentences if wrong]


def _behind(watermark: int, waiting: Waiting, there: set[str]) -> list[Difference]:
    left = [event for seq, event in waiting.rows if seq <= watermark]
    ahead = [event for seq, event in waiting.rows if seq > watermark]
    shipped, lost = sum(event in there for event in left), sum(event not in there for event in left)
    doubled = sum(event in there for event in ahead)
    sentences = [
        (shipped, "shipped events were not taken out of the journal.", BY_START),
        (lost, "events lie behind the watermark and are not in the warehouse.", BY_MEND),
        (doubled, "events wait in the journal and are in the warehouse already.", BY_MEND),
    ]
    return [Difference(f"{n} {sentence}", mended_by) for n, sentence, mended_by in sentences if n]


def present_ids(warehouse: Warehouse, waiting: Waiting) -> set[str]:
    """Give the ids of waiting events that the warehouse holds."""
    ids = pd.Series([event for _, event in waiting.rows], dtype="str")
    found = warehouse.ask_beside({"asked": pd.DataFrame({"event_id": ids})}, present)
    return set(found["event_id"])


def read_waiting(path: Path) -> Waiting:
    """Read what waits in a journal, without what is known as shipped."""
    asked = "SELECT seq, event_id FROM waiting_events"
    asked += " WHERE event_id NOT IN (SELECT event_id FROM shipped_events)"
    try:
        with closing(sqlite3.connect(path)) as connection:
            facts = dict(connection.execute("SELECT name, value FROM meta").fetchall())
            rows = connection.execute(asked).fetchall()
            top = connection.execute("SELECT coalesce(max(seq), 0) FROM waiting").fetchone()[0]
            aside = connection.execute("SELECT coalesce(sum(events), 0) FROM damaged").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise Misconfigured(f"The journal {path} cannot be read.") from error
    return Waiting(str(facts["journal"]), max(int(facts["last"]), int(top)), rows, int(aside))


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
    kinds = {"site_id": "int32", "consent_id": "str", "visitor_id": "str"}
    names = [*kinds, "given", "until"]
    columns = dict(zip(names, zip(*rows, strict=True) if rows else [()] * 5, strict=True))
    frame = pd.DataFrame({n: pd.Series(columns[n], dtype=kinds.get(n, "int64")) for n in names})
    for name in ("given", "until"):
        frame[name] = pd.to_datetime(frame[name], unit="ms").astype("datetime64[us]")
    return frame
