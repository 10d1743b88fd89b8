"""The lists of the overview: their names, their columns and the question behind each."""

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
class ListOf:
    """One list: its key in the address, its words, and how its names are written.

    `amount` is what the question's column of that name counts; `kind` chooses the filter that
    writes a name; `by_visitors` puts visitors first and hides the amount.
    """

    key: str
    title: str
    column: str
    amount: str
    question: Question
    values: tuple[Any, ...] = ()
    kind: str = "path"
    by_visitors: bool = False

    @property
    def tab(self) -> str:
        """The title where its neighbours say the rest: Entry, beside Pages."""
        return _SHORT.get(self.key, self.title)


_SHORT = {"entry-pages": "Entry", "exit-pages": "Exit", "operating-systems": "Systems"}


def _attribute(key: str, title: str, column: str, name: str, kind: str = "attribute") -> ListOf:
    return ListOf(key, title, name, "Views", attribute, (column,), kind, by_visitors=True)


LISTS: dict[str, ListOf] = {
    one.key: one
    for one in (
        ListOf("pages", "Pages", "Page", "Views", pages),
        ListOf("entry-pages", "Entry pages", "Page", "Visits", entry_pages),
        ListOf("exit-pages", "Exit pages", "Page", "Visits", exit_pages),
        ListOf("referrers", "Referrers", "Site", "Visits", referrers, kind="referrer"),
        ListOf("clicks", "Clicks", "Link", "Clicks", clicks, kind="link"),
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
"""The cards of the overview: their name in its address, their title, and their lists as tabs."""

SCANNED: dict[str, str] = {
    "entry-pages": "entry",
    "exit-pages": "leaving",
    "referrers": "referrer",
    "countries": "country",
    "browsers": "browser",
    "operating-systems": "os",
    "devices": "device",
    "languages": "language",
}
"""Lists that the overview gets out of a shared scan: their name in its column `list`."""


def chosen_tabs(query: Mapping[str, str]) -> dict[str, str]:
    """Read which list each card of the overview shows; raises `Malformed` naming the card."""
    chosen = {}
    for name, (_, keys) in GROUPS.items():
        chosen[name] = query.get(name, keys[0])
        if chosen[name] not in keys:
            raise Malformed(f"The card shows one of {', '.join(keys)}.", field=name)
    return chosen


def list_named(key: str) -> ListOf:
    """Return the list of a key in the address; raises `NotFound`."""
    if (found := LISTS.get(key)) is None:
        raise NotFound("There is no such list.")
    return found
