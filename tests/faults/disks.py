"""Small disks that are filled."""

from pathlib import Path

from askfirst.system.disk_space import free_of


def fill(disk: Path) -> Path:
    """Fill a disk; return the file that does."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return filler


def fill_but(disk: Path, left: int) -> Path:
    """Fill a disk up to so many bytes."""
    filler = disk / "filler"
    filler.write_bytes(bytes(max(0, free_of(disk) - left)))
    return filler
