"""What commands share with the terminal: `--data`, sentences, and errors that end a command."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from askfirst.errors import AskfirstError
from server.checks.verify import Verdict
from server.http.serving import log_plainly

DataFolder = Annotated[
    Path | None, typer.Option("--data", help="The folder of all data; else askfirst-data.")
]
SiteKey = Annotated[str, typer.Argument(metavar="SITE", help="The key of the site.")]
_console = Console(highlight=False)


def say(sentence: str) -> None:
    """Print a sentence as it is, on one line however long."""
    _console.print(sentence, soft_wrap=True, markup=False)


@contextmanager
def progress_bar(words: str, unit: str = "rows") -> Iterator[Callable[[int, int | None], None]]:
    """Show a bar on the terminal's stderr, and none in a pipe; yields what takes (done, of).

    What it is out of may be unknown (None): then it says how much is done, and for how long.
    """
    console = Console(stderr=True, highlight=False)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn(f"{{task.completed:,.0f}} {unit}"),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(words, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def say_verdict(verdict: Verdict) -> None:
    """Print what was checked, and end the command with status 1 where it is not right."""
    for sentence in verdict.sentences:
        say(sentence)
    if not verdict.right:
        raise typer.Exit(1)


def reporting_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command end with status 2 and a sentence where it cannot be done.

    What is logged meanwhile goes to standard error: standard output has nothing but the answer.
    """

    @wraps(command)
    def reporting(*args: object, **kwargs: object) -> None:
        log_plainly()
        try:
            command(*args, **kwargs)
        except (AskfirstError, OSError) as error:
            sentence = getattr(error, "message", None) or _named(error, (*args, *kwargs.values()))
            Console(stderr=True, highlight=False).print(sentence, soft_wrap=True, markup=False)
            raise typer.Exit(2) from error

    return reporting


def _named(error: BaseException, given: Sequence[object]) -> str:
    """Say what the system refused, with the paths that were given."""
    why = os.strerror(getattr(error, "errno", None) or 0)
    paths = ", ".join(str(one) for one in given if isinstance(one, Path))
    return f"{paths}: {why}." if paths else f"{why}."
