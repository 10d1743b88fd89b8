"""How many visitors, visits, views and bounces, and how long were visits?"""

from typing import Any

from reports.questions.scope import Scope
from reports.questions.visits import visits


def totals(scope: Scope) -> Any:
    """Return one row: visitors, visits, views, bounces and seconds (the mean length of a visit).

    A bounce is a visit with one page view and nothing more.
    """
    each = visits(scope)
    bounced = (each.views == 1) & (each.events == 1)
    return each.agg(
        visitors=each.visitor_id.nunique(),
        visits=each.count(),
        views=each.views.sum(),
        bounces=bounced.sum(),
        seconds=each.last.delta(each.first, unit="millisecond").mean() / 1000,
    )
