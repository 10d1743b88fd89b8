"""`askfirst receipt verify`."""

from pathlib import Path
from typing import Annotated

import typer

from server.checks.verify import verify_receipt
from server.commands.terminal import reporting_errors, say_verdict


def register(commands: typer.Typer) -> None:
    """Add the command to the command line."""
    group = typer.Typer(help="Receipts of consent.", no_args_is_help=True)
    group.command()(reporting_errors(verify))
    commands.add_typer(group, name="receipt")


def verify(
    file: Annotated[Path, typer.Argument(help="The receipt.")],
    key: Annotated[
        str, typer.Option(help="A file with the site's public key (JWKS), or the JSON itself.")
    ],
) -> None:
    """Check a receipt's signature, without the network."""
    say_verdict(verify_receipt(file, key))
