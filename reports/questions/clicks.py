"""Which links were clicked, how often and by how many visitors?"""

from typing import Any

from reports.questions.scope import Scope, events_in, ranked


def clicks(scope: Scope, limit: int, offset: int = 0) -> Any:
    """Return a row a link: name (its address), kind, amount (clicks) and visitors."""
    events = events_in(scope)
    clicked = events.filter(events.kind == "link_click")
    seen = clicked.group_by("link_url", "link_kind", "visitor_id").agg(clicks=clicked.count())
    counted = seen.group_by(name=seen.link_url, kind=seen.link_kind).agg(
        amount=seen.clicks.sum(), visitors=seen.count()
    )
    return ranked(counted, "amount", limit, offset)
