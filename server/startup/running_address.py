"""The address of the running server, kept in the data folder for commands that print a link."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from askfirst.system.durable_files import open_plain, remove_durably, write_durably
from server.startup.data_folder import ADDRESS, is_served

_LONGEST = 300
_ADDRESS = re.compile(r"https?://[!-~]+")


@contextmanager
def kept_address(folder: Path, address: str) -> Iterator[None]:
    """Keep the address in the data folder until the block ends; '' keeps nothing.

    A server on a full disk runs all the same, without the file.
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


def running_address(folder: Path) -> str:
    """Return where the server that runs on a folder is reached, or '' where that is not known.

    What a killed server left is not believed: the next one may listen elsewhere.
    """
    if not is_served(folder):
        return ""
    try:
        with open_plain(folder / ADDRESS) as file:
            text = file.read(_LONGEST).decode("ascii", "replace")
    except OSError:
        return ""
    return text if _ADDRESS.fullmatch(text) else ""
