"""The reports of paths: what came before and after a page, and the most used paths."""

import asyncio
from typing import Any

from askfirst.store.warehouse.filters.conditions import columns_for
from reports.dependencies import Dependencies
from reports.paths.counting import flow_through, most_used, parts_of
from reports.paths.naming import Step, named, page_key
from reports.questions.breakdown import breakdown
from reports.questions.paths.flow import BEFORE
from reports.questions.paths.seen import seen
from reports.questions.paths.used_paths import LENGTHS, names_of
from reports.tables.spool import Rows, held
from reports.tables.table import Cut, Field, Option
from reports.url.asking import Asked, answered
from reports.url.report_view import ReportView

MOST_PATHS = 10_000
"""Paths of a report: the most used ones."""
FLOW = (
    Field("side", "Side", "before or after the page.", "text"),
    Field("kind", "Kind", "page, link, or '' where the visit began or ended.", "text"),
    Field("name", "Name", "The path of the page, or the address of the link.", "text"),
    Field("times", "Times", "How often it came right before or after."),
    Field("share", "Share", "Of all times on this side, 0 to 1.", "number"),
)
PATHS = (
    *(
        Field(
            name, name.replace("step_", "Step "), "A path, or a link; null behind its end.", "text"
        )
        for name in names_of(LENGTHS[-1])
    ),
    Field("visits", "Visits", "Visits that have the path."),
    Field("visitors", "Visitors", "Their distinct visitors."),
)
OF_FLOW = (Option("at", "The path of the page; the one with most visitors where it is not there."),)
OF_PATHS = (Option("steps", "How many steps a path has; 3 where it is not there.", LENGTHS),)


async def flow_rows(
    deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
) -> Rows:
    """Find what came before and after a page, each side with the most frequent first."""

    async def once(asked: Asked) -> list[dict[str, Any]]:
        scope, at = asked.scope(), view.address.query.get("at")
        if at is None:
            first = await asked.ask(breakdown, scope, "path", 1)
            at = str(first["name"].iloc[0]) if len(first) else None
        key = None if at is None else await asyncio.to_thread(page_key, asked.page, at)
        if key is None:
            return []
        visits = int((await asked.ask(seen, scope, key))["visits"].iloc[0])
        parts = parts_of(scope, visits)
        found = await asyncio.to_thread(flow_through, asked.page, parts, key, _has_links(view))
        names = await asyncio.to_thread(named, asked.page, found["step"].tolist())
        whole = found.groupby("side")["times"].sum()
        ordered = found.sort_values(["side", "times", "step"], ascending=[True, False, True])
        return [
            {
                "side": "before" if row["side"] == BEFORE else "after",
                **_step(names.get(int(row["step"]))),
                "times": int(row["times"]),
                "share": float(row["times"] / whole[row["side"]]),
            }
            for row in ordered.to_dict("records")
            if row["times"]
        ]

    return held(fields, deps.settings.data_folder, await answered(deps, view, once), cut)


async def paths_rows(
    deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
) -> Rows:
    """Find the most used paths of so many steps, the one with most visits first."""
    length = view.address.query.get("steps") or "3"
    steps = names_of(length)

    async def once(asked: Asked) -> list[dict[str, Any]]:
        asking = (asked.page, asked.scope(), length, _has_links(view), MOST_PATHS)
        found = await asyncio.to_thread(most_used, *asking)
        keys = found[list(steps)].to_numpy().ravel().tolist()
        names = await asyncio.to_thread(named, asked.page, keys)
        nothing = dict.fromkeys(names_of(LENGTHS[-1]))
        return [
            {
                **nothing,
                **{one: names[int(row[one])].name for one in steps},
                "visits": int(row["visits"]),
                "visitors": int(row["visitors"]),
            }
            for row in found.to_dict("records")
        ]

    return held(fields, deps.settings.data_folder, await answered(deps, view, once), cut)


def _step(step: Step | None) -> dict[str, str]:
    if step is None:
        return {"kind": "", "name": ""}
    return {"kind": "link" if step.is_link else "page", "name": step.name}


def _has_links(view: ReportView) -> bool:
    return {"link_url", "link_kind"} <= columns_for(view.site)
