"""`askfirst import-log`: page views from access logs, of visitors who said yes."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from askfirst.errors import AskfirstError, Misconfigured
from askfirst.settings import Settings, load_settings
from reports.formatting.rule_words import is_rule
from server.checks.folder_access import enter
from server.commands.terminal import DataFolder, reporting_errors, say
from server.log_import.importing import Imported, Observer, open_importer
from server.services import open_services
from server.startup.data_folder import is_served

_MOST_SHOWN = 20  # broken lines of a file that are named


def register(commands: typer.Typer) -> None:
    """Add the command to the command line."""
    commands.command("import-log")(reporting_errors(import_log))


def import_log(
    files: Annotated[list[Path], typer.Argument(help="Access logs, oldest first; also .gz.")],
    site: Annotated[str, typer.Option(help="The key of the site.")],
    host: Annotated[
        str, typer.Option(help="The host of lines that name none; else the site's first.")
    ] = "",
    data: DataFolder = None,
) -> None:
    """Import page views of visitors who said yes from access logs, while no server runs."""
    settings = load_settings({"data_folder": data})
    enter(settings.data_folder, writing=True)
    if is_served(settings.data_folder):
        raise Misconfigured("A server runs on the folder; stop it, import, and start it again.")
    if missing := [path for path in files if not path.is_file()]:
        raise Misconfigured(f"There is no file {missing[0]}; nothing was imported.")
    os.umask(0o077)
    try:
        damaged = asyncio.run(_import(settings, files, site, host))
    except AskfirstError as error:
        raise Misconfigured(error.message) from error
    if damaged:
        raise typer.Exit(1)


async def _import(settings: Settings, files: list[Path], key: str, host: str) -> bool:
    """Import the files one after the other; return whether one of them is damaged."""
    console, damaged = Console(stderr=True, highlight=False), False
    async with open_services(settings) as services:
        importer = await open_importer(services, services.book.get(key), host)
        for path in files:
            with _observing(path, console) as observer:
                done = await importer.import_file(path, observer)
            _tell(path, done)
            damaged = damaged or bool(done.damage)
    return damaged


@contextmanager
def _observing(path: Path, console: Console) -> Iterator[Observer]:
    """Show how far a file is read, and print the numbers of its broken lines."""
    broken = 0
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(path.name, total=path.stat().st_size)

        def tell(number: int, fault: str) -> None:
            nonlocal broken
            broken += 1
            if broken <= _MOST_SHOWN:
                progress.console.print(
                    f"{path}, line {number}: {fault}", markup=False, soft_wrap=True
                )

        yield Observer(lambda done: progress.update(task, completed=done), tell)
    if broken > _MOST_SHOWN:
        console.print(
            f"{path}: {broken - _MOST_SHOWN} more lines are broken.", markup=False, soft_wrap=True
        )


def _tell(path: Path, done: Imported) -> None:
    say(
        f"{path}: {done.lines} lines, {done.recorded} page views recorded,"
        f" {done.known} recorded before."
    )
    if done.again:
        say(
            f"{done.again} of the lines were counted by an earlier import and count no second time."
        )
    ordered = sorted(done.reasons.items(), key=lambda item: (-item[1], item[0]))
    for what, of_rules in (("Not recorded", False), ("Left out of the reports by rules", True)):
        told = [f"{name} {count}" for name, count in ordered if is_rule(name) == of_rules]
        if told:
            say(f"{what}: {', '.join(told)}.")
    if done.damage:
        say(f"{path}: {done.damage}")
