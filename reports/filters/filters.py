"""What the form of the filter bar sends: it becomes a condition in the address of the report."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.errors import Malformed
from askfirst.sites import Site
from askfirst.store.warehouse.filters.address import read_segment, segment_query
from askfirst.store.warehouse.filters.conditions import (
    EMPTY_OPERATORS,
    GOAL,
    Condition,
    Segment,
    check_segment,
    columns_for,
)
from askfirst.store.warehouse.filters.numbers import NUMBER_COLUMNS
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.filters.goal_choices import GOAL_CHOICE
from reports.filters.value_lines import values_of_lines
from reports.staff.guard import Guard
from reports.url.links import Address

_REPORT = re.compile(r"(?:/[a-z0-9-]+)*")
_OWN = ("column", "how", "which", "replaces", "report", "edit", "page")


class FilterHandler:
    """Serves `/sites/KEY/filter`: leads back to the report, with one condition more."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard

    def routes(self) -> list[Route]:
        """Return the route."""
        return [Route("/sites/{key}/filter", self._guard.page(self._page), methods=["GET"])]

    async def _page(self, request: Request, _session: Session) -> Response:
        site, fields = self._deps.site(request), request.query_params
        report = fields.get("report", "")
        if not _REPORT.fullmatch(report):
            raise Malformed("There is no such report.", field="report")
        segment = await asyncio.to_thread(_read, site, fields)  # RE2 compiles patterns
        kept = {k: v for k, v in fields.items() if k not in (*_OWN, "where", "on")}
        address = Address(f"/sites/{site.key}{report}", {**kept, **segment_query(segment)})
        return RedirectResponse(address.with_(), 303)


def _read(site: Site, fields: Mapping[str, str]) -> Segment:
    if "column" in fields:
        return _with_condition(site, fields)
    return read_segment(fields, columns_for(site))


def _with_condition(site: Site, fields: Mapping[str, str]) -> Segment:
    columns = columns_for(site)
    segment = read_segment(fields, columns)
    conditions = list(segment.conditions)
    found = _condition(fields)
    place = fields.get("replaces", "")
    if place.isascii() and place.isdigit() and len(place) < 3 and int(place) < len(conditions):
        conditions[int(place)] = found
    elif found not in conditions:
        conditions.append(found)
    changed = replace(segment, conditions=tuple(conditions))
    check_segment(changed, columns, "which")
    return changed


def _condition(fields: Mapping[str, str]) -> Condition:
    column, operator = fields.get("column", ""), fields.get("how", "is")
    if column.startswith(GOAL_CHOICE):
        return Condition(GOAL, operator, (column.removeprefix(GOAL_CHOICE),))
    return Condition(column, operator, _values(column, operator, fields.get("which", "")))


def _values(column: str, operator: str, text: str) -> tuple[str, ...]:
    """Read what is typed: `10 and 20` of `between`, a value a line of `one_of`, one, or none."""
    if operator == "between":
        return tuple(re.split(r"\s+(?:and\s+)?", text.strip()))
    if operator in EMPTY_OPERATORS:
        return ()
    if operator == "one_of":
        return values_of_lines(text)
    return ((text.strip() if column in NUMBER_COLUMNS else text.strip("\r\n")),)
