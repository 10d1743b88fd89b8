"""Where measurements are kept: one JSON file a program, with the day and the machine."""

import datetime
import json
import os
import platform
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "results"


def write(name: str, found: dict[str, Any]) -> None:
    """Write what a program found to `benchmarks/results/NAME.json`."""
    FOLDER.mkdir(exist_ok=True)
    about = {
        "measured_on": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
    }
    (FOLDER / f"{name}.json").write_text(json.dumps({**about, **found}, indent=2) + "\n")
