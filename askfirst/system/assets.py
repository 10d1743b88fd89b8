"""The shipped files: where static files, templates and data are, in a checkout or in a wheel."""

import hashlib
from functools import cache
from pathlib import Path

_PACKAGED = Path(__file__).parents[1] / "_assets"
ROOT = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parents[2]


def asset_path(name: str) -> Path:
    """Return the path of a shipped file, e.g. `static/js/tag/choice.js`."""
    return ROOT / name


@cache
def asset_hash(name: str) -> str:
    """Return the first 12 hexadecimal digits of a shipped file's SHA-256, to name its version."""
    return hashlib.sha256(asset_path(name).read_bytes()).hexdigest()[:12]
