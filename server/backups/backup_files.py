"""The files of a backup, which is a folder or a .tar, checked before they are read by name."""

import tarfile
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NoReturn, Protocol

from askfirst.errors import Misconfigured
from askfirst.system.durable_files import is_plain, open_plain, open_regular

_CHUNK = 1 << 20
_MOST_MEMBERS = 1000
_MOST_AT_ONCE = 16 << 20
"""The most bytes of an archive that are read at once: a forged header could ask for all memory."""
_PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE)


class BackupFiles(Protocol):
    """The plain files of a backup: `sizes` has the bytes of each by its name.

    `closed` is True where nobody can have put other files beside them, as into a folder.
    """

    sizes: Mapping[str, int]
    closed: bool

    def chunks(self, name: str) -> Generator[bytes, None, None]:
        """Yield the bytes of a file; raise `Misconfigured` where they cannot be read."""
        ...


@contextmanager
def opened(backup: Path) -> Iterator[BackupFiles]:
    """Open a backup to read.

    Raises `Misconfigured` for an archive with a link, a device, a sparse file or a name that occurs
    twice: no backup has them, and each is a way to write more, or elsewhere, than it seems.
    """
    if backup.is_dir():
        yield _Folder(backup)
        return
    try:
        file = open_regular(backup)
    except OSError as error:
        _refuse(backup, error)
    with file:
        yield _Archive(backup, file)


class _Folder:
    """The plain files of a folder; links in it are not part of the backup."""

    closed = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            plain = [path for path in folder.iterdir() if is_plain(path)]
            self.sizes: Mapping[str, int] = {path.name: path.lstat().st_size for path in plain}
        except OSError as error:
            _refuse(folder, error)

    def chunks(self, name: str) -> Generator[bytes, None, None]:
        try:
            with open_plain(self._folder / name) as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
        except OSError as error:
            _refuse(self._folder, error)


class _Archive:
    """The plain files of a tar archive; all its entries are checked before one is read."""

    closed = True

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        length = path.stat().st_size
        try:
            self._packed = tarfile.open(fileobj=_Bounded(file), mode="r:")  # type: ignore[call-overload]  # noqa: SIM115 - it holds nothing of its own
            self._members = self._read_members(length)
        except Misconfigured:
            raise
        except Exception as error:  # noqa: BLE001 - a forged archive may raise anything at all
            _refuse(path, error)
        self.sizes: Mapping[str, int] = {one.name: one.size for one in self._members.values()}

    def _read_members(self, length: int) -> dict[str, tarfile.TarInfo]:
        members: list[tarfile.TarInfo] = []
        for member in self._packed:
            if len(members) == _MOST_MEMBERS:
                raise Misconfigured(f"{self._path} holds more files than a backup has.")
            if not member.isdir():
                _refuse_odd(member, length)
                members.append(member)
        names = Counter(member.name for member in members)
        if len(names) < len(members):
            raise Misconfigured(f"{self._path} holds one name twice: it is no backup.")
        return {member.name: member for member in members}

    def chunks(self, name: str) -> Generator[bytes, None, None]:
        try:
            file = self._packed.extractfile(self._members[name])
            while file and (chunk := file.read(_CHUNK)):
                yield chunk
        except Exception as error:  # noqa: BLE001 - a forged archive may raise anything at all
            _refuse(self._path, error)


def _refuse_odd(member: tarfile.TarInfo, length: int) -> None:
    if member.type not in _PLAIN:
        raise Misconfigured("The archive holds a link or a device: it is no backup.")
    if member.sparse is not None:
        raise Misconfigured("The archive holds a file with holes: it is no backup.")
    if not 0 <= member.size <= length - member.offset_data:
        raise Misconfigured("The archive says of a file that it is longer than the archive.")


class _Bounded:
    """A file of which a limited number of bytes is read at once."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int) -> bytes:
        if not 0 <= size <= _MOST_AT_ONCE:
            raise ValueError("Too much is asked for at once.")
        return self._file.read(size)


def _refuse(backup: Path, error: Exception) -> NoReturn:
    raise Misconfigured(f"The backup {backup} cannot be read, or is not whole.") from error
