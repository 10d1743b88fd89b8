"""The files that a visitor takes along: a page, tables, data for programs and their schema."""

import asyncio
from collections.abc import Mapping

from askfirst.sites import Site
from askfirst.store.ledger.site_book import SiteBook
from askfirst.web.pages import Pages
from reports.visitors.consent_rows import purpose_titles
from reports.visitors.export.contents import Rows, contents_of
from reports.visitors.export.schema import schema_file
from reports.visitors.export.texts import as_json, csv_files
from reports.visitors.export.visitor_file import as_html


async def own_files(
    site: Site, visitor_id: str, rows: Rows, book: SiteBook, pages: Pages, now: int
) -> Mapping[str, bytes]:
    """Return the files by their names; `rows` are those of every holder."""
    titles = await purpose_titles(book, site)

    def written() -> dict[str, bytes]:
        contents = contents_of(site, visitor_id, rows, now)
        tables = {f"tables/{name}": body for name, body in csv_files(contents).items()}
        return {
            "page.html": as_html(pages, contents, rows, titles),
            "data.json": as_json(contents),
            "schema.json": schema_file(contents),
            **tables,
        }

    return await asyncio.to_thread(written)
