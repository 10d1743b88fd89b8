"""What stands on the sheets of an overview, in words, as it is handed to the process that draws."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Seen:
    """The share of page loads that was recorded: a heading, the bar, and what its parts are.

    A part is "yes", "no" or "none", where it begins and how long it is, in per cent.
    """

    heading: str
    bar: tuple[tuple[str, float, float], ...] = ()
    told: str = ""


@dataclass(frozen=True)
class Figure:
    """A figure; its change is "better", "worse" or "same", and '' in words without a comparison."""

    label: str
    value: str
    change: str
    direction: str


@dataclass(frozen=True)
class ListRow:
    """A row of a list; `part` is its length in per cent of the longest."""

    name: str
    one: str
    other: str
    part: float


@dataclass(frozen=True)
class TopList:
    """A list with its headings; names that do not fit lose their beginning if `cuts_beginning`."""

    title: str
    heads: tuple[str, str, str]
    rows: tuple[ListRow, ...]
    cuts_beginning: bool
    more: str


@dataclass(frozen=True)
class Counts:
    """Counts under a heading; `empty` is what stands there without any."""

    title: str
    rows: tuple[tuple[str, str], ...]
    empty: str


@dataclass(frozen=True)
class Contents:
    """An overview on paper; `chart` is a PNG, and `summary` its text alternative.

    Fonts for signs that the shipped one lacks are in `font_folder`, or where the system has them.
    """

    site: str
    title: str
    days: str
    only: str
    seen: Seen | None
    figures: tuple[Figure, ...]
    chart: bytes
    summary: str
    notes: tuple[str, ...]
    lists: tuple[TopList, ...]
    counts: tuple[Counts, ...]
    end: str
    foot: str
    made: datetime
    font_folder: str = ""
