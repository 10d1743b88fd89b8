"""Where did visits begin, where did they end and who sent them?"""

from typing import Any

import ibis

from reports.questions.scope import Scope, ranked
from reports.questions.visits import visits


def arrivals(scope: Scope, limit: int) -> Any:
    """Return the longest lists in one scan: list ("entry", ...), name, amount and visitors."""
    each = visits(scope)
    lists = [_counted(each, column, limit) for column in ("entry", "leaving", "referrer")]
    return ibis.union(*lists)


def entry_pages(scope: Scope, limit: int, offset: int = 0) -> Any:
    """Return the paths that visits began with: list, name, amount (visits) and visitors."""
    return _counted(visits(scope), "entry", limit, offset)


def exit_pages(scope: Scope, limit: int, offset: int = 0) -> Any:
    """Return the paths that visits ended with: list, name, amount (visits) and visitors."""
    return _counted(visits(scope), "leaving", limit, offset)


def referrers(scope: Scope, limit: int, offset: int = 0) -> Any:
    """Return the outside hosts that sent visits ('' for none): list, name, amount and visitors."""
    return _counted(visits(scope), "referrer", limit, offset)


def _counted(each: Any, column: str, limit: int, offset: int = 0) -> Any:
    known = each.filter(each[column].notnull())
    seen = known.group_by(column, "visitor_id").agg(visits=known.count())
    counted = seen.group_by(name=seen[column]).agg(amount=seen.visits.sum(), visitors=seen.count())
    return ranked(counted.mutate(list=ibis.literal(column)), "amount", limit, offset)
