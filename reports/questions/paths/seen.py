"""In how many visits, and by how many visitors, was a page viewed?"""

from typing import Any

from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from reports.questions.paths.steps import begun, views_of


def seen(scope: Scope, page: int) -> Any:
    """Return one row: the visits that began in the scope and view a page, and their visitors."""
    views = views_of(scope, page).semi_join(begun(scope), "visit")
    return views.agg(visits=int64(views.visit.nunique()), visitors=int64(views.visitor.nunique()))
