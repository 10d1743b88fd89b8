"""What commands share with the terminal: `--data`, sentences, and errors that end a command."""

import os
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from askfirst.errors import Misconfigured
from server.checks.verify import Verdict

DataFolder = Annotated[
    Path | None, typer.Option("--data", help="The folder of all data; else askfirst-data.")
]
_console = Console(highlight=False)


def say(sentence: str) -> None:
    """Print a sentence as it is, on one line however long."""
    _console.print(sentence, soft_wrap=True, markup=False)


def say_verdict(verdict: Verdict) -> None:
    """Print what was checked, and end the command with status 1 where it is not right."""
    for sentence in verdict.sentences:
        say(sentence)
    if not verdict.right:
        raise typer.Exit(1)


def reporting_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command end with status 2 and a sentence where it cannot be done."""

    @wraps(command)
    def reporting(*args: object, **kwargs: object) -> None:
        try:
            command(*args, **kwargs)
        except (Misconfigured, OSError) as error:
            sentence = getattr(error, "message", None) or _named(error, (*args, *kwargs.values()))
            Console(stderr=True, highlight=False).print(sentence, soft_wrap=True, markup=False)
            raise typer.Exit(2) from error

    return reporting


def _named(error: BaseException, given: Sequence[object]) -> str:
    """Say what the system refused, with the paths that were given."""
    why = os.strerror(getattr(error, "errno", None) or 0)
    paths = ", ".join(str(one) for one in given if isinstance(one, Path))
    return f"{paths}: {why}." if paths else f"{why}."
