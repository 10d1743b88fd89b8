"""By which column figures are asked, and which of its rows, in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from askfirst.store.warehouse.compiled import Text
from askfirst.store.warehouse.logical.fulfilled import Test

Measure = Literal["name", "visitors", "visits", "views", "bounce_rate", "engaged"]


@dataclass(frozen=True)
class By:
    """A column whose values are the rows of a list. All of it shapes the question but `where`.

    `kept` says where the column is: `event`, a text that events of one `kind` have; `profile`, one
    that all events have; `visit`, what is known of a visit as a whole.
    """

    column: str
    kept: Literal["event", "profile", "visit"] = "event"
    texts: str = ""
    """The dictionary of its keys, where that is not called as the column."""
    kind: str = "page_view"
    """The kind of the events that are counted, where events have the column."""
    section: Literal["", "1", "2"] = ""
    """Of paths, how many parts a section has; '' for whole paths."""
    where: tuple[Test, ...] = ()
    """Tests of texts of events that these events have to fulfil."""
    not_found: bool = False
    """Whether only page views count that the website answered with 404."""
    reading_tells: bool = False
    """Whether notes of reading have the value, too, so that time is that of the value alone."""
    is_brief: bool = False
    """Whether visitors and views are enough, so that visits and reading are not looked up."""
    marks_visits: bool = False
    """Whether '' stands for visits of which no event has a text, not for events without one."""

    @property
    def dictionary(self) -> str:
        """The column of `texts` that its keys belong to."""
        return self.texts or self.column


SORTS: tuple[Measure, ...] = get_args(Measure)
"""What a list can be sorted by."""


@dataclass(frozen=True)
class Listing:
    """Which rows of a list are wanted, in which order: see `listing`."""

    place: int
    """By which of the measures it is sorted; a parameter, so that the question stays one."""
    sign: int
    """-1 where the largest is the first, else 1."""
    by_name: Literal["", "up", "down"] = ""
    """How it is sorted by names; '' where it is not."""
    search: tuple[Text, ...] = ()
    """One regular expression of RE2 that names have to match; or none."""
    finds_nothing: bool = False
    """Whether a search finds the row whose name is ''."""
    only: tuple[Text, ...] = ()
    """The names that are wanted, where others are not."""


def listing(
    sort: Measure = "visitors",
    descending: bool = True,
    search: str = "",
    finds_nothing: bool = False,
    only: tuple[str, ...] = (),
) -> Listing:
    """Return a listing; `search` is a regular expression, or '' for all rows."""
    by_name: Literal["", "up", "down"] = "" if sort != "name" else "down" if descending else "up"
    return Listing(
        place=SORTS.index(sort),
        sign=-1 if descending else 1,
        by_name=by_name,
        search=(Text(search),) if search else (),
        finds_nothing=finds_nothing,
        only=tuple(Text(name) for name in only),
    )
