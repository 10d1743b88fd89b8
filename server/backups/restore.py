"""Restores a backup: checks its files, writes them, and carries out what was decided later."""

import asyncio
import hashlib
import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, func, select

from askfirst.clock import Clock, system_clock
from askfirst.errors import Misconfigured
from askfirst.settings import FILE_NAME, Settings, load_settings
from askfirst.store.ledger.tables import (
    account_links,
    account_messages,
    account_sessions,
    api_keys,
    mails,
    sessions,
    setup_links,
    share_links,
    visitor_mails,
)
from askfirst.system.durable_files import create, make_folder, remove_durably, sync, write_durably
from reports.mail.subscriptions import Subscriptions
from server.backups.backup import Manifest
from server.backups.backup_files import BackupFiles, opened
from server.backups.later_decisions import Carried, Decisions, carry_out
from server.backups.restore_plan import Plan, read_plan
from server.backups.restore_schema import refuse_foreign_schemas
from server.maintenance.report_rules import follow_rules
from server.maintenance.rewriting import rewrite
from server.services import Services, open_services
from server.startup.data_folder import RESTORING
from server.startup.folder_owner import refuse_other_user
from server.startup.private_files import make_private
from server.startup.restore_gaps import add_restore_gap

_ENDED = (
    sessions,
    setup_links,
    api_keys,
    share_links,
    account_sessions,
    account_links,
    account_messages,
)
"""What no backup brings back: it lets somebody in, or has mail sent that was stopped since."""
SETTINGS_ASIDE = f"{FILE_NAME}.restored"
"""The name of a backup's settings until the owner puts them into force."""


@dataclass(frozen=True)
class Restored:
    """What was restored, and how many later decisions were carried out on it.

    `settings` is the file with the backup's settings, if it has any; `left_out` has the names of
    files that are not part of a backup of this version. `stopped_mails` were turned on.
    """

    manifest: Manifest
    withdrawn: int
    erased: int
    deleted: int
    restricted: int
    corrected: int
    access_ended: int
    account_changes: int
    settings: Path | None
    left_out: tuple[str, ...]
    stopped_mails: int


def restore(
    backup: Path,
    settings: Settings,
    decisions: Decisions,
    clock: Clock = system_clock,
    *,
    with_settings: bool = False,
) -> Restored:
    """Restore a folder or .tar into the empty data folder of `settings`.

    Its settings file is put into force only `with_settings`. Sessions, and links that create an
    account or set a password, are ended. Raises `Misconfigured` when the folder is not empty, or
    the backup does not match its manifest; the folder is then left empty.
    """
    folder = settings.data_folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Misconfigured(f"The folder {folder} is not empty; nothing was restored.")
    refuse_other_user(folder)
    make_folder(folder)
    make_private(folder)
    try:
        with opened(backup) as files:
            plan = read_plan(files, folder, clock())
            write_durably(folder / RESTORING, b"")
            kept = _bring_back(files, plan, folder, with_settings)
        refuse_foreign_schemas(folder)
        add_restore_gap(folder, min(plan.manifest.made_at, clock()), clock())
        from_file = settings.model_copy(update={"warehouse": ""})  # as a backup has the events
        carried, stopped = asyncio.run(_decide(from_file, decisions, clock))
        remove_durably(folder / RESTORING)
    except BaseException:
        _empty(folder)
        raise
    return Restored(plan.manifest, *carried, kept, plan.left_out, stopped)


def _bring_back(files: BackupFiles, plan: Plan, folder: Path, with_settings: bool) -> Path | None:
    """Write the files of a plan, and return where the settings are."""
    kept = None
    for name, size in plan.sizes.items():
        aside = name == FILE_NAME and not with_settings
        place = folder / (SETTINGS_ASIDE if aside else name)
        if _copy(files, name, size, place) != plan.manifest.files[name]:
            raise Misconfigured(f"The backup's file {name} is damaged: its sum is another one.")
        kept = place if name == FILE_NAME else kept
    if kept and with_settings:
        load_settings({"data_folder": folder}, {})
    return kept


def _copy(files: BackupFiles, name: str, size: int, place: Path) -> str:
    """Copy a file, never more than its size, for its owner alone; return its SHA-256."""
    found, left = hashlib.sha256(), size
    with create(place) as target, closing(files.chunks(name)) as chunks:
        for chunk in chunks:
            left -= len(chunk)
            if left < 0:
                raise Misconfigured(f"The backup's file {name} is damaged: it has grown.")
            found.update(chunk)
            target.write(chunk)
    return found.hexdigest()


async def _decide(settings: Settings, decisions: Decisions, clock: Clock) -> tuple[Carried, int]:
    async with open_services(settings, clock, restoring=True) as services:
        stopped = await _end_sessions(services)
        numbers = await carry_out(services, decisions)
        await follow_rules(services)  # a command may report before any server starts
        await rewrite(services)
    return numbers, stopped


async def _end_sessions(services: Services) -> int:
    """End every session, link and key, which may have been ended or revoked since the backup.

    That holds for staff and for visitors' accounts. Mail that waited in the backup is deleted, and
    who got any is asked anew. Return how many mails of staff are stopped.
    """
    async with services.ledger.write() as connection:
        for table in _ENDED:
            await connection.execute(delete(table))
            left = await connection.scalar(select(func.count()).select_from(table))
            if left:
                raise Misconfigured("The backup's sessions cannot be ended; nothing was restored.")
        # What was due until now was sent; and what was stopped since must not begin again.
        stopped = await Subscriptions(services.ledger, services.clock).stop_all(connection)
        for table in (mails, visitor_mails):
            await connection.execute(delete(table).where(table.c.ended_at.is_(None)))
    await services.ledger.checkpoint()
    return stopped


def _empty(folder: Path) -> None:
    """Empty the folder; the mark that stops a start goes last, in case this is interrupted."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name != RESTORING:
            path.unlink()
    sync(folder)
    remove_durably(folder / RESTORING)
