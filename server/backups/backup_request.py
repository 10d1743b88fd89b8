"""How a command gets a backup: from the server that runs on the data folder, or by itself."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from askfirst.errors import AskfirstError, Misconfigured
from askfirst.settings import Settings
from askfirst.system.durable_files import write_durably
from server.backups.backup import MANIFEST, STAGE_PREFIX, Manifest, copy_stores
from server.checks.folder_access import enter
from server.services import Services, open_services
from server.startup.data_folder import is_served
from server.startup.folder_owner import give_to_owner, refuse_other_user

_REQUEST, _TAKEN, _FAILED, _WHOLE = "request", "taken", "failed", "whole"
_PATIENCE = 15.0  # seconds in which a running server takes a request
_ABANDONED = 24 * 3600.0  # seconds after which a copy that nobody fetched is removed


@contextmanager
def staged(settings: Settings) -> Iterator[Path]:
    """Yield a folder, beside the stores, that holds a whole backup until the block ends.

    Only one process can open the warehouse, so a running server is asked through a file: whoever
    can write into the data folder can read all of it anyway. Raises `Misconfigured`.
    """
    folder = settings.data_folder
    served = is_served(enter(folder).parent)
    if not served:
        refuse_other_user(folder)
    made = Path(tempfile.mkdtemp(prefix=STAGE_PREFIX, dir=folder))
    try:
        (made / _WHOLE).mkdir(mode=0o700)
        if served:
            _ask_the_server(made)
        else:
            asyncio.run(_copy_alone(settings, made / _WHOLE))
        yield made / _WHOLE
    finally:
        shutil.rmtree(made, ignore_errors=True)


async def _copy_alone(settings: Settings, whole: Path) -> Manifest:
    async with open_services(settings) as services:
        return await copy_stores(services, whole)


def _ask_the_server(made: Path) -> None:
    (made / _REQUEST).touch(mode=0o600)
    for path in (made / _WHOLE, made):  # root's server may be another user's
        give_to_owner(path, made.parent)
    until = time.monotonic() + _PATIENCE
    while not (made / _WHOLE / MANIFEST).exists():
        if (made / _FAILED).exists():
            why = (made / _FAILED).read_text(encoding="utf-8") or "its log says why."
            raise Misconfigured(f"The server could not make the copies: {why}")
        if (made / _REQUEST).exists() and time.monotonic() > until:
            raise Misconfigured("The server that uses the folder did not answer.")
        if not is_served(made.parent):
            raise Misconfigured("The server ended before the copies were made.")
        time.sleep(0.1)


async def answer_requests(services: Services) -> None:
    """Make the backups that commands have asked for, and remove those that nobody fetched."""
    for made in services.settings.data_folder.glob(f"{STAGE_PREFIX}*"):
        if made.is_symlink() or not _is_folder(made / _WHOLE):
            continue  # no command made it
        if (made / _REQUEST).exists():
            await _answer(services, made)
        elif time.time() - made.stat().st_mtime > _ABANDONED:
            await asyncio.to_thread(shutil.rmtree, made, ignore_errors=True)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


async def _answer(services: Services, made: Path) -> None:
    (made / _REQUEST).rename(made / _TAKEN)
    try:
        await copy_stores(services, made / _WHOLE)
    except Exception as error:
        why = error.message if isinstance(error, AskfirstError) else ""
        write_durably(made / _FAILED, why.encode())
        raise
