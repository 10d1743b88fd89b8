"""Taking a newer file of places from the address that the owner has set."""

import io
import shutil
import stat
import tarfile
from pathlib import Path

import msgspec

from askfirst.clock import Clock, utc_day
from askfirst.errors import Misconfigured
from askfirst.settings import Settings
from askfirst.system.durable_files import create, make_folder, sync
from collector.enrichment.places.files import (
    FileFacts,
    checked_facts,
    facts_of,
    fetched_file,
    files_of,
)
from server.maintenance.fetching import Tell, fetch

MOST_BYTES = 1 << 30
"""The largest file; those of cities have 60 to 130 MB."""


class Update(msgspec.Struct, frozen=True):
    """The file that was fetched; `taken` says whether it is in use now."""

    facts: FileFacts
    path: Path
    taken: bool

    @property
    def day(self) -> str:
        """The UTC day on which the file was built."""
        return utc_day(self.facts.built_at * 1000)


def update_places(settings: Settings, clock: Clock, tell: Tell, most: int = MOST_BYTES) -> Update:
    """Fetch the file, check it, and put it in the place of the one that is used.

    It is not taken where the one that is used is of the same kind and not older. Raises
    `Misconfigured` where no address is set, the file cannot be fetched, or it is no file of places;
    then the one that is used stays.
    """
    url = _address(settings, clock)
    used = _used(settings)
    target = fetched_file(settings.data_folder, settings.places_file).resolve()
    make_folder(target.parent)
    fresh = target.with_name(f"{target.name}.fresh")
    fresh.unlink(missing_ok=True)
    try:
        with create(fresh) as file:
            fetch(url, file, most, tell)
        _take_out_of_archive(fresh, most)
        facts = _checked(fresh)
        taken = used is None or used.kind != facts.kind or used.built_at < facts.built_at
        if taken:
            _swap(fresh, target)
        return Update(facts, target, taken)
    finally:
        fresh.unlink(missing_ok=True)


def _address(settings: Settings, clock: Clock) -> str:
    """Return the address, where `{month}` stands for the present month in UTC, e.g. `2026-11`."""
    if not settings.places_url:
        raise Misconfigured("Set places_url to the address of a file of places (.mmdb).")
    return settings.places_url.replace("{month}", utc_day(clock())[:7])


def _used(settings: Settings) -> FileFacts | None:
    files = files_of(settings.data_folder, settings.places_file)
    return next((facts for file in files if (facts := facts_of(file.path))), None)


def _take_out_of_archive(path: Path, most: int) -> None:
    """Put the file of places in a tar archive, as MaxMind sends one, in the archive's place."""
    if not _is_archive(path):
        return
    alone = path.with_name(f"{path.name}.alone")
    alone.unlink(missing_ok=True)
    try:
        with tarfile.open(path, "r:") as packed, create(alone) as writing:
            named = (one for one in packed if one.isreg() and one.name.endswith(".mmdb"))
            found = next(one for one in named if one.size <= most)
            shutil.copyfileobj(packed.extractfile(found) or io.BytesIO(), writing)
    except (tarfile.TarError, StopIteration) as error:
        raise Misconfigured("The archive has no file of places (.mmdb).") from error
    alone.replace(path)


def _is_archive(path: Path) -> bool:
    """Return whether a file begins as a tar archive does (POSIX, ustar interchange format)."""
    with path.open("rb") as file:
        return file.read(512)[257:262] == b"ustar"


def _checked(path: Path) -> FileFacts:
    try:
        return checked_facts(path)
    except ValueError as error:
        raise Misconfigured(f"What was fetched is not taken. {error}") from error


def _swap(fresh: Path, target: Path) -> None:
    """Rename the checked file, which whoever could read the one before can read, too."""
    if target.exists():
        fresh.chmod(stat.S_IMODE(target.stat().st_mode))
    fresh.replace(target)
    sync(target.parent)
