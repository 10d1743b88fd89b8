"""How many visitors, visits and views in each step of time?"""

from datetime import datetime
from typing import Any

import ibis

from reports.questions.scope import Scope, events_in

_UNITS = {"hour": "h", "day": "D", "week": "W", "month": "M"}


def over_time(scope: Scope, by: str, shifts: tuple[tuple[datetime | None, int], ...]) -> Any:
    """Return a row a step: bucket (see `reports.url.steps.shifts`), visitors, visits, views."""
    events = events_in(scope)
    local = _shifted(events.time, shifts)
    return events.group_by(bucket=local.truncate(_UNITS[by])).agg(
        visitors=events.visitor_id.nunique(),
        visits=events.visit_id.nunique(),
        views=(events.kind == "page_view").sum(),
    )


def _shifted(moment: Any, shifts: tuple[tuple[datetime | None, int], ...]) -> Any:
    *changes, (_, last) = shifts
    otherwise = moment + ibis.interval(seconds=last)
    if not changes:
        return otherwise
    branches = [(moment < until, moment + ibis.interval(seconds=shift)) for until, shift in changes]
    return ibis.cases(*branches, else_=otherwise)
