"""The most used paths as rows: their steps as links, visits and visitors."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from reports.paths.naming import Step
from reports.paths.view import PathsView
from reports.questions.paths.used_paths import names_of


@dataclass(frozen=True)
class LinkedStep:
    """A step of a path: a page leads to its flow, a link to the visits that followed it."""

    name: str
    kind: str
    href: str


@dataclass(frozen=True)
class PathRow:
    """A path; `part` is its length in per cent of the longest row of the page."""

    steps: tuple[LinkedStep, ...]
    visits: int
    visitors: int
    part: float


def rows_of_paths(
    frame: pd.DataFrame, names: Mapping[int, Step], view: PathsView
) -> tuple[PathRow, ...]:
    """Read the answer of `used_paths`."""
    most = int(frame["visits"].max()) if len(frame) else 0
    columns = [frame[name] for name in (*names_of(view.length), "visits", "visitors")]
    return tuple(
        PathRow(
            steps=tuple(_linked(names[int(step)], view) for step in steps),
            visits=int(visits),
            visitors=int(visitors),
            part=round(100 * int(visits) / most, 1),
        )
        for *steps, visits, visitors in zip(*columns, strict=True)
    )


def _linked(step: Step, view: PathsView) -> LinkedStep:
    if step.is_link:
        return LinkedStep(step.name, "link", view.toggled("link_url", step.name))
    flow = view.address.with_(show=None, at=step.name, steps=None, page=None)
    return LinkedStep(step.name, "path", flow)
