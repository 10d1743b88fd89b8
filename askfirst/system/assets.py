"""The shipped files: where static files, templates and data are, in a checkout or in a wheel."""

import hashlib
from functools import cache
from pathlib import Path

_PACKAGED = Path(__file__).parents[1] / "_assets"
ROOT = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parents[2]


def asset_path(name: str) -> Path:
    """Return the path of a shipped file, e.g. `static/js/tag/choice.js`."""
    return ROOT / name


_OF_STAFF = (
    *("tokens", "base", "header", "controls", "forms", "parts"),
    *("staff/chart", "staff/filters", "staff/saved", "staff/goals", "staff/overview"),
    *("staff/cards", "staff/reports", "staff/accounts"),
)
BUNDLES: dict[str, tuple[str, ...]] = {
    "static/css/staff.css": tuple(f"static/css/{name}.css" for name in _OF_STAFF),
}
"""Files that are served as one, in this order: each request of its own delays the first paint."""


def asset_bytes(name: str) -> bytes:
    """Return the content of a shipped file or of a bundle."""
    return b"\n".join(asset_path(part).read_bytes() for part in BUNDLES.get(name, (name,)))


@cache
def asset_hash(name: str) -> str:
    """Return the first 12 hexadecimal digits of a shipped file's SHA-256, to name its version."""
    return hashlib.sha256(asset_bytes(name)).hexdigest()[:12]
