"""The address of the running server, noted in the data folder for commands that print a link."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from askfirst.system.durable_files import open_plain, remove_durably, write_durably
from server.startup.data_folder import ADDRESS, is_served

_LONGEST = 300
_ADDRESS = re.compile(r"https?://[!-~]+")


@contextmanager
def noted_address(folder: Path, address: str) -> Iterator[None]:
    """Leave the address in the data folder until the block ends; '' leaves nothing.

    A full disk keeps no server from its work: then there is no note.
    """
    if not address:
        yield
        return
    with suppress(OSError):
        write_durably(folder / ADDRESS, address.encode("ascii", "replace"))
    try:
        yield
    finally:
        with suppress(OSError):
            remove_durably(folder / ADDRESS)


def running_at(folder: Path) -> str:
    """Return where the server that runs on a folder is reached, or '' where that is not known.

    A note of a server that was killed says nothing: it may be elsewhere the next time.
    """
    if not is_served(folder):
        return ""
    try:
        with open_plain(folder / ADDRESS) as file:
            text = file.read(_LONGEST).decode("ascii", "replace")
    except OSError:
        return ""
    return text if _ADDRESS.fullmatch(text) else ""
