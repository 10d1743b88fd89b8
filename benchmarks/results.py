"""Stores results: one JSON file a program, with the day and the machine."""

import datetime
import json
import os
import platform
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "results"
QUICK_FOLDER = FOLDER / "quick"
"""Where short versions write; their results are not for publishing."""


def place(name: str, *, quick: bool = False) -> Path:
    """Return the path of a program's result."""
    return (QUICK_FOLDER if quick else FOLDER) / f"{name}.json"


def write(name: str, found: dict[str, Any], *, quick: bool = False) -> None:
    """Write a program's result to `benchmarks/results/NAME.json`, or to `quick/` beside it."""
    path = place(name, quick=quick)
    path.parent.mkdir(parents=True, exist_ok=True)
    about = {
        "measured_on": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
    }
    path.write_text(json.dumps({**about, **found}, indent=2) + "\n")


def read(name: str, *, quick: bool = False) -> dict[str, Any]:
    """Read a program's last result."""
    found: dict[str, Any] = json.loads(place(name, quick=quick).read_text())
    return found
