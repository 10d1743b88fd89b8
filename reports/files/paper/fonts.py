"""Fonts of the machine for signs that the shipped one lacks, such as Chinese or Devanagari."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import uharfbuzz as hb

MOST_FILES = 2000
"""Files that are looked at, in the order of their folders and names."""
MOST_FONTS = 6
"""Fonts of which one document is written, beside the shipped one."""
_FOLDERS = {
    "darwin": ("/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts"),
    "win32": ("~/AppData/Local/Microsoft/Windows/Fonts", r"C:\Windows\Fonts"),
}
_USUAL = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
_ENDINGS = (".ttf", ".otf", ".ttc", ".otc")
_OTHER_STYLES = ("bold", "italic", "oblique", "light", "thin", "black", "mono", "medium", "serif")
_FS_TYPE = 8
_MAY_NOT_BE_EMBEDDED = 0x0002  # https://learn.microsoft.com/typography/opentype/spec/os2#fstype


@dataclass(frozen=True)
class MachineFont:
    """A font file, of a collection its first face, and those of the wanted signs that it has."""

    path: Path
    signs: frozenset[int]


def fonts_for(signs: set[int], folder: str = "") -> tuple[MachineFont, ...]:
    """Return few fonts that have as many of these signs as there are on this machine.

    They are looked for in `folder` if there is one, else where the system keeps its fonts. Nothing
    is looked for where there is no sign to write.
    """
    missing, found = set(signs), list[MachineFont]()
    known = list(_having(missing, folder)) if missing else []
    while known and len(found) < MOST_FONTS:
        best = max(known, key=lambda one: len(one.signs & missing))  # of equals the first
        if not best.signs & missing:
            break
        found.append(best)
        missing -= best.signs
    return tuple(found)


def _having(signs: set[int], folder: str) -> Iterator[MachineFont]:
    """Yield the fonts that have some of these signs, plain ones before bold ones and serifs."""
    files = sorted(_files(folder), key=lambda one: (_is_other_style(one.name), str(one)))
    for path in files[:MOST_FILES]:
        with suppress(OSError, hb.HarfBuzzError):
            if known := _signs_of(path) & signs:
                yield MachineFont(path, frozenset(known))


def _signs_of(path: Path) -> set[int]:
    """Return the signs that a file's first face may write into a document."""
    face = hb.Face(hb.Blob.from_file_path(str(path)), 0)
    rights = bytes(face.reference_table("OS/2").data or b"")[_FS_TYPE : _FS_TYPE + 2]
    may_not = int.from_bytes(rights, "big") & 0x000F == _MAY_NOT_BE_EMBEDDED
    has_outlines = {"glyf", "CFF "} & {*face.table_tags}
    return set(face.unicodes) if has_outlines and not may_not else set()


def _files(folder: str) -> Iterator[Path]:
    for one in [folder] if folder else _usual_folders():
        for place, _, names in os.walk(Path(one).expanduser()):
            yield from (Path(place, name) for name in names if name.lower().endswith(_ENDINGS))


def _usual_folders() -> Iterable[str]:
    return _FOLDERS.get(sys.platform, _USUAL)


def _is_other_style(name: str) -> bool:
    return any(style in name.lower() for style in _OTHER_STYLES)
