"""What a scope has of a dimension: the summaries of its closed days and its open part."""

from __future__ import annotations

from typing import Any

import ibis

from askfirst.store.warehouse.logical.opened import open_part
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.summaries import closed_part


def parts(scope: Scope, dimension: str) -> Any:
    """Return value, visits, views, bounces, ms and visitors, in rows that are to be added up."""
    found = [closed_part(scope, dimension)] if scope.closed else []
    if scope.open or not scope.closed:
        found.append(open_part(scope, dimension))
    return ibis.union(*found) if len(found) > 1 else found[0]
