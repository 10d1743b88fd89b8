"""What all programs share: their command line, where the result goes, and the table.

A program is a module of this package with `measure(...)`, which returns a dict. It may have
`arguments()`, its command line; `QUICK`, the arguments of a short version; and
`figures(found)`, the lines of the table.
"""

import argparse
import importlib
from collections.abc import Sequence
from typing import Any

from benchmarks.load.usage import busy_cores
from benchmarks.results import write
from benchmarks.table import Figure, table


def arguments_of(name: str) -> argparse.ArgumentParser:
    """Return a program's command line, `--quick` included."""
    module = importlib.import_module(f"benchmarks.{name}")
    made = module.arguments() if hasattr(module, "arguments") else argparse.ArgumentParser()
    made.prog = f"python -m benchmarks.{name}"
    made.add_argument("--quick", action="store_true", help="a short version, for a first look")
    return made


def chosen(name: str, given: Sequence[str] | None = None) -> tuple[dict[str, Any], bool]:
    """Read a command line: the arguments of `measure`, and whether it is the short version.

    Options on the command line override those of the short version.
    """
    parser = arguments_of(name)
    if not (quick := parser.parse_args(given).quick):
        return _without_quick(parser.parse_args(given)), False
    parser.set_defaults(**getattr(importlib.import_module(f"benchmarks.{name}"), "QUICK", {}))
    return _without_quick(parser.parse_args(given)), quick


def _without_quick(said: argparse.Namespace) -> dict[str, Any]:
    return {name: value for name, value in vars(said).items() if name != "quick"}


def figures_of(name: str, found: dict[str, Any]) -> list[Figure]:
    """Return the lines of the table for a program's result."""
    module = importlib.import_module(f"benchmarks.{name}")
    if hasattr(module, "figures"):
        return list(module.figures(found))
    return [Figure(key, value) for key, value in found.items() if isinstance(value, int | float)]


def run(name: str, given: Sequence[str] | None = None) -> dict[str, Any]:
    """Run a program: measure, write its JSON, print its table and return the result."""
    said, quick = chosen(name, given)
    others = {"busy_cores_before": busy_cores()}
    found: dict[str, Any] = importlib.import_module(f"benchmarks.{name}").measure(**said) | others
    write(name, found, quick=quick)
    print(table([(name, figures_of(name, found))]))
    return found
