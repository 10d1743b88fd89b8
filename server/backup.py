"""A backup: whole copies of the three memories and the keys, taken while the server writes."""

import asyncio
import sqlite3
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import msgspec

from askfirst.durable import sum_of, sync, write_durably
from askfirst.errors import Misconfigured
from server.data_folder import LOCK, MEMORIES
from server.house import House

MANIFEST = "manifest.json"
FORMAT = 1
STAGE_PREFIX = "backup-"
NOT_COPIED = (*MEMORIES, LOCK, STAGE_PREFIX, "places", MANIFEST)


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds.

    `made_at` is milliseconds since the epoch, taken before the ledger was copied: whoever decided
    later may be missing. `files` gives the SHA-256 of each file, `counts` the rows of each memory.
    """

    format: int
    version: str
    made_at: int
    files: dict[str, str]
    counts: dict[str, int]


async def copy_memories(house: House, folder: Path) -> Manifest:
    """Copy everything of an open house into an empty folder; the manifest is written last.

    Shipping and erasing hold still meanwhile, collecting and answering go on. First the warehouse,
    then the journal: what it took meanwhile lies behind the copied watermark and is shipped after
    a restore. The ledger last: each event of the other two finds its consent there.
    """
    data = house.settings.data_folder
    async with house.shipper.quiet():
        await asyncio.to_thread(house.warehouse.copy_to, folder / "warehouse.duckdb")
        await asyncio.to_thread(_copy_sqlite, data / "journal.db", folder / "journal.db")
        made_at = house.clock()
        await asyncio.to_thread(_copy_sqlite, data / "ledger.db", folder / "ledger.db")
        await asyncio.to_thread(_copy_files, data, folder)
        events = await asyncio.to_thread(
            house.warehouse.answer, "SELECT count(*) AS rows FROM events"
        )
    return await asyncio.to_thread(_finish, folder, made_at, int(events["rows"].iloc[0]))


def _finish(folder: Path, made_at: int, events: int) -> Manifest:
    names = sorted(_names(folder))
    manifest = Manifest(
        format=FORMAT,
        version=version("askfirst"),
        made_at=made_at,
        files={name: sum_of(folder / name) for name in names},
        counts={"events": events, **_counts(folder)},
    )
    text = msgspec.json.format(msgspec.json.encode(manifest))
    write_durably(folder / MANIFEST, text + b"\n")
    return manifest


def _names(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


def _copy_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite file in one snapshot by its online backup; the copy needs no log beside it."""
    with closing(sqlite3.connect(source)) as reading, closing(_private(target)) as writing:
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode=DELETE")
        found = writing.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError("The copy is damaged.")
    sync(target)


def _private(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600)
    return sqlite3.connect(path)


def _counts(folder: Path) -> dict[str, int]:
    questions = {
        "waiting": ("journal.db", "SELECT coalesce(sum(events), 0) FROM waiting"),
        "consent_records": ("ledger.db", "SELECT count(*) FROM consent_records"),
        "withdrawals": ("ledger.db", "SELECT count(*) FROM withdrawals"),
    }
    return {name: _number(folder / file, ask) for name, (file, ask) in questions.items()}


def _number(path: Path, question: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(question).fetchone()[0])


def _copy_files(source: Path, target: Path) -> None:
    """Copy the keys, the settings and whatever else is no memory."""
    for name in _names(source):
        if not name.startswith(NOT_COPIED) and not name.endswith(".fresh"):
            path = target / name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_durably(path, (source / name).read_bytes())
    (target / "warehouse.duckdb").chmod(0o600)
    sync(target / "warehouse.duckdb")


def manifest_of(content: bytes) -> Manifest:
    """Read a manifest; raises `Misconfigured` for what is none of a format known here."""
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except msgspec.MsgspecError as error:
        raise Misconfigured("The backup's manifest cannot be read.") from error
    if manifest.format != FORMAT:
        raise Misconfigured("The backup was made by a newer Askfirst.")
    return manifest
