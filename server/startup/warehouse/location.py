"""Where the events are, since a move: noted in the data folder, so that no other is opened."""

from pathlib import Path

from askfirst.errors import Misconfigured
from askfirst.system.durable_files import write_durably
from server.startup.data_folder import LEFT, MOVED, WAREHOUSE

FILE = "file"
"""The name of the file in the data folder, where others are named by an address."""


def name_of(url: str) -> str:
    """Return the name of a warehouse without its password; raises `Misconfigured`."""
    if not url:
        return FILE
    from askfirst.store.warehouse.clickhouse.address import address_of  # noqa: PLC0415 - few need it

    return str(address_of(url))


def refuse_moved(folder: Path, url: str) -> None:
    """Raise `Misconfigured` where the events are in another warehouse than `url` names.

    That is the setting `warehouse`: '' names the file.
    """
    named = name_of(url)
    held = _where(folder) or named
    if held == named:
        return
    if held == FILE:
        raise Misconfigured(
            f"The events are in the file {folder / WAREHOUSE}, and the setting warehouse names a"
            " database: move them first, by askfirst move --to-warehouse."
        )
    raise Misconfigured(f"The events were moved to {held}: name it by the setting warehouse.")


def is_in_file(folder: Path) -> bool:
    """Return whether the events are in the file, as far as the folder tells."""
    return _where(folder) in ("", FILE)


def left_databases(folder: Path) -> set[str]:
    """Return the databases that moves have left with events, other than the one in use."""
    try:
        names = set((folder / LEFT).read_text(encoding="utf-8", errors="replace").split("\n"))
    except FileNotFoundError:
        return set()
    return {name.strip() for name in names} - {"", _where(folder)}


def note_where(folder: Path, name: str) -> None:
    """Note where the events are from now on, by `name_of`."""
    write_durably(folder / MOVED, name.encode())


def _where(folder: Path) -> str:
    try:
        return (folder / MOVED).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return FILE if (folder / WAREHOUSE).exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"The file {folder / MOVED} cannot be read.") from error
