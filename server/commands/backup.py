"""`askfirst backup` and `askfirst restore`, and what they print."""

import json
import os
import shutil
import tarfile
import tomllib
from pathlib import Path
from typing import Annotated

import typer

from askfirst.clock import as_iso
from askfirst.errors import Misconfigured
from askfirst.settings import FILE_NAME, Settings, load_settings
from askfirst.system.durable_files import copy_durably, replacing, sync
from server.backups.backup import COUNTED, MANIFEST, Manifest, manifest_of
from server.backups.backup_request import staged
from server.backups.later_decisions import NONE, read_decisions
from server.backups.restore import restore as restore_backup
from server.commands.terminal import DataFolder, reporting_errors, say

SETTINGS = tuple(Settings.model_fields)
_SECRET = {"warehouse": "a database", "places_url": "an address"}
"""What is told of settings that may hold a password."""
_MOST_SHOWN = 200  # letters of a setting


def register(commands: typer.Typer) -> None:
    """Add the commands to the command line."""
    commands.command()(reporting_errors(backup))
    commands.command()(reporting_errors(restore))


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
    say(f"{target} holds {_state_of(manifest)}, and the keys: keep it secret.")
    if (settings.data_folder / FILE_NAME).is_symlink():
        say(f"{FILE_NAME} is a link, which no backup follows: keep a copy of it.")


def _keep(whole: Path, names: list[str], target: Path) -> None:
    """Write the copy under another name, and rename it when it is complete and on disk."""
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


def _state_of(manifest: Manifest) -> str:
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
    say(f"{data} holds {_state_of(done.manifest)}.")
    since = as_iso(done.manifest.made_at)
    say(f"Consents given since {since} are refused: no record may prove them.")
    carried = f"{done.withdrawn} withdrawals, {done.erased} erasures"
    carried += f", {done.restricted} restrictions" if done.restricted else ""
    carried += f", {done.corrected} corrections" if done.corrected else ""
    carried += f", {done.access_ended} ends of access" if done.access_ended else ""
    carried += f", {done.account_changes} changes of accounts" if done.account_changes else ""
    say(f"Later decisions: {carried}, {done.deleted} deleted sites.")
    if not decisions_from:
        say(
            "Erasures, withdrawals and deletions of sites made after the backup are unknown here:"
            " name a newer ledger by --decisions-from if there is one."
        )
    say("Keys of the API and share links are gone, as some may have ended since: make new ones.")
    say("Everybody is signed out. A password that was changed after the backup is the old one.")
    if done.stopped_mails:
        say(
            f"Reports and alerts by mail: {done.stopped_mails} are stopped, as some may have been"
            " stopped since. Whoever wants theirs turns them on again, on the page Mail."
        )
    say(_settings_sentence(done.settings))
    for name in done.left_out:
        say(f"Left out, because Askfirst has no file of that name: {name}.")


def _settings_sentence(path: Path | None) -> str:
    """Return a sentence on what the settings of a backup set, and whether they are in force."""
    if path is None:
        return "The backup holds no settings file."
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return f"The settings of the backup, in {path}, cannot be read."
    known = [f"{name} = {_short(name, found[name])}" for name in SETTINGS if name in found]
    told = f"The settings of the backup set {', '.join(known) or 'nothing'}."
    if path.name == FILE_NAME:
        return f"{told} They are in force."
    return f"{told} They are not in force: rename {path} to {FILE_NAME} if you want them."


def _short(name: str, value: object) -> str:
    if name in _SECRET and value:
        return _SECRET[name]
    text = json.dumps(value, default=str)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."
