"""The lists of the overview, such as pages and countries: names, columns and tabs.

A list that summaries count stands in the line of its column in `askfirst.columns`. Events are read
for the others, which `read_lists` adds.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass

from askfirst import columns
from askfirst.columns import By as CountedBy
from askfirst.columns import Listed
from askfirst.errors import Malformed, NotFound
from askfirst.sites import Site
from askfirst.store.warehouse.filters.conditions import FIRST, VISIT_COLUMNS
from reports.overview.read_lists import CHOICES, READ, ReadList
from reports.questions.figures_by.columns import By, Measure

_AMOUNTS: dict[CountedBy, tuple[Measure, str]] = {
    "views": ("views", "Views"),
    "visits": ("visits", "Visits"),
    "clicks": ("views", "Clicks"),
    "events": ("visitors", "Views"),
}


@dataclass(frozen=True)
class Dimension:
    """What events are broken down by: a list on the overview, and a page with the whole list."""

    key: str
    """Its name in the address."""
    title: str
    """The heading of its list."""
    tab: str
    """The title of its tab, shorter where its neighbours say the rest: Entry, beside Pages."""
    column: str
    """The heading of the column of names."""
    by: By
    """The column, as `figures_by` takes it."""
    lead: Measure
    """The figure that the card goes by: visitors, visits or views."""
    views: str
    """What the figure `views` counts: Views, Clicks, Times."""
    kind: str = "path"
    """How the template filter `listed` writes a name."""
    filters: str = ""
    """The column that a condition is about which restricts the report to one of its rows."""
    summarised: str = ""
    """Its name in `askfirst.columns.DIMENSIONS`; '' where events are read."""


def _filtering(of: columns.Dimension) -> str:
    first = f"{FIRST}{of.column}"
    return first if first in VISIT_COLUMNS else of.column


def _by(of: columns.Dimension) -> By:
    if of.kept == "event":
        kind = "link_click" if of.by == "clicks" else "page_view"
        return By(of.column, texts=of.texts, kind=kind, reading_tells=of.column == "path")
    if of.kept == "visit":
        return By(of.column, "visit", of.texts)
    return By(of.column, "profile", of.texts, reading_tells=True)


def _dimension(of: columns.Dimension, listed: Listed) -> Dimension:
    lead, views = _AMOUNTS[of.by]
    return Dimension(
        key=listed.key,
        title=listed.title,
        tab=listed.tab or listed.title,
        column=of.heading,
        by=_by(of),
        lead=lead,
        views=views,
        kind=listed.kind,
        filters=_filtering(of),
        summarised=of.name,
    )


def _of_read(one: ReadList) -> Dimension:
    return Dimension(
        key=one.key,
        title=one.title,
        tab=one.tab or one.title,
        column=one.heading,
        by=one.by,
        lead=one.lead,
        views=one.views,
        kind=one.kind,
        filters=one.by.column,
    )


_LISTED = [(one, one.listed) for one in columns.DIMENSIONS.values() if one.listed]
_COUNTED = {listed.key: _dimension(one, listed) for one, listed in _LISTED}
DIMENSIONS: dict[str, Dimension] = _COUNTED | {one.key: _of_read(one) for one in READ}
"""The lists by their names in the address."""

_CARDS = {
    "pages": ("Pages", ("pages", "titles", "hosts", "sections", "entry-pages", "exit-pages")),
    "sources": ("Sources", ("channels", "sources", "referrers", "campaigns")),
    "people": ("Places", ("countries", "regions", "cities", "languages")),
    "technology": ("What people use", ("browsers", "operating-systems", "devices", "screens")),
    "links": ("Links", ("clicks", "outbound", "internal", "downloads")),
    "actions": ("Actions", ("events", "forms", "not-found")),
}


def _keys_of(card: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return the lists of a card: those named for it, and whichever other columns name it."""
    more = (listed.key for _, listed in _LISTED if listed.card == card and listed.key not in keys)
    return (*keys, *more)


GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    card: (title, _keys_of(card, keys)) for card, (title, keys) in _CARDS.items()
}
"""The cards of the overview: name in the address, title, and the keys of the lists in tabs."""

NUMBERS: dict[str, int] = {listed.key: one.number for one, listed in _LISTED}
"""The numbers of summarised lists in the table of columns, by their names in the address."""


def column_of(key: str) -> str:
    """Return the column whose values are the rows of a list."""
    return DIMENSIONS[key].by.dictionary


def tabs_of(card: str, site: Site, chosen: str) -> tuple[str, ...]:
    """Return the keys of the lists that a card offers for a site, the chosen one in any case.

    One whose column the policy does not tell of is empty, and hosts are a list where there may be
    several.
    """
    several = len(site.hosts) > 1 or any(host.startswith("*.") for host in site.hosts)
    untold = untold_of(site)
    return tuple(
        key
        for key in GROUPS[card][1]
        if key == chosen or (column_of(key) not in untold and (key != "hosts" or several))
    )


def untold_of(site: Site) -> frozenset[str]:
    """Return the columns that the site's policy does not tell of."""
    return frozenset(name for name, purpose in site.column_purposes.items() if not purpose)


def chosen_tabs(query: Mapping[str, str], untold: Container[str] = ()) -> dict[str, str]:
    """Read which tab each card of the overview shows; raises `Malformed` naming the card.

    Where the address says nothing it is the first whose column is not `untold`.
    """
    chosen = {}
    for name, (_, keys) in GROUPS.items():
        told = [key for key in keys if column_of(key) not in untold]
        chosen[name] = query.get(name, (told or keys)[0])
        if chosen[name] not in keys:
            raise Malformed(f"The card shows one of {', '.join(keys)}.", field=name)
    return chosen


def dimension_of(key: str) -> Dimension:
    """Return the list of a key in the address; raises `NotFound`."""
    if (found := DIMENSIONS.get(key)) is None:
        raise NotFound("There is no such list.")
    return found


def choices_of(key: str) -> dict[str, str]:
    """Return the lists among which a whole list is one: key and words; none where it is alone."""
    return next((among for among in CHOICES if key in among), {})
