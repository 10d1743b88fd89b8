"""Who was here, and what was last known of them?"""

from typing import Any

import ibis

from reports.questions.scope import Scope, events_in


def visitors(scope: Scope, limit: int, offset: int = 0) -> Any:
    """Give a row a visitor, last seen first: visitor_id, first, last, visits, views and more."""
    events = events_in(scope)
    latest = {
        name: events[name].argmax(events.time) for name in ("country", "browser", "os", "device")
    }
    counted = events.group_by("visitor_id").agg(
        first=events.time.min(),
        last=events.time.max(),
        visits=events.visit_id.nunique(),
        views=(events.kind == "page_view").sum(),
        referrer=events.referrer_host.argmin(events.time),
        **latest,
    )
    return counted.order_by(ibis.desc("last"), "visitor_id").limit(limit, offset=offset)
