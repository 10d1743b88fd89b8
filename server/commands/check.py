"""`askfirst check`: prints what differs in a data folder, and repairs it where it is told to."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from askfirst.clock import system_clock
from askfirst.errors import Misconfigured
from askfirst.settings import Settings, load_settings
from askfirst.system.disk_space import free_of
from server.backups.backup_request import staged
from server.checks.differences import Difference
from server.checks.files import cut_logs, permissions, stopping
from server.checks.folder_access import enter
from server.commands.terminal import DataFolder, reporting_errors, say
from server.startup.data_folder import is_served
from server.startup.folder_owner import refuse_other_user


def register(commands: typer.Typer) -> None:
    """Add the command to the command line."""
    commands.command()(reporting_errors(check))


def check(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DATA_FOLDER", help="Else askfirst-data.")
    ] = None,
    repair: Annotated[
        bool, typer.Option("--repair", "--mend", help="Put right what can be; no server may run.")
    ] = False,
    data: DataFolder = None,
) -> None:
    """Compare ledger, journal and warehouse; the status is 1 if something differs."""
    from server.checks.repair import repair as repair_folder  # noqa: PLC0415 - it loads pandas, as check does

    if folder and data:
        raise Misconfigured("Name the folder once: as the argument or by --data.")
    settings = load_settings({"data_folder": folder or data})
    if refused := _stopping(settings.data_folder):
        _print(refused)
        raise typer.Exit(1)
    enter(settings.data_folder)
    _say_room(settings)
    _say_mail(settings)
    served = is_served(settings.data_folder)
    if repair and served:
        raise Misconfigured("A server runs on the folder; stop it to repair.")
    if repair:
        refuse_other_user(settings.data_folder)
    os.umask(0o077)
    found = _found(settings, served)
    _print(found)
    if repair and found:
        repair_folder(settings)
        found = _found(settings, served)
        say("Left after the repair:" if found else "All of it is repaired.")
        _print(found)
    if found:
        raise typer.Exit(1)
    say("Ledger, journal and warehouse agree.")


def _stopping(folder: Path) -> list[Difference]:
    """Return what a start refuses: then nothing else is examined, and nothing is repaired."""
    return stopping(folder) if folder.is_dir() else []


def _found(settings: Settings, served: bool) -> list[Difference]:
    """Examine the folder, or a copy that the running server makes of it."""
    from server.checks.check import examine  # noqa: PLC0415 - pandas takes half a second

    folder = settings.data_folder
    if not served:
        cut = cut_logs(folder, system_clock())
        return [*cut, *permissions(folder), *examine(folder, settings.warehouse)]
    with staged(settings) as whole:
        return [*permissions(folder), *examine(whole)]


def _say_room(settings: Settings) -> None:
    """Print where a server refuses events because the disk is short, which is no difference."""
    free, reserve = free_of(settings.data_folder), settings.free_disk_mb * 1_000_000
    if free < reserve:
        room = f"{free // 1_000_000} MB are free on the disk, and free_disk_mb keeps"
        kept = f"{room} {settings.free_disk_mb} MB free: events and yeses are turned away."
        say(kept)


def _say_mail(settings: Settings) -> None:
    """Print why the mail server cannot be used, which is no difference between the stores."""
    from server.mail.running import mail_problem  # noqa: PLC0415 - only where mail is sent

    if settings.smtp_url and (problem := asyncio.run(mail_problem(settings))):
        say(f"No mail can be sent. {problem}")


def _print(found: list[Difference]) -> None:
    for one in found:
        by = f" Repaired by {one.repaired_by}." if one.repaired_by else ""
        say(f"{one.sentence}{by}")
