"""A visitor's file as one page: it opens without a network, and without a script."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from askfirst.columns import COLUMNS
from askfirst.system.assets import asset_path
from askfirst.text.spreadsheets import plain_cell
from askfirst.web.pages import Pages
from reports.visitors.consent_rows import consents_of
from reports.visitors.export.contents import Contents, HeldTable, Rows, manifest_of
from reports.visitors.facts import Person, person_of
from reports.visitors.timeline import (
    EVENTS_PLACE,
    RECORDS_PLACE,
    WITHDRAWALS_PLACE,
    Visit,
    visits_of,
)

_TITLES = {one.name: one.title for one in COLUMNS if one.title}
_STYLE = "static/css/staff/visitor_file.css"


@dataclass(frozen=True)
class ShownTable:
    """A table of the page: the columns that say something, and those that are empty in every row.

    Each column is its title and its name.
    """

    name: str
    what: str
    columns: tuple[tuple[str, str], ...]
    empty: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sha256: str


@dataclass(frozen=True)
class VisitorFilePage:
    """`visitor_file.html`: a visitor's timeline, and every row of every table."""

    style: Markup
    """The styles, which stand in the page."""
    policy: str
    """The page's Content-Security-Policy: it loads nothing but its own styles."""
    person: Person
    """What the visitor is called, and the sums of all visits."""
    zone: str
    """The site's time zone, for the timeline; tables are in UTC."""
    visits: tuple[Visit, ...]
    """The visits, newest first."""
    purposes: Mapping[str, str]
    """The titles of the purposes by their ids."""
    manifest: Mapping[str, Any]
    """Counts and sums, as `manifest_of` returns them."""
    tables: tuple[ShownTable, ...]
    """Every table."""


def as_html(pages: Pages, contents: Contents, rows: Rows, purposes: Mapping[str, str]) -> bytes:
    """Write the page; `rows` are those that the contents were made from."""
    style = asset_path(_STYLE).read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    events = rows.get(EVENTS_PLACE, [])
    consents = consents_of(rows.get(RECORDS_PLACE, []), rows.get(WITHDRAWALS_PLACE, []))
    context = VisitorFilePage(
        style=Markup(style),  # noqa: S704 - a file of ours, without a visitor's text
        policy=f"default-src 'none'; style-src 'sha256-{digest}'",
        person=person_of(contents.visitor_id, events, contents.site),
        zone=contents.site.time_zone,
        visits=visits_of(events, contents.site, consents),
        purposes=purposes,
        manifest=manifest_of(contents),
        tables=tuple(_shown(table) for table in contents.tables),
    )
    return pages.text("reports/visitors/export/visitor_file.html", context).encode()


def _shown(table: HeldTable) -> ShownTable:
    told = [name for name in table.columns if any(_says(row.get(name)) for row in table.rows)]
    return ShownTable(
        name=table.name,
        what=table.what,
        columns=tuple((_TITLES.get(name, ""), name) for name in told),
        empty=tuple(name for name in table.columns if name not in told),
        rows=tuple(tuple(plain_cell(row.get(name)) for name in told) for row in table.rows),
        sha256=table.sha256,
    )


def _says(value: Any) -> bool:
    return value is not None and value not in ("", 0)
