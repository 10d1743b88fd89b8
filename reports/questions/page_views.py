"""How many page views were recorded?"""

from typing import Any

from reports.questions.scope import Scope, views_in


def page_views(scope: Scope) -> Any:
    """Return one row: views."""
    events = views_in(scope)
    return events.agg(views=events.count())
