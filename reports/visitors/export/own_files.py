"""The files for programs that a visitor takes along: tables, data, and the schema of the data."""

from collections.abc import Callable, Mapping

from askfirst.sites import Site
from reports.visitors.export.contents import Rows, contents_of
from reports.visitors.export.schema import schema_file
from reports.visitors.export.texts import as_json, csv_files


def own_files(
    site: Site, visitor_id: str, rows: Rows, now: int, told: Callable[[int, int], None]
) -> Mapping[str, bytes]:
    """Return the files by their names; `rows` are those of every holder.

    `told` is called with how many of the steps are done, and of how many; what it raises ends this.
    """
    contents = contents_of(site, visitor_id, rows, now)
    told(1, 4)
    tables = {f"tables/{name}": body for name, body in csv_files(contents).items()}
    told(2, 4)
    data = as_json(contents)
    told(3, 4)
    schema = schema_file(contents)
    told(4, 4)
    return {"data.json": data, "schema.json": schema, **tables}
