"""A backup: whole copies of the three stores and the keys, taken while the server writes."""

import asyncio
import sqlite3
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import msgspec

from askfirst.errors import Misconfigured
from askfirst.settings import FILE_NAME as SETTINGS
from askfirst.store.sqlite_files import open_sqlite
from askfirst.system.durable_files import (
    copy_durably,
    create,
    is_plain,
    sha256_of,
    sync,
    write_durably,
)
from server.services import Services
from server.startup.data_folder import STORES
from server.startup.keys import KEY_FILES
from server.startup.restore_gaps import FILE_NAME as RESTORE_GAPS

MANIFEST = "manifest.json"
FORMAT = 1
STAGE_PREFIX = "backup-"
KEPT = (*KEY_FILES, RESTORE_GAPS, SETTINGS)
"""What is copied beside the stores; anything else in the data folder can be made anew."""
COPIED = (*STORES, *KEPT)
COUNTED = ("events", "waiting", "consent_records", "withdrawals")
REQUIRED = (*STORES, KEY_FILES[0])
_LAST_MS = 253_402_300_799_999  # the year 9999 ends
Counted = Annotated[int, msgspec.Meta(ge=0)]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds.

    `made_at` is milliseconds since the epoch, taken before the ledger was copied: decisions made
    later may be missing. `files` has the SHA-256 of each file, `sizes` its bytes (older backups do
    not have them), `counts` the rows of each store.
    """

    format: int
    version: str
    made_at: Annotated[int, msgspec.Meta(ge=0, le=_LAST_MS)]
    files: dict[str, str]
    counts: dict[str, Counted]
    sizes: dict[str, Counted] = {}


async def copy_stores(services: Services, folder: Path) -> Manifest:
    """Copy everything of open services into an empty folder; the manifest is written last.

    Meanwhile shipping and erasing are paused, and collecting and answering go on. The warehouse is
    copied before the journal: events that arrive in between lie behind the copied watermark and are
    shipped after a restore. The ledger comes last, so that it has the consent of every event.
    """
    data = services.settings.data_folder
    async with services.shipper.quiet():
        await asyncio.to_thread(services.warehouse.copy_to, folder / "warehouse.duckdb")
        await asyncio.to_thread(_copy_sqlite, data / "journal.db", folder / "journal.db")
        made_at = services.clock()
        await asyncio.to_thread(_copy_sqlite, data / "ledger.db", folder / "ledger.db")
        await asyncio.to_thread(_copy_files, data, folder)
        events = await asyncio.to_thread(
            services.warehouse.answer, "SELECT count(*) AS rows FROM events"
        )
    return await asyncio.to_thread(_finish, folder, made_at, int(events["rows"].iloc[0]))


def _finish(folder: Path, made_at: int, events: int) -> Manifest:
    names = [name for name in sorted(COPIED) if is_plain(folder / name)]
    manifest = Manifest(
        format=FORMAT,
        version=version("askfirst"),
        made_at=made_at,
        files={name: sha256_of(folder / name) for name in names},
        counts={"events": events, **_counts(folder)},
        sizes={name: (folder / name).stat().st_size for name in names},
    )
    text = msgspec.json.format(msgspec.json.encode(manifest))
    write_durably(folder / MANIFEST, text + b"\n")
    return manifest


def _copy_sqlite(source: Path, target: Path) -> None:
    """Copy one snapshot of a SQLite file by the online backup; the copy needs no log."""
    with closing(open_sqlite(source)) as reading, closing(_private(target)) as writing:
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode=DELETE")
        found = writing.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError("The copy is damaged.")
    sync(target)


def _private(path: Path) -> sqlite3.Connection:
    with create(path):
        pass
    return open_sqlite(path)


def _counts(folder: Path) -> dict[str, int]:
    questions = {
        "waiting": ("journal.db", "SELECT coalesce(sum(events), 0) FROM waiting"),
        "consent_records": ("ledger.db", "SELECT count(*) FROM consent_records"),
        "withdrawals": ("ledger.db", "SELECT count(*) FROM withdrawals"),
    }
    return {name: _number(folder / file, ask) for name, (file, ask) in questions.items()}


def _number(path: Path, question: str) -> int:
    with closing(open_sqlite(path)) as connection:
        return int(connection.execute(question).fetchone()[0])


def _copy_files(source: Path, target: Path) -> None:
    """Copy the keys, the restore gaps and the settings; follow no link."""
    for name in KEPT:
        if is_plain(source / name):
            copy_durably(source / name, target / name)
    (target / "warehouse.duckdb").chmod(0o600)
    sync(target / "warehouse.duckdb")


def manifest_of(content: bytes) -> Manifest:
    """Read a manifest; raise `Misconfigured` for one of an unknown format."""
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except msgspec.MsgspecError as error:
        raise Misconfigured("The backup's manifest cannot be read.") from error
    if manifest.format != FORMAT:
        raise Misconfigured("The backup was made by a newer Askfirst.")
    return manifest
