"""`askfirst move`: takes the events to another warehouse, and says what to set."""

import os
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from askfirst.errors import AskfirstError, Misconfigured, Unavailable
from askfirst.settings import FILE_NAME, load_settings
from server.checks.folder_access import enter
from server.commands.terminal import DataFolder, reporting_errors, say
from server.maintenance.moving import move as move_events
from server.startup.warehouse.location import FILE

Target = Annotated[
    str,
    typer.Option(
        "--to-warehouse",
        metavar="WAREHOUSE",
        help="clickhouse://USER@HOST:PORT/DATABASE, or file: that in the data folder.",
    ),
]


KeepSource = Annotated[
    bool,
    typer.Option("--keep-source", help="Leave the events also where they were."),
]


def register(commands: typer.Typer) -> None:
    """Add the command to the command line."""
    commands.command()(reporting_errors(move))


def move(to_warehouse: Target, keep_source: KeepSource = False, data: DataFolder = None) -> None:
    """Move the events into another warehouse, while no server runs, once both were compared."""
    settings = load_settings({"data_folder": data})
    enter(settings.data_folder, writing=True)
    os.umask(0o077)
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Copying", total=None)

        def tell(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        try:
            moved = move_events(settings, to_warehouse, tell, keep_source=keep_source)
        except Unavailable as error:
            again = "The events are where they were, and the command may be run again."
            raise Misconfigured(f"{error.message} {again}") from error
        except AskfirstError as error:
            raise Misconfigured(error.message) from error
    say(f"All events are in {moved.name} now, and what it holds was compared.")
    if moved.name == FILE:
        say(f"Remove the setting warehouse from the environment or from {FILE_NAME}.")
    else:
        named = f"warehouse = {moved.name} with its user, see docs/settings.md."
        say(f"Set it before the next start: {named}")
    if moved.left:
        say(f"The {moved.left} still holds the events, and no erasure reaches them: remove it.")
