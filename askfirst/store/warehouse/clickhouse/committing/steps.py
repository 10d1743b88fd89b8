"""In which order the operations of a commit are carried out, so that readers see none or all.

Rows of plain tables carry the number of their operation, which readers wait for, so they are added
first and deleted last (see `snapshots`). Summaries are added up by the server and rows with a key
replace each other, whatever readers wait for: these keep their order, which whoever makes the
operations has chosen so that a report in between does not miss what is gone. The rows with a key
that come last (how far days are closed, how far a journal is shipped) say that all before them is
there, so they follow when it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from askfirst.store.warehouse.engine import Delete, Operation
from askfirst.store.warehouse.tables import TABLES


@dataclass
class Steps:
    """The places of a commit's operations, by step."""

    unseen: list[int] = field(default_factory=list)
    """Rows that are not seen before they are shown."""
    shared: list[int] = field(default_factory=list)
    """What every reader sees as soon as it is stored, in the given order."""
    after: list[int] = field(default_factory=list)
    """Rows with a key, which follow when the others are shown."""
    deletes: list[tuple[int, Delete]] = field(default_factory=list)
    """Deletions, each with its place, of rows that nobody sees any more."""


def in_steps(operations: Sequence[Operation]) -> Steps:
    """Return the steps of a commit."""
    steps = Steps()
    for place, operation in enumerate(operations):
        table = TABLES[operation.table]
        if table.key or table.sums:
            steps.shared.append(place)
        elif isinstance(operation, Delete):
            steps.deletes.append((place, operation))
        else:
            steps.unseen.append(place)
    while steps.shared and _says_that_all_is_there(operations[steps.shared[-1]]):
        steps.after.insert(0, steps.shared.pop())
    return steps


def _says_that_all_is_there(operation: Operation) -> bool:
    return bool(TABLES[operation.table].key) and not isinstance(operation, Delete)
