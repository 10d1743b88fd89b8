"""`askfirst staff list` and `staff reset`: the accounts, and a link for a lost password."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy import null, select
from sqlalchemy.exc import SQLAlchemyError

from askfirst.clock import as_iso, system_clock
from askfirst.errors import Misconfigured
from askfirst.settings import Settings, load_settings
from askfirst.sign_in.email_addresses import tidy_email
from askfirst.store.ledger.database import Ledger, has_column, sqlite_url
from askfirst.store.ledger.tables import staff
from reports.staff.reset import make_reset_link
from server.checks.folder_access import enter
from server.checks.verify import damaged_log_sentence, logs_that_were_cut
from server.commands.terminal import DataFolder, reporting_errors, say
from server.startup.running_address import running_address

Email = Annotated[
    str | None, typer.Option(help="Whose password; not needed where there is one account.")
]


def register(commands: typer.Typer) -> None:
    """Add the commands to the command line."""
    group = typer.Typer(no_args_is_help=True, help="The accounts of staff.")
    group.command("list")(reporting_errors(list_accounts))
    group.command("reset")(reporting_errors(reset))
    commands.add_typer(group, name="staff")


def list_accounts(data: DataFolder = None) -> None:
    """List the accounts; the server may be running."""
    rows = asyncio.run(_accounts(load_settings({"data_folder": data})))
    if not rows:
        say("There is no account yet: askfirst serve prints a link that creates the owner.")
    for email, created_at, changed_at in rows:
        changed = f", password changed {as_iso(changed_at)}" if changed_at else ""
        say(f"{email}  created {as_iso(created_at)}{changed}")


def reset(email: Email = None, data: DataFolder = None) -> None:
    """Print a one-time link, good for an hour, that sets a new password and ends all sessions.

    The server may be running.
    """
    settings = load_settings({"data_folder": data})
    enter(settings.data_folder, writing=True)
    whose = _whose(asyncio.run(_accounts(settings)), email)
    path = asyncio.run(_link(settings, whose))
    say(f"Set a new password of {whose} here, once, within an hour:")
    address = running_address(settings.data_folder) or settings.public_url or _address(settings)
    say(f"{address}{path}")
    say("If browsers reach the server at another address, put that one before /reset.")


def _whose(rows: list[tuple[str, int, int | None]], email: str | None) -> str:
    emails = [row[0] for row in rows]
    if not emails:
        raise Misconfigured(
            "There is no account yet: askfirst serve prints a link that creates the owner."
        )
    if email is None and len(emails) > 1:
        raise Misconfigured("There are several accounts: name one by --email.")
    whose = emails[0] if email is None else tidy_email(email)
    if whose not in emails:
        raise Misconfigured("There is no account with this address; see askfirst staff list.")
    return whose


async def _accounts(settings: Settings) -> list[tuple[str, int, int | None]]:
    """Return address, time of creation and time of the last password, in ms; write nothing."""
    ledger = await Ledger.open_to_read(enter(settings.data_folder))
    try:
        async with ledger.read() as connection:
            known = await has_column(connection, "staff", "password_changed_at")
            changed = staff.c.password_changed_at if known else null()
            columns = (staff.c.email, staff.c.created_at, changed)
            rows = await connection.execute(select(*columns).order_by(staff.c.email))
            return [(row[0], row[1], row[2]) for row in rows]
    except SQLAlchemyError as error:
        raise Misconfigured(f"The ledger in {settings.data_folder} cannot be read.") from error
    finally:
        await ledger.close()


async def _link(settings: Settings, email: str) -> str:
    async with _opened(settings) as ledger:
        path = await make_reset_link(ledger, system_clock, email)
    if path is None:
        raise Misconfigured("There is no account with this address; see askfirst staff list.")
    return path


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Ledger]:
    """Open the ledger, beside a running server or without: SQLite lets one write at a time."""
    path = enter(settings.data_folder, writing=True)
    os.umask(0o077)
    if logs := logs_that_were_cut(
        path
    ):  # nothing is left of such a log once the ledger is opened to write
        Console(stderr=True, highlight=False).print(damaged_log_sentence(logs), soft_wrap=True)
    ledger = await Ledger.open(sqlite_url(path))
    try:
        yield ledger
    finally:
        await ledger.close()


def _address(settings: Settings) -> str:
    host = settings.host
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host  # noqa: S104
    return f"http://{shown}:{settings.port}"
