"""The reports of goals and funnels: conversion, the breakdowns of a goal, the steps of a funnel."""

import asyncio
from typing import Any, TypeVar

import pandas as pd

from askfirst.errors import NotFound
from askfirst.store.ledger.goals import Funnel, Goal, GoalBook, Plans
from reports.dependencies import Dependencies
from reports.goals.asking import walks_through
from reports.goals.breakdowns import (
    converted_before,
    counts_of_values,
    of_everybody,
    shares_of,
)
from reports.goals.deeds import fault_of_goal, how
from reports.goals.figures import Reached
from reports.goals.funnels import (
    ShownStep,
    fault_of_funnel,
    matchers_of_steps,
    shown_steps,
    within_words,
)
from reports.goals.goals import reached_of_window
from reports.goals.walks import Walks
from reports.overview.dimensions import DIMENSIONS
from reports.tables.comparing import AGAINST_DAYS, compared_window
from reports.tables.spool import Rows, held
from reports.tables.table import COMPARED, Cut, Field, Option, compared_fields
from reports.url.asking import Asked, answered
from reports.url.report_view import ReportView

MOST_VALUES = 1000
"""Rows of a breakdown: those with most visitors."""
_LISTS = tuple(DIMENSIONS)
_ENDINGS = ("", COMPARED)
_PARTS = 1000
"""Amounts are kept in thousandths."""
_CONVERSION = Field(
    "conversion", "Conversion", "Share of visitors who reached it, 0 to 1; or null.", "number"
)
_FAULT = Field("fault", "Not counted", "Why it is not counted, or ''.", "text")
GOALS = (
    Field("goal", "Number", "The number of the goal, for the report goal."),
    Field("name", "Goal", "Its name.", "text"),
    Field("how", "Asks for", "What it asks for, in words.", "text"),
    Field("visitors", "Visitors", "Distinct visitors who reached it."),
    Field("visits", "Visits", "Visits that reached it."),
    Field("times", "Times", "How often it was reached."),
    _CONVERSION,
    Field(
        "amount",
        "Value",
        "What it was worth; null without a value, and in several currencies (see goal-values).",
        "number",
    ),
    Field("currency", "Currency", "The currency of the value (EUR), or the several.", "text"),
    _FAULT,
)
GOAL_VALUES = (
    Field("goal", "Number", "The number of the goal."),
    Field("name", "Goal", "Its name.", "text"),
    Field("currency", "Currency", "The currency (EUR).", "text"),
    Field("amount", "Value", "What it was worth in this currency.", "number"),
)
GOAL = (
    Field(
        "name",
        "Name",
        "The value of the list; null is unknown or none.",
        "text",
        empty_is_null=True,
    ),
    Field("visitors", "Visitors", "Distinct visitors with the value."),
    Field("reached", "Reached it", "Those of them who reached the goal."),
    _CONVERSION,
)
FUNNELS = (
    Field("funnel", "Number", "The number of the funnel, for the report funnel."),
    Field("name", "Funnel", "Its name.", "text"),
    Field("steps", "Steps", "How many steps it has."),
    Field("within", "Within", "Within which time it is gone through, in words.", "text"),
    _FAULT,
)
FUNNEL = (
    Field("step", "Step", "The number of the step, from 1."),
    Field("name", "Name", "Its name.", "text"),
    Field("how", "Asks for", "What it asks for, in words.", "text"),
    Field("visitors", "Visitors", "Distinct visitors who came so far."),
    Field("share", "Share", "Their share of those who began, 0 to 1.", "number"),
    Field("lost", "Lost", "Visitors who came no further; 0 at the last step."),
    Field("lost_share", "Share lost", "Their share of the step, 0 to 1.", "number"),
    Field("mean_seconds", "Mean time", "Seconds from the step before; or null.", "number"),
    Field("median_seconds", "Median time", "Seconds from the step before; or null.", "number"),
)
GOAL_COMPARED = compared_fields(GOAL[1:])
GOALS_COMPARED = compared_fields(GOALS[3:9])
GOAL_VALUES_COMPARED = compared_fields(GOAL_VALUES[3:])
FUNNEL_COMPARED = compared_fields(FUNNEL[3:])
OF_GOAL = (
    Option("goal", "The number of a goal; the first by name where it is not there."),
    Option("list", "The list whose values are the rows; pages where it is not there.", _LISTS),
    *AGAINST_DAYS,
)
OF_FUNNEL = (
    Option("funnel", "The number of a funnel; the first by name where it is not there."),
    *AGAINST_DAYS,
)
One = TypeVar("One", Goal, Funnel)


async def goals_rows(
    deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
) -> Rows:
    """Find a row for each goal, by name."""
    goals = (await _plans(deps, view)).goals
    reached = await _reached(deps, view, fields, goals)
    nothing = [None] * (2 if compared_window(view, fields) else 1)
    rows = [
        {
            "goal": one.id,
            "name": one.name,
            "how": how(one.deed),
            **_of_goal(*reached.get(one.id, nothing)),
            "fault": fault_of_goal(one, view.site),
        }
        for one in goals
    ]
    return held(fields, deps.settings.data_folder, rows, cut)


async def goal_values_rows(
    deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
) -> Rows:
    """Find a row for each goal with a value and each currency, also of the compared days."""
    goals = (await _plans(deps, view)).goals
    reached = await _reached(deps, view, fields, goals)
    rows = []
    for goal in goals:
        paid = [dict(one.paid) for one in reached.get(goal.id, [])]
        rows += [
            {
                "goal": goal.id,
                "name": goal.name,
                "currency": currency,
                **{
                    f"amount{ending}": one.get(currency, 0) / _PARTS
                    for one, ending in zip(paid, _ENDINGS, strict=False)
                },
            }
            for currency in sorted(set().union(*paid))
        ]
    return held(fields, deps.settings.data_folder, rows, cut)


async def _reached(
    deps: Dependencies, view: ReportView, fields: tuple[Field, ...], goals: tuple[Goal, ...]
) -> dict[int, list[Reached]]:
    """Return what was reached of each goal that counts: in the period, and on compared days."""
    counted = tuple(one for one in goals if not fault_of_goal(one, view.site))
    compared = compared_window(view, fields)

    async def once(asked: Asked) -> list[tuple[Reached, ...]]:
        windows = (view.period.window, *([compared] if compared else []))
        return [(await reached_of_window(asked, counted, window))[0] for window in windows]

    found = await answered(deps, view, once, *([compared] if compared else []))
    return {goal.id: both for goal, *both in zip(counted, *found, strict=True)}


def _of_goal(*found: Reached | None) -> dict[str, Any]:
    """Return what was reached, in the period and then on the compared days."""
    names = ("visitors", "visits", "times", "conversion")
    rows: dict[str, Any] = {}
    for one, ending in zip(found, _ENDINGS, strict=False):
        rows |= {f"{name}{ending}": getattr(one, name) if one else None for name in names}
        paid = one.paid if one else ()
        rows[f"amount{ending}"] = paid[0][1] / _PARTS if len(paid) == 1 else None
        rows[f"currency{ending}"] = ", ".join(currency for currency, _ in paid)
    return rows


async def goal_rows(
    deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
) -> Rows:
    """Find a row for each value of a list, with who reached a goal."""
    goal = _chosen(view, "goal", (await _plans(deps, view)).goals)
    key = view.address.query.get("list") or "pages"
    compares = compared_window(view, fields) is not None

    async def once(asked: Asked) -> list[dict[str, Any]]:
        if goal is None or fault_of_goal(goal, view.site):
            return []
        every = await of_everybody(asked, (key,), MOST_VALUES)
        earlier = await converted_before(deps, view, goal, every) if compares else {}
        now = await counts_of_values(goal, asked, asked.scope(), every)
        return _values(now[key], earlier.get(key))

    return held(fields, deps.settings.data_folder, await answered(deps, view, once), cut)


def _values(now: pd.DataFrame, before: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Return the rows of a list's values, with the figures of the compared days where there are."""
    rows: list[dict[str, Any]] = [{"name": str(name)} for name in now["name"]]
    for frame, ending in ((now, ""), (before, COMPARED)):
        if frame is None:
            continue
        for row, visitors, reached, share in zip(
            rows, frame["visitors"], frame["reached"], shares_of(frame), strict=True
        ):
            row |= {
                f"visitors{ending}": int(visitors),
                f"reached{ending}": int(reached),
                f"conversion{ending}": share,
            }
    return rows


async def funnels_rows(
    deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
) -> Rows:
    """Find a row for each funnel, by name."""
    plans = await _plans(deps, view)
    rows = [
        {
            "funnel": one.id,
            "name": one.name,
            "steps": len(one.steps),
            "within": within_words(one.within_ms),
            "fault": fault_of_funnel(one, plans, view.site),
        }
        for one in plans.funnels
    ]
    return held(fields, deps.settings.data_folder, rows, cut)


async def funnel_rows(
    deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
) -> Rows:
    """Find a row for each step of a funnel."""
    plans = await _plans(deps, view)
    funnel = _chosen(view, "funnel", plans.funnels)
    if funnel is None or fault_of_funnel(funnel, plans, view.site):
        return held(fields, deps.settings.data_folder, [], cut)
    steps, compared = matchers_of_steps(funnel, plans), compared_window(view, fields)

    async def once(asked: Asked) -> list[Walks]:
        windows = (view.period.window, *([compared] if compared else []))
        # One after the other: both keep a relation of the same name for the page.
        return [
            await asyncio.to_thread(
                walks_through, asked.page, asked.scope(window), steps, funnel.within_ms
            )
            for window in windows
        ]

    found = await answered(deps, view, once, *([compared] if compared else []))
    now, *before = (_steps(shown_steps(view, funnel, plans, walks)) for walks in found)
    rows = [
        {**row, **{f"{name}{COMPARED}": value for was in old for name, value in was.items()}}
        for row, *old in zip(now, *before, strict=True)
    ]
    return held(fields, deps.settings.data_folder, _only(rows, fields), cut)


def _steps(shown: tuple[ShownStep, ...]) -> list[dict[str, Any]]:
    return [
        {"step": number, "mean_seconds": one.mean, "median_seconds": one.median, **vars(one)}
        for number, one in enumerate(shown, start=1)
    ]


def _only(rows: list[dict[str, Any]], fields: tuple[Field, ...]) -> list[dict[str, Any]]:
    return [{one.name: row[one.name] for one in fields} for row in rows]


async def _plans(deps: Dependencies, view: ReportView) -> Plans:
    return await GoalBook(deps.ledger, deps.clock).of(view.site.id)


def _chosen(view: ReportView, name: str, every: tuple[One, ...]) -> One | None:
    """Return what the address chooses by its number, else the first; raises `NotFound`."""
    text = view.address.query.get(name, "")
    if not text:
        return every[0] if every else None
    found = next((one for one in every if str(one.id) == text), None)
    if found is None:
        raise NotFound(f"There is no such {name}.")
    return found
