"""`askfirst places update`: fetches a newer file of places; the server may be running."""

import os

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from askfirst.clock import system_clock
from askfirst.settings import load_settings
from server.checks.folder_access import enter
from server.commands.terminal import DataFolder, reporting_errors, say
from server.maintenance.updating_places import update_places


def register(commands: typer.Typer) -> None:
    """Add the command to the command line."""
    group = typer.Typer(no_args_is_help=True, help="The file with the places of IP addresses.")
    group.command()(reporting_errors(update))
    group.callback()(_group)
    commands.add_typer(group, name="places")


def _group() -> None:
    """Keep the name of the one command there is."""


def update(data: DataFolder = None) -> None:
    """Fetch a newer file from the address in the setting places_url; a server takes it up."""
    settings = load_settings({"data_folder": data})
    enter(settings.data_folder, writing=True)
    os.umask(0o077)
    console = Console(stderr=True)
    columns = (TextColumn("Fetching"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    shown = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    with shown as progress:
        task = progress.add_task("", total=None)

        def tell(come: int, total: int | None) -> None:
            progress.update(task, completed=come, total=total)

        done = update_places(settings, system_clock, tell)
    named = f"the file “{done.facts.kind}” of {done.day}"
    if done.taken:
        say(f"{done.path} is {named}; a server takes it up within a second.")
    else:
        say(f"Nothing was changed: {named} is not newer than what is there.")
