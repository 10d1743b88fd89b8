"""The flow of a page: what came before it and after it, as nodes and the bands between them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import pandas as pd

from reports.formatting.readers import decimal
from reports.paths.naming import Step
from reports.questions.paths.flow import AFTER, BEFORE
from reports.questions.paths.steps import NOTHING

MOST_NODES = 8
"""Pages and links on each side of the flow, unless all are asked for."""
MOST_OF_ALL = 200
NODE, GAP = 40.0, 8.0
"""The height of a node and the gap below it, in units of the drawing, as `paths.css` has them."""
_THICKEST, _THINNEST, _BETWEEN = 36.0, 1.5, 2.0


@dataclass(frozen=True)
class Node:
    """One thing beside the page, and how often it came before or after it.

    `kind` is "path" or "link", "edge" where the visit began or ended, "rest" for all others.
    """

    kind: str
    name: str
    times: int
    share: float
    href: str
    """Moves the flow to a page, restricts the report, or shows all others."""
    chosen: bool = False
    """Whether the report is restricted to it already; `href` then leads back out."""


@dataclass(frozen=True)
class Side:
    """What came before the page or after it; `bands` are the `d` of SVG paths, one a node."""

    nodes: tuple[Node, ...]
    bands: tuple[str, ...]


@dataclass(frozen=True)
class Flow:
    """A page between what came before and after; `height` is that of the drawings, 100 wide."""

    name: str
    times: int
    visits: int
    visitors: int
    before: Side
    after: Side
    height: float


class Leading(Protocol):
    """Returns the address of a step, or of None (nothing) on a side, and whether it is chosen."""

    def __call__(self, step: Step | None, side: int) -> tuple[str, bool]:
        """Look it up."""
        ...


def flow_of(
    name: str,
    frame: pd.DataFrame,
    names: Mapping[int, Step],
    seen: tuple[int, int],
    leading: Leading,
    rest: str,
) -> Flow:
    """Build the flow of a page from the answer of its question.

    `seen` are its visits and visitors; `rest` is the address that shows all, '' where it is shown.
    """
    before = _nodes(frame[frame["side"] == BEFORE], names, partial(leading, side=BEFORE), rest)
    after = _nodes(frame[frame["side"] == AFTER], names, partial(leading, side=AFTER), rest)
    height = max(len(before), len(after), 1) * (NODE + GAP) - GAP
    return Flow(
        name=name,
        times=sum(node.times for node in before),
        visits=seen[0],
        visitors=seen[1],
        before=Side(before, _bands(before, height, (0.0, 100.0))),
        after=Side(after, _bands(after, height, (100.0, 0.0))),
        height=height,
    )


def _nodes(
    frame: pd.DataFrame,
    names: Mapping[int, Step],
    leading: Callable[[Step | None], tuple[str, bool]],
    rest: str,
) -> tuple[Node, ...]:
    whole = int(frame["times"].sum())
    found = []
    for number, times in zip(frame["step"], frame["times"], strict=True):
        step = None if number == NOTHING else names[int(number)]
        found.append((step, int(times)))
    found.sort(key=lambda one: (-one[1], one[0].name if one[0] else ""))
    shown, others = _cut(found, MOST_NODES if rest else MOST_OF_ALL)
    nodes = [_node(step, times, whole, leading(step)) for step, times in shown]
    if others:
        times = sum(times for _, times in others)
        nodes.append(Node("rest", decimal(len(others)), times, times / whole, rest))
    return tuple(nodes)


def _node(step: Step | None, times: int, whole: int, leads: tuple[str, bool]) -> Node:
    kind = "edge" if step is None else "link" if step.is_link else "path"
    return Node(kind, step.name if step else "", times, times / whole, *leads)


Counted = tuple[Step | None, int]


def _cut(found: Sequence[Counted], most: int) -> tuple[list[Counted], list[Counted]]:
    """Return what is shown and what is not: that the visit began or ended here always is."""
    kept = found if len(found) <= most + 1 else found[:most]
    edges = [one for one in found if one[0] is None and one not in kept]
    return [*kept, *edges], [one for one in found if one not in kept and one not in edges]


def _bands(nodes: Sequence[Node], height: float, ends: tuple[float, float]) -> tuple[str, ...]:
    """Draw a band from each node, as thick as its share, to where it meets the page."""
    if not nodes:
        return ()
    most, whole = max(node.times for node in nodes), sum(node.times for node in nodes)
    room, y, bands = height - _BETWEEN * (len(nodes) - 1), 0.0, []
    for number, node in enumerate(nodes):
        half = max(_THINNEST, _THICKEST * node.times / most) / 2
        middle = number * (NODE + GAP) + NODE / 2
        below = y + room * node.times / whole
        bands.append(_band(ends, (middle - half, middle + half), (y, below)))
        y = below + _BETWEEN
    return tuple(bands)


def _band(ends: tuple[float, float], node: tuple[float, float], page: tuple[float, float]) -> str:
    (x, to), (top, bottom), (high, low) = ends, node, page
    return (
        f"M{x:.0f} {top:.1f}C50 {top:.1f} 50 {high:.1f} {to:.0f} {high:.1f}"
        f"V{low:.1f}C50 {low:.1f} 50 {bottom:.1f} {x:.0f} {bottom:.1f}z"
    )
