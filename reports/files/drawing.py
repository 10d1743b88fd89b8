"""A chart that can be taken as a file: its text alternative, its table, and its Vega-Lite."""

import re
from dataclasses import dataclass
from typing import Any

from askfirst.errors import NotFound
from reports.cards.empty_words import FILTERED
from reports.formatting.template_filters import listed
from reports.url.links import dates_of
from reports.url.report_view import ReportView

NOBODY = "Nothing of this happened in these days, so there is no chart of it."
_IN_NO_SVG = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


class NothingToDraw(NotFound):
    """A chart has no data in a view; where a page can say so, it does with the way out.

    `words` say why, where it is not that nothing happened.
    """

    def __init__(self, view: ReportView, words: str = "") -> None:
        super().__init__(words or (FILTERED if view.is_filtered else NOBODY))
        self.view = view


@dataclass(frozen=True)
class Drawing:
    """A chart: its title, its text alternative, its table, and `spec`, which is its Vega-Lite.

    `words` says what each mark shows, by the mark's number; a step to the row below adds `columns`
    to it.
    """

    view: ReportView
    title: str
    summary: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: tuple[str, ...]
    spec: dict[str, Any]
    columns: int = 1
    zooms: bool = False
    """Whether the page lets its steps of time be widened."""


def about(view: ReportView) -> str:
    """Return the line below a chart's title: site, days, and whether it is of some visits only."""
    only = ", of some visits only" if view.is_filtered else ""
    return f"{view.site.name}, {dates_of(view.period)}{only}"


def drawable(name: str, kind: str) -> str:
    """Return a name as lists write it, without the signs that no SVG may have."""
    return _IN_NO_SVG.sub("\N{REPLACEMENT CHARACTER}", listed(name, kind))
