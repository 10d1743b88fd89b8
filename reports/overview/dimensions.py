"""The dimensions of the overview, such as pages and countries: names, columns and queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from askfirst.errors import Malformed, NotFound
from askfirst.store.warehouse.warehouse import Question
from reports.questions.arrivals import entry_pages, exit_pages, referrers
from reports.questions.attributes import attribute
from reports.questions.clicks import clicks
from reports.questions.pages import pages


@dataclass(frozen=True)
class Dimension:
    """What events are broken down by: a list on the overview, and a page with the whole list."""

    key: str
    """Its name in the address."""
    title: str
    """The heading of its list."""
    column: str
    """The heading of the column of names."""
    amount: str
    """The heading of the column `amount`: what that counts."""
    question: Question
    """The query; it takes the scope, `values`, a limit and an offset."""
    values: tuple[Any, ...] = ()
    """What the query takes between the scope and the limit."""
    kind: str = "path"
    """How the template filter `listed` writes a name."""
    by_visitors: bool = False
    """Whether rows are ordered by visitors, and the amount is not shown."""

    @property
    def tab(self) -> str:
        """The title of its tab, shorter where its neighbours say the rest: Entry, beside Pages."""
        return _SHORT.get(self.key, self.title)


_SHORT = {"entry-pages": "Entry", "exit-pages": "Exit", "operating-systems": "Systems"}


def _attribute(key: str, title: str, column: str, name: str, kind: str = "attribute") -> Dimension:
    return Dimension(key, title, name, "Views", attribute, (column,), kind, by_visitors=True)


DIMENSIONS: dict[str, Dimension] = {
    one.key: one
    for one in (
        Dimension("pages", "Pages", "Page", "Views", pages),
        Dimension("entry-pages", "Entry pages", "Page", "Visits", entry_pages),
        Dimension("exit-pages", "Exit pages", "Page", "Visits", exit_pages),
        Dimension("referrers", "Referrers", "Site", "Visits", referrers, kind="referrer"),
        Dimension("clicks", "Clicks", "Link", "Clicks", clicks, kind="link"),
        _attribute("countries", "Countries", "country", "Country", "country"),
        _attribute("browsers", "Browsers", "browser", "Browser"),
        _attribute("operating-systems", "Operating systems", "os", "System"),
        _attribute("devices", "Devices", "device", "Device", "device"),
        _attribute("languages", "Languages", "language", "Language", "language"),
    )
}

GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "pages": ("Pages", ("pages", "entry-pages", "exit-pages")),
    "sources": ("Sources", ("referrers",)),
    "people": ("Where people are", ("countries", "languages")),
    "technology": ("What people use", ("browsers", "operating-systems", "devices")),
    "links": ("Links", ("clicks",)),
}
"""The cards of the overview: name in the address, title, and the keys of the dimensions in tabs."""

SHARED_SCANS: dict[str, str] = {
    "entry-pages": "entry",
    "exit-pages": "leaving",
    "referrers": "referrer",
    "countries": "country",
    "browsers": "browser",
    "operating-systems": "os",
    "devices": "device",
    "languages": "language",
}
"""Dimensions that the overview reads in a shared scan, by key: their name in its column `list`."""


def chosen_tabs(query: Mapping[str, str]) -> dict[str, str]:
    """Read which tab each card of the overview shows; raises `Malformed` naming the card."""
    chosen = {}
    for name, (_, keys) in GROUPS.items():
        chosen[name] = query.get(name, keys[0])
        if chosen[name] not in keys:
            raise Malformed(f"The card shows one of {', '.join(keys)}.", field=name)
    return chosen


def dimension_of(key: str) -> Dimension:
    """Return the dimension of a key in the address; raises `NotFound`."""
    if (found := DIMENSIONS.get(key)) is None:
        raise NotFound("There is no such list.")
    return found
