"""`askfirst backup`, `restore`, `check`, `ledger decisions` and `export`, and what they say."""

import os
import shutil
import tarfile
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from askfirst.clock import as_iso, system_clock
from askfirst.errors import Misconfigured
from askfirst.settings import Settings, load_settings
from reports.record_rows import Format
from server.backup import MANIFEST, Manifest, manifest_of
from server.backup_request import is_served, staged
from server.check_files import cut_logs, permissions
from server.differences import Difference
from server.durable import sync, write_durably
from server.exporting import export_records
from server.later_decisions import NONE, read_decisions
from server.restore import restore as restore_backup
from server.verifying import damaged_log_sentence, logs_that_were_cut

console = Console(highlight=False)
DataFolder = Annotated[
    Path | None, typer.Option("--data", help="The folder of all data; else askfirst-data.")
]


def register(commands: typer.Typer, ledger: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (backup, restore, check):
        commands.command()(_said(command))
    ledger.command()(_said(decisions))
    ledger.command()(_said(export))


def _said(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command end with status 2 and a sentence where it cannot be done."""

    @wraps(command)
    def saying(*args: object, **kwargs: object) -> None:
        try:
            command(*args, **kwargs)
        except (Misconfigured, OSError) as error:
            sentence = getattr(error, "message", None) or os.strerror(getattr(error, "errno", 0))
            Console(stderr=True, highlight=False).print(sentence, soft_wrap=True)
            raise typer.Exit(2) from error

    return saying


def backup(
    target: Annotated[Path, typer.Argument(help="A new folder, or a file that ends in .tar.")],
    data: DataFolder = None,
) -> None:
    """Copy everything while the server runs, or while none does."""
    settings = load_settings({"data_folder": data})
    if target.exists():
        raise Misconfigured(f"There is {target} already; nothing was written.")
    os.umask(0o077)
    with staged(settings) as whole:
        manifest = manifest_of((whole / MANIFEST).read_bytes())
        _keep(whole, target)
    console.print(f"{target} holds {_told(manifest)}, and the keys: keep it secret.")


def _keep(whole: Path, target: Path) -> None:
    """Write the copy under another name and rename it when it is whole and on disk."""
    fresh = target.with_name(f"{target.name}.fresh")
    if target.suffix == ".tar":
        with tarfile.open(fresh, "w") as packed:
            for path in sorted(whole.rglob("*")):
                packed.add(path, str(path.relative_to(whole)), recursive=False)
        sync(fresh)
    else:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(whole, fresh)
        for path in [*fresh.rglob("*"), fresh]:
            sync(path)
    fresh.rename(target)
    sync(target.absolute().parent)


def _told(manifest: Manifest) -> str:
    numbers = ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in manifest.counts.items())
    return f"the state of {as_iso(manifest.made_at)} ({numbers})"


def restore(
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help="A backup's folder or .tar.")],
    data: Annotated[Path, typer.Argument(metavar="DATA_FOLDER", help="An empty folder.")],
    decisions_from: Annotated[
        Path | None,
        typer.Option(help="The newer ledger, data folder or list with later decisions."),
    ] = None,
) -> None:
    """Restore a backup into an empty folder and carry out what was decided after it."""
    later = read_decisions(decisions_from) if decisions_from else NONE
    os.umask(0o077)
    done = restore_backup(source, load_settings({"data_folder": data}), later)
    console.print(f"{data} holds {_told(done.manifest)}.", soft_wrap=True)
    console.print(f"Later decisions: {done.withdrawn} withdrawals, {done.erased} erasures.")
    if not decisions_from:
        console.print(
            "Erasures and withdrawals made after the backup are unknown here:"
            " name a newer ledger by --decisions-from if there is one.",
            soft_wrap=True,
        )


def decisions(
    target: Annotated[Path, typer.Argument(help="The file to write.")], data: DataFolder = None
) -> None:
    """Write the list of erasures, withdrawals and deleted sites, for a later restore."""
    ledger = load_settings({"data_folder": data}).data_folder / "ledger.db"
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
    ledger = load_settings({"data_folder": data}).data_folder / "ledger.db"
    chosen = written or (Format.JSONL if target.suffix == ".jsonl" else Format.CSV)
    if not ledger.is_file():
        raise Misconfigured(f"There is no ledger at {ledger}.")
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
) -> None:
    """Compare ledger, journal and warehouse; the status is 1 if something differs."""
    from server.mend import mend as mend_folder  # noqa: PLC0415 - it loads pandas, as check does

    settings = load_settings({"data_folder": folder})
    if not (settings.data_folder / "ledger.db").is_file():
        raise Misconfigured(f"There is no ledger in the folder {settings.data_folder}.")
    served = is_served(settings.data_folder)
    if mend and served:
        raise Misconfigured("A server runs on the folder; stop it to mend.")
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


def _found(settings: Settings, served: bool) -> list[Difference]:
    """Examine the folder, or the copy that the running server makes of it."""
    from server.check import examine  # noqa: PLC0415 - pandas takes half a second

    folder = settings.data_folder
    if not served:
        cut = cut_logs(folder, system_clock())
        return [*cut, *permissions(folder), *examine(folder)]
    with staged(settings) as whole:
        return [*permissions(folder), *examine(whole)]


def _say(found: list[Difference]) -> None:
    for one in found:
        mended = f" Mended by {one.mended_by}." if one.mended_by else ""
        console.print(f"{one.sentence}{mended}", soft_wrap=True)
