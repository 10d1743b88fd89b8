"""Counts steps part by part, so that a long period takes no more memory than a short one.

What comes before and after a page is counted by parts of the period, as visits add up; paths by
parts of the visitors, as visitors do only where all their visits are in one part.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import pandas as pd
import pyarrow as pa

from askfirst.store.warehouse.answering.page import Page
from reports.questions.paths.flow import flow, flow_of_tied
from reports.questions.paths.used_paths import paths_of, used_paths, visitors_between
from reports.questions.scope import Scope, raw

MOST_VISITS = 150_000
"""How many visits one part has, if they are spread evenly: it takes some 100 MB."""


def parts_of(scope: Scope, visits: int) -> tuple[Scope, ...]:
    """Return scopes that follow each other and make up one, in which so many visits began."""
    count = max(1, -(-visits // MOST_VISITS))
    edges = [scope.start + (scope.end - scope.start) * n // count for n in range(count + 1)]
    whole = raw(scope)
    return tuple(
        replace(whole, start=here, end=there, open_from=here) for here, there in pairwise(edges)
    )


def flow_through(page: Page, parts: Iterable[Scope], key: int, with_links: bool) -> pd.DataFrame:
    """Return side, step and times of a page by its key, in all parts together; it blocks."""
    found = [_part(page, part, key, with_links) for part in parts]
    whole: pd.DataFrame = pd.concat(found).groupby(["side", "step"])[["times"]].sum().reset_index()
    return whole


def _part(page: Page, part: Scope, key: int, with_links: bool) -> pd.DataFrame:
    rows = page.ask(flow, part, key, with_links)
    is_tied = rows["tied"] > 0
    if not is_tied.any():
        return rows
    visits = rows.loc[is_tied, "tied"].unique().astype("int32")
    page.keep_rows("tied", pa.table({"visit": visits}))
    return pd.concat([rows[~is_tied], page.ask(flow_of_tied, part, key, with_links)])


def most_used(
    page: Page, scope: Scope, length: str, with_links: bool, limit: int, offset: int = 0
) -> pd.DataFrame:
    """Return the answer of `used_paths` about a scope; it blocks."""
    [row] = page.ask(visitors_between, scope).to_dict("records")
    edges = edges_of(int(row["first"]), int(row["last"]), int(row["visits"]))
    found = [page.rows(paths_of, scope, length, with_links, *one) for one in edges]
    page.keep_rows("paths", pa.concat_tables(found, promote_options="permissive"))
    return page.ask(used_paths, length, limit, offset)


def edges_of(first: int, last: int, visits: int) -> tuple[tuple[int, int], ...]:
    """Return the first and last keys of visitors in each part, from `first` to `last`."""
    size = -(-(last - first + 1) // max(1, -(-visits // MOST_VISITS)))
    return tuple((one, min(one + size - 1, last)) for one in range(first, last + 1, size))
