"""What happened in each visit?"""

from typing import Any

from reports.questions.scope import Scope, events_in


def visits(scope: Scope) -> Any:
    """Return a row a visit: visitor_id, events, views, first, last, entry, leaving and referrer.

    `entry`, `leaving` and `referrer` come from the first and last page view; they are null in a
    visit without one.
    """
    events = events_in(scope)
    viewed = events.kind == "page_view"
    return events.group_by("visit_id").agg(
        visitor_id=events.visitor_id.arbitrary(),
        events=events.count(),
        views=viewed.sum(),
        first=events.time.min(),
        last=events.time.max(),
        entry=events.path.argmin(events.time, where=viewed),
        leaving=events.path.argmax(events.time, where=viewed),
        referrer=events.referrer_host.argmin(events.time, where=viewed),
    )
