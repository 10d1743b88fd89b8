"""Services for commands that read the reports: those of the data folder, or of a copy of it."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import TypeVar

from askfirst.errors import AskfirstError, Misconfigured
from askfirst.settings import Settings
from server.backups.backup_request import staged
from server.checks.folder_access import enter
from server.services import Services, open_services
from server.startup.data_folder import is_served

T = TypeVar("T")


def with_services(settings: Settings, work: Callable[[Services], Awaitable[T]]) -> T:
    """Return what `work` makes of the services of a data folder.

    One process alone can open the warehouse: while a server runs on the folder, these are the
    services of a copy that it makes, and what `work` writes there is gone at the end. Raises
    `Misconfigured` where that cannot be done.
    """
    enter(settings.data_folder, writing=True)
    os.umask(0o077)
    try:
        if not is_served(settings.data_folder):
            return asyncio.run(_opened(settings, work))
        with staged(settings) as whole:
            copied = settings.model_copy(update={"data_folder": whole, "warehouse": ""})
            return asyncio.run(_opened(copied, work))
    except Misconfigured:
        raise
    except AskfirstError as error:
        raise Misconfigured(error.message) from error


async def _opened(settings: Settings, work: Callable[[Services], Awaitable[T]]) -> T:
    async with open_services(settings) as services:
        return await work(services)
