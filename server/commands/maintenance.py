"""`askfirst backup`, `restore`, `check`, `ledger decisions` and `export`, and what they say."""

import json
import os
import shutil
import tarfile
import tomllib
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from askfirst.clock import as_iso, system_clock
from askfirst.errors import Misconfigured
from askfirst.settings import FILE_NAME, Settings, load_settings
from askfirst.system.disk_space import free_of
from askfirst.system.durable_files import copy_durably, replacing, sync, write_durably
from reports.records.rows import Format
from server.backups.backup import COUNTED, MANIFEST, Manifest, manifest_of
from server.backups.backup_request import staged
from server.backups.later_decisions import NONE, read_decisions
from server.backups.restore import restore as restore_backup
from server.checks.differences import Difference
from server.checks.files import cut_logs, permissions, stopping
from server.checks.folder_access import enter
from server.checks.verify import damaged_log_sentence, logs_that_were_cut
from server.commands.ledger_export import export_records
from server.startup.data_folder import is_served
from server.startup.folder_owner import refuse_other_user

console = Console(highlight=False)
SETTINGS = tuple(Settings.model_fields)
_MOST_TOLD = 200  # letters of a setting
DataFolder = Annotated[
    Path | None, typer.Option("--data", help="The folder of all data; else askfirst-data.")
]


def register(commands: typer.Typer, ledger: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (backup, restore, check):
        commands.command()(said(command))
    ledger.command()(said(decisions))
    ledger.command()(said(export))


def said(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command end with status 2 and a sentence where it cannot be done."""

    @wraps(command)
    def saying(*args: object, **kwargs: object) -> None:
        try:
            command(*args, **kwargs)
        except (Misconfigured, OSError) as error:
            sentence = getattr(error, "message", None) or _named(error, (*args, *kwargs.values()))
            console_of_errors = Console(stderr=True, highlight=False)
            console_of_errors.print(sentence, soft_wrap=True, markup=False)
            raise typer.Exit(2) from error

    return saying


def _named(error: BaseException, given: Sequence[object]) -> str:
    """Say what the system refused, with the paths that were given."""
    why = os.strerror(getattr(error, "errno", None) or 0)
    paths = ", ".join(str(one) for one in given if isinstance(one, Path))
    return f"{paths}: {why}." if paths else f"{why}."


def backup(
    target: Annotated[Path, typer.Argument(help="A new folder, or a file that ends in .tar.")],
    data: DataFolder = None,
) -> None:
    """Copy everything while the server runs, or while none does."""
    settings = load_settings({"data_folder": data})
    if os.path.lexists(target):
        raise Misconfigured(f"There is {target} already; nothing was written.")
    os.umask(0o077)
    with staged(settings) as whole:
        manifest = manifest_of((whole / MANIFEST).read_bytes())
        _keep(whole, [*manifest.files, MANIFEST], target)
    _print(f"{target} holds {_told(manifest)}, and the keys: keep it secret.")
    if (settings.data_folder / FILE_NAME).is_symlink():
        _print(f"{FILE_NAME} is a link, which no backup follows: keep a copy of it.")


def _keep(whole: Path, names: list[str], target: Path) -> None:
    """Write the copy under another name and rename it when it is whole and on disk."""
    if target.suffix == ".tar":
        with replacing(target) as file, tarfile.open(fileobj=file, mode="w") as packed:
            for name in names:
                packed.add(whole / name, name, recursive=False)
        return
    fresh = target.with_name(f"{target.name}.fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    for name in names:
        copy_durably(whole / name, fresh / name)
    fresh.rename(target)
    sync(target.absolute().parent)


def _print(sentence: str) -> None:
    console.print(sentence, soft_wrap=True, markup=False)


def _told(manifest: Manifest) -> str:
    counts = [(name, manifest.counts.get(name, 0)) for name in COUNTED]
    numbers = ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in counts)
    return f"the state of {as_iso(manifest.made_at)} ({numbers})"


def restore(
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help="A backup's folder or .tar.")],
    data: Annotated[Path, typer.Argument(metavar="DATA_FOLDER", help="An empty folder.")],
    decisions_from: Annotated[
        Path | None,
        typer.Option(help="The newer ledger, data folder or list with later decisions."),
    ] = None,
    with_settings: Annotated[
        bool, typer.Option("--with-settings", help="Put the backup's settings into force, too.")
    ] = False,
) -> None:
    """Restore a backup into an empty folder and carry out what was decided after it."""
    later = read_decisions(decisions_from) if decisions_from else NONE
    os.umask(0o077)
    settings = load_settings({"data_folder": data})
    done = restore_backup(source, settings, later, with_settings=with_settings)
    _print(f"{data} holds {_told(done.manifest)}.")
    since = as_iso(done.manifest.made_at)
    _print(f"Consents given since {since} are refused: no record may prove them.")
    carried = f"{done.withdrawn} withdrawals, {done.erased} erasures"
    _print(f"Later decisions: {carried}, {done.deleted} deleted sites.")
    if not decisions_from:
        _print(
            "Erasures, withdrawals and deletions of sites made after the backup are unknown here:"
            " name a newer ledger by --decisions-from if there is one."
        )
    _print("Everybody is signed out. A password that was changed after the backup is the old one.")
    _print(_told_of_settings(done.settings))
    for name in done.left_out:
        _print(f"Left out, because Askfirst has no file of that name: {name}.")


def _told_of_settings(path: Path | None) -> str:
    """Say what the settings of a backup set, and whether they are in force."""
    if path is None:
        return "The backup holds no settings file."
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return f"The settings of the backup, in {path}, cannot be read."
    known = [f"{name} = {_short(found[name])}" for name in SETTINGS if name in found]
    told = f"The settings of the backup set {', '.join(known) or 'nothing'}."
    if path.name == FILE_NAME:
        return f"{told} They are in force."
    return f"{told} They are not in force: rename {path} to {FILE_NAME} if you want them."


def _short(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= _MOST_TOLD else f"{text[:_MOST_TOLD]}..."


def decisions(
    target: Annotated[Path, typer.Argument(help="The file to write.")], data: DataFolder = None
) -> None:
    """Write the list of erasures, withdrawals and deleted sites, for a later restore."""
    ledger = enter(load_settings({"data_folder": data}).data_folder)
    logs = logs_that_were_cut(ledger)
    listed = read_decisions(ledger)
    write_durably(target, listed.text().encode("ascii"))
    withdrawn, erased = len(listed.withdrawn), len(listed.erased)
    console.print(f"Withdrawals: {withdrawn}, erasures: {erased}.", soft_wrap=True)
    if listed.deleted:
        console.print(f"Deleted sites: {len(listed.deleted)}.", soft_wrap=True)
    if logs:
        raise Misconfigured(f"The list may lack some: {damaged_log_sentence(logs)}")


def export(
    target: Annotated[Path, typer.Argument(help="A new file; .jsonl for JSON lines, else CSV.")],
    site: Annotated[str | None, typer.Option(help="The key of one site; else all sites.")] = None,
    written: Annotated[
        Format | None, typer.Option("--format", help="csv or jsonl; else by the file's ending.")
    ] = None,
    data: DataFolder = None,
) -> None:
    """Write the consent records, which name nobody, for an auditor; the server may be running."""
    ledger = enter(load_settings({"data_folder": data}).data_folder)
    chosen = written or (Format.JSONL if target.suffix == ".jsonl" else Format.CSV)
    logs = logs_that_were_cut(ledger)
    records = export_records(ledger, target, site, chosen, Console(stderr=True))
    console.print(f"{target} holds {records} records.", soft_wrap=True, markup=False)
    if logs:
        raise Misconfigured(f"The file may lack some: {damaged_log_sentence(logs)}")


def check(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DATA_FOLDER", help="Else askfirst-data.")
    ] = None,
    mend: Annotated[bool, typer.Option("--mend", help="Put right what can be.")] = False,
    data: DataFolder = None,
) -> None:
    """Compare ledger, journal and warehouse; the status is 1 if something differs."""
    from server.checks.repair import mend as mend_folder  # noqa: PLC0415 - it loads pandas, as check does

    if folder and data:
        raise Misconfigured("Name the folder once: as the argument or by --data.")
    settings = load_settings({"data_folder": folder or data})
    if refused := _stopping(settings.data_folder):
        _say(refused)
        raise typer.Exit(1)
    enter(settings.data_folder)
    _say_room(settings)
    served = is_served(settings.data_folder)
    if mend and served:
        raise Misconfigured("A server runs on the folder; stop it to mend.")
    if mend:
        refuse_other_user(settings.data_folder)
    os.umask(0o077)
    found = _found(settings, served)
    _say(found)
    if mend and found:
        mend_folder(settings)
        found = _found(settings, served)
        console.print("Left after mending:" if found else "All of it is mended.")
        _say(found)
    if found:
        raise typer.Exit(1)
    console.print("Ledger, journal and warehouse agree.", soft_wrap=True)


def _stopping(folder: Path) -> list[Difference]:
    """Name what a start refuses: then nothing else is examined, and nothing is mended."""
    return stopping(folder) if folder.is_dir() else []


def _found(settings: Settings, served: bool) -> list[Difference]:
    """Examine the folder, or the copy that the running server makes of it."""
    from server.checks.check import examine  # noqa: PLC0415 - pandas takes half a second

    folder = settings.data_folder
    if not served:
        cut = cut_logs(folder, system_clock())
        return [*cut, *permissions(folder), *examine(folder)]
    with staged(settings) as whole:
        return [*permissions(folder), *examine(whole)]


def _say_room(settings: Settings) -> None:
    """Say where a server takes no events for want of room; that is no difference."""
    free, reserve = free_of(settings.data_folder), settings.free_disk_mb * 1_000_000
    if free < reserve:
        room = f"{free // 1_000_000} MB are free on the disk, and free_disk_mb keeps"
        kept = f"{room} {settings.free_disk_mb} MB free: events and yeses are turned away."
        console.print(kept, soft_wrap=True)


def _say(found: list[Difference]) -> None:
    for one in found:
        mended = f" Mended by {one.mended_by}." if one.mended_by else ""
        console.print(f"{one.sentence}{mended}", soft_wrap=True)
