"""Runs the programs one after the other: python -m benchmarks [--quick] [NAME...]; one table.

Each runs in a process of its own, and one that fails does not keep the others from running; the
last lines say which failed. `scripts/bench` is this with everything installed.
"""

import argparse
import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from benchmarks.program import figures_of
from benchmarks.results import place, read
from benchmarks.table import table

PROGRAMS = (
    "stations",
    "enrich",
    "collect",
    "flat",
    "overload",
    "start",
    "overview",
    "reports",
    "sizes",
)
"""Every program, in the order of an event's path."""

_AT_REST = 0.3  # busy cores on an idle machine


def present() -> list[str]:
    """Return the programs that this version has."""
    return [name for name in PROGRAMS if importlib.util.find_spec(f"benchmarks.{name}")]


def arguments() -> argparse.ArgumentParser:
    """Return the command line."""
    asked = argparse.ArgumentParser(
        prog="scripts/bench", description="Measure, print one table and write JSON."
    )
    asked.add_argument("--quick", action="store_true", help="short versions, for a first look")
    said = f"which of {', '.join(present())}; else all"
    asked.add_argument("names", nargs="*", metavar="NAME", help=said)
    return asked


def chosen(given: Sequence[str] | None = None) -> tuple[list[str], bool]:
    """Read the command line: the programs, and whether their short versions are wanted."""
    parser = arguments()
    said = parser.parse_args(given)
    if unknown := [name for name in said.names if name not in present()]:
        parser.error(f"there is no {unknown[0]}; there are {', '.join(present())}")
    return said.names or present(), said.quick


def main() -> int:
    """Run the chosen programs; return 1 when one failed."""
    names, quick = chosen()
    failed = [name for name in names if not _ran(name, quick)]
    done = [name for name in names if name not in failed]
    found = {name: read(name, quick=quick) for name in done}
    print(f"\nOn {os.cpu_count()} cores, which the load generator shares.{_disturbed(found)}\n")
    print(table((name, figures_of(name, of_program)) for name, of_program in found.items()))
    print("\nWritten to", ", ".join(str(_shown(name, quick)) for name in done) or "nothing")
    if failed:
        print("FAILED:", ", ".join(failed))
    return 1 if failed else 0


def _disturbed(found: dict[str, dict[str, Any]]) -> str:
    """Say which programs began while other work was running: do not publish their figures."""
    busy = {name: one["busy_cores_before"] for name, one in found.items()}
    said = [f"{name} ({cores})" for name, cores in busy.items() if cores > _AT_REST]
    return f"\nOther work kept cores busy when these began: {', '.join(said)}." if said else ""


def _ran(name: str, quick: bool) -> bool:
    print(f"== {name}", file=sys.stderr, flush=True)
    code = f"from benchmarks.program import run; run({name!r}, {['--quick'] * quick!r})"
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=False)
    return done.returncode == 0


def _shown(name: str, quick: bool) -> str:
    return os.path.relpath(place(name, quick=quick))


if __name__ == "__main__":
    sys.exit(main())
