"""Files of places: which one is used, opening one, and the check of one before it is taken."""

import lzma
from itertools import islice
from pathlib import Path

import maxminddb
import msgspec

from askfirst.system.assets import asset_path
from askfirst.system.durable_files import make_folder, write_durably
from collector.enrichment.places.records import place_of

SHIPPED = "data/dbip-country.mmdb.xz"
FOLDER = "places"
"""The folder of the data folder that has the files."""
_FETCHED = "fetched.mmdb"
_TRIED = 50
"""Networks of a file that are looked up before it is taken."""


_KIND_OF_SHIPPED = "country ipvAll"
_PROVIDERS = (
    ("DB-IP", ("DBIP", _KIND_OF_SHIPPED)),
    ("MaxMind", ("GeoLite2", "GeoIP2")),
)
"""Whose files are of a kind that begins so."""


class PlacesFile(msgspec.Struct, frozen=True):
    """A file of places. `is_ours` says that nobody but us writes it, and never into a used one."""

    path: Path
    is_ours: bool


class FileFacts(msgspec.Struct, frozen=True):
    """What a file says of itself: its kind, e.g. `GeoLite2-City`, and when it was built."""

    kind: str
    built_at: int  # seconds since the epoch


def files_of(data_folder: Path, chosen: Path | None) -> tuple[PlacesFile, ...]:
    """Return the files of places, of which the first that exists is used.

    `chosen` is the file that the owner has set; otherwise it is the one that was fetched last, or
    the one that is shipped, which is unpacked where it is not yet.
    """
    if chosen:
        return (PlacesFile(chosen, is_ours=False),)
    folder = data_folder / FOLDER
    return (
        PlacesFile(folder / _FETCHED, is_ours=True),
        PlacesFile(shipped_places(folder), is_ours=True),
    )


def fetched_file(data_folder: Path, chosen: Path | None) -> Path:
    """Return the file that a fetched one takes the place of."""
    return chosen or data_folder / FOLDER / _FETCHED


def shipped_places(folder: Path) -> Path:
    """Unpack the shipped file of countries into a folder, once, and return its path."""
    packed = asset_path(SHIPPED)
    target = folder / f"{packed.stem}-{packed.stat().st_size}"
    if not target.exists():
        make_folder(folder)
        write_durably(target, lzma.decompress(packed.read_bytes()))
    return target


def provider_of(kind: str) -> str:
    """Return whose data a file of this kind has: `DB-IP`, `MaxMind`, or ''."""
    return next((name for name, kinds in _PROVIDERS if kind.startswith(kinds)), "")


def opened(file: PlacesFile) -> maxminddb.Reader:
    """Open a file; raises whatever a damaged one makes the library raise.

    It is read by the library's Python code: its C code crashes the process on some damaged files.
    A file of somebody else's is not mapped into memory: where it is cut while it is used, the
    system ends a process that has it mapped.
    """
    mode = maxminddb.MODE_MMAP if file.is_ours else maxminddb.MODE_FILE
    return maxminddb.open_database(file.path, mode)


def facts_of(path: Path) -> FileFacts | None:
    """Return what a file says of itself, or None where it cannot be read."""
    try:
        return checked_facts(path, tried=0)
    except ValueError:
        return None


def checked_facts(path: Path, tried: int = _TRIED) -> FileFacts:
    """Open a file, look up its first networks, and return what it says of itself.

    Raises `ValueError` with a sentence where it cannot be read or knows no country of these.
    """
    try:
        with opened(PlacesFile(path, is_ours=False)) as reader:
            told = reader.metadata()
            facts = FileFacts(kind=str(told.database_type), built_at=int(told.build_epoch))
            networks = [network for network, _ in islice(reader, tried)]
            places = [place_of(reader.get(network.network_address)) for network in networks]
    except Exception as error:
        raise ValueError("It is no file of places (.mmdb), or it is damaged.") from error
    if tried and not any(place.country for place in places):
        raise ValueError(f"It has no country of its first {len(places)} networks.")
    return facts
