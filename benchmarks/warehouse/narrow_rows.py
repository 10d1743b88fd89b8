"""Raw rows, narrow: a copy of a generated warehouse with the columns that a page's questions read.

It is the layout whose times the goals were set by: integers and two tables, no summaries. The copy
is made by plain SQL from the generated rows, without the product's questions.
"""

from contextlib import closing
from pathlib import Path

from askfirst.store.warehouse.duckdb.files import closed_duckdb, quoted
from benchmarks.load.warehouse_rows import SITE

_KNOWN = """
SELECT visit, profile AS first FROM generated.open_visits
UNION ALL SELECT visit, profile FROM generated.visits
"""
_EVENTS = f"""
CREATE TABLE events AS
SELECT site::INTEGER AS site, time, visit, visitor, kind, path, referrer_host, country, browser
FROM (
    SELECT e.*, CASE WHEN e.profile > 0 THEN e.profile ELSE first END AS known
    FROM generated.events e JOIN ({_KNOWN}) USING (visit)
) JOIN (SELECT profile AS known, country, browser FROM generated.profiles) USING (known)
WHERE site = {SITE} ORDER BY site, visit, time
"""
_VISITS = """
CREATE TABLE visits AS
SELECT site, visit, visitor, min(time) AS start, max(time) - min(time) AS lasted,
    (count(*) FILTER (kind = 1))::INTEGER AS views, count(*)::INTEGER AS acts,
    coalesce(arg_min(referrer_host, time) FILTER (kind = 1), 0) AS referrer_host,
    arg_min(country, time) AS country, arg_min(browser, time) AS browser
FROM events GROUP BY site, visit, visitor ORDER BY site, start
"""
_TEXTS = """
CREATE TABLE texts AS SELECT * FROM generated.texts
WHERE "column" IN ('path', 'referrer_host', 'country', 'browser') ORDER BY "column", id
"""


def narrow_copy(generated: Path, path: Path) -> None:
    """Write the copy of a generated warehouse, which nobody has open, to a new file."""
    with closing(closed_duckdb(path, [generated])) as connection:
        connection.execute(f"ATTACH {quoted(str(generated))} AS generated (READ_ONLY)")
        for statement in (_EVENTS, _VISITS, _TEXTS):
            connection.execute(statement)
        connection.execute("DETACH generated")
