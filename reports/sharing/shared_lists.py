"""The lists of the report that a share link opens."""

from dataclasses import dataclass, replace

import pandas as pd

from askfirst.columns import DIMENSIONS, Dimension
from askfirst.sites import Site, host_of
from reports.figures.figures import Row, rows_of
from reports.questions.breakdown import lead_of
from reports.sharing.hidden import shared_rows
from reports.url.report_view import ReportView

FIRST = ("path", "source", "entry", "leaving", "channel", "referrer", "country", "language")
"""The lists that come first; the others follow in the order of their numbers."""


@dataclass(frozen=True)
class SharedList:
    """A list of the report; `href` is the address of the whole list."""

    key: str
    title: str
    heading: str
    amount: str
    """The heading of what is counted beside visitors, or '' where visitors are all."""
    kind: str
    column: str
    rows: tuple[Row, ...]
    href: str


def told_lists(site: Site) -> list[Dimension]:
    """Return the dimensions that have a list, and of whose columns the site's policy tells."""
    untold = {name for name, purpose in site.column_purposes.items() if not purpose}
    told = [one for one in DIMENSIONS.values() if one.listed and one.texts not in untold]
    return sorted(told, key=lambda one: FIRST.index(one.name) if one.name in FIRST else len(FIRST))


def key_of_list(of: Dimension) -> str:
    """Return the name of a list in the address."""
    return of.listed.key if of.listed else ""


def list_of(view: ReportView, of: Dimension, frame: pd.DataFrame, most: int) -> SharedList:
    """Return at most so many rows of a dimension from the answer of its question."""
    listed = of.listed
    assert listed is not None  # noqa: S101 - `_told` has chosen those that are listed
    amounts = {"views": "Views", "visits": "Visits", "clicks": "Clicks"}
    found = rows_of(frame, lead_of(of.name), 1)
    return SharedList(
        key=listed.key,
        title=listed.title,
        heading=of.heading,
        amount=amounts.get(of.by, ""),
        kind=listed.kind,
        column=of.texts,
        rows=shared_rows([_placed(view.site, of, row) for row in found], most),
        href=view.address.with_(show=listed.key),
    )


def _placed(site: Site, of: Dimension, row: Row) -> Row:
    """Return the row of a link with what kind it is: one within the site is written as its path."""
    within = of.by == "clicks" and site.allows(host_of(row.name))
    return replace(row, note="internal") if within else row
