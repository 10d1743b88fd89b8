"""Which countries, browsers, systems, devices and languages did visitors have?"""

from typing import Any

import ibis

from reports.questions.scope import Scope, events_in, ranked

COLUMNS = ("country", "browser", "os", "device", "language")


def attributes(scope: Scope, limit: int) -> Any:
    """Return the longest lists in one scan: list (the column), name, amount (views), visitors."""
    seen = _seen(scope, *COLUMNS)
    return ibis.union(*(_counted(seen, column, limit) for column in COLUMNS))


def attribute(scope: Scope, column: str, limit: int, offset: int = 0) -> Any:
    """Return the values of one column: list, name, amount (views) and visitors."""
    return _counted(_seen(scope, column), column, limit, offset)


def _seen(scope: Scope, *columns: str) -> Any:
    events = events_in(scope)
    return events.group_by(*columns, "visitor_id").agg(views=(events.kind == "page_view").sum())


def _counted(seen: Any, column: str, limit: int, offset: int = 0) -> Any:
    # A visitor may have been seen with two languages and one browser: count each once.
    once = seen.group_by(column, "visitor_id").agg(views=seen.views.sum())
    counted = once.group_by(name=once[column]).agg(amount=once.views.sum(), visitors=once.count())
    return ranked(counted.mutate(list=ibis.literal(column)), "visitors", limit, offset)
