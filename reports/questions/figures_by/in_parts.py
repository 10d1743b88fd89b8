"""Counts values part by part of the visitors, so that a long period takes little memory."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from reports.questions.figures_by.counted import counted
from reports.questions.paths.used_paths import visitors_between

if TYPE_CHECKING:
    from askfirst.store.warehouse.answering.page import Page
    from reports.questions.figures_by.columns import By
    from reports.questions.scope import Scope

MOST_VISITS = 150_000
"""How many visits one part has, if visitors have as many each: it takes some 100 MB."""
_LAST_KEY = 2**31 - 1


def keep_counted(page: Page, scope: Scope, by: By, most_visits: int = MOST_VISITS) -> Scope:
    """Return the scope for which `figures_by` needs little memory; it blocks.

    A long one is counted here, part by part, and kept for the page: each visitor is in one part
    with all that belongs to it, so what is counted adds up.
    """
    parts = _parts(page, scope, most_visits)
    if len(parts) < 2:
        return scope
    found = [page.rows(_counted_of, scope, by, *one) for one in parts]
    name = page.free_name("counted")
    page.keep_rows(name, pa.concat_tables(found, promote_options="permissive"))
    return replace(scope, counted=name)


def _counted_of(scope: Scope, by: By, first: int, last: int) -> Any:
    return counted(scope, by, (first, last))


def _parts(page: Page, scope: Scope, most_visits: int) -> list[tuple[int, int]]:
    """Return the first and last keys of visitors in each part, of which all together are in one.

    Some visitors of the scope have no visit that began in it; they are in one of the parts, too.
    """
    [row] = page.rows(visitors_between, scope).to_pylist()
    count = max(1, -(-int(row["visits"]) // most_visits))
    first, last = int(row["first"]), int(row["last"])
    inner = [first + (last - first + 1) * n // count for n in range(1, count)]
    return [(here, there - 1) for here, there in pairwise((0, *inner, _LAST_KEY + 1))]
