"""Which pages were viewed, how often and by how many visitors?"""

from typing import Any

from reports.questions.scope import Scope, ranked, views_in


def pages(scope: Scope, limit: int, offset: int = 0) -> Any:
    """Return a row a path: name, amount (views) and visitors; most viewed first."""
    views = views_in(scope)
    # Two steps, because counting rows of a grouped table is faster than counting distinct values.
    seen = views.group_by("path", "visitor_id").agg(views=views.count())
    counted = seen.group_by(name=seen.path).agg(amount=seen.views.sum(), visitors=seen.count())
    return ranked(counted, "amount", limit, offset)
