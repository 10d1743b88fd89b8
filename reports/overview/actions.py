"""Beside the whole list of events: their amounts by currency, and the properties of one event."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from askfirst.store.warehouse.filters.matching import tests_of
from reports.formatting.measures import money
from reports.questions.figures_by.actions import amounts, properties
from reports.url.asking import Asked
from reports.url.report_view import ReportView

MOST_SETS = 10_000
"""How many different sets of properties are read; what has more is said to be cut."""
MOST_VALUES = 200
"""How many values are shown."""


@dataclass(frozen=True)
class Amount:
    """What an event brought in one currency: in all, and the mean."""

    name: str
    times: int
    total: str
    mean: str


@dataclass(frozen=True)
class PropertyValue:
    """A value that a property of an event had, and how often."""

    name: str
    value: str
    times: int


@dataclass(frozen=True)
class Actions:
    """What the page of events shows below its list."""

    amounts: tuple[Amount, ...]
    event: str
    """The one event that a filter chose, whose properties follow; or ''."""
    values: tuple[PropertyValue, ...]
    is_cut: bool
    """Whether there are more values, or more sets of them than are read."""


NO_ACTIONS = Actions((), "", (), False)


def chosen_event(view: ReportView) -> str:
    """Return the name of the event that the filters choose, '' where they do not choose one."""
    conditions = view.segment.conditions
    chosen = [one for one in conditions if (one.column, one.operator) == ("event_name", "is")]
    return chosen[0].values[0] if len(chosen) == 1 else ""


async def actions_of(asked: Asked, view: ReportView) -> Actions:
    """Ask for the amounts of events, and for the properties of the one that is chosen."""
    event = chosen_event(view)
    paid, sets = await asyncio.gather(
        asked.ask(amounts, asked.scope()), _sets(asked, view) if event else _nothing()
    )
    values = values_of(sets)
    return Actions(
        amounts=tuple(_amount(row) for row in paid.to_dict("records")),
        event=event,
        values=values[:MOST_VALUES],
        is_cut=len(values) > MOST_VALUES or len(sets) >= MOST_SETS,
    )


async def _nothing() -> pd.DataFrame:
    return pd.DataFrame({"properties": [], "times": []})


async def _sets(asked: Asked, view: ReportView) -> pd.DataFrame:
    [test] = [
        test
        for test in tests_of(view.segment)
        if (test.column, test.operator) == ("event_name", "is") and not test.kind
    ]
    return await asked.ask(properties, asked.scope(), test, MOST_SETS)


def values_of(sets: pd.DataFrame) -> tuple[PropertyValue, ...]:
    """Count the values of each property: properties in the order of their names, largest first."""
    counted: Counter[tuple[str, str]] = Counter()
    for text, times in zip(sets["properties"], sets["times"], strict=True):
        for name, value in _object(text).items():
            counted[name, _written(value)] += int(times)
    ordered = sorted(counted.items(), key=lambda one: (one[0][0], -one[1], one[0][1]))
    return tuple(PropertyValue(name, value, times) for (name, value), times in ordered)


def _object(text: str) -> dict[str, Any]:
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


def _written(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _amount(row: Mapping[Any, Any]) -> Amount:
    times, amount, currency = int(row["times"]), int(row["amount"]), row["currency"]
    return Amount(row["name"], times, money(amount, currency), money(amount // times, currency))
