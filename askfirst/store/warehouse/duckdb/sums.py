"""What the events of a file add up to: equal before and after a conversion, or it has failed."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING

from askfirst.columns import EVENT_TEXTS, KINDS
from askfirst.store.warehouse.duckdb.files import Limits, closed_duckdb, quoted
from askfirst.store.warehouse.identifiers import OF_SCRIPT

if TYPE_CHECKING:
    import duckdb

Sums = dict[tuple[str, ...], tuple[int, ...]]
"""Numbers by what they are of, in words: of a site its visitors, a day (UTC), a column."""

TEXTS = (
    "host", "path", "referrer", "referrer_host", "utm_source", "utm_medium", "utm_campaign",
    "link_url", "link_kind", "ip", "country", "browser", "browser_version", "os", "os_version",
    "device", "language",
)  # fmt: skip
"""The texts that an event of the first form has, beside its ids; a later column is not in it."""
NAMES = (
    "event_id", "kind", "time", "visitor_id", "visit_id", "consent_id", "policy_version", *TEXTS,
)  # fmt: skip
"""The columns that are compared, beside the site."""

_DAY = "epoch_ms(time) // 86400000"
_ROW = ", ".join(f'"{name}"' for name in NAMES)
_HASHES = ", ".join(f'sum(hash("{name}"))' for name in NAMES)

Span = tuple[int, int]
"""Times in milliseconds since the epoch: from the first up to the second, which is not in it."""
_DAYS = f"""
SELECT site_id, {_DAY} AS day, count(*), count(*) FILTER (kind = 'page_view'), sum(hash({_ROW}))
FROM ({{events}}) GROUP BY site_id, day
"""
_COLUMNS = f"SELECT site_id, {_HASHES} FROM ({{events}}) GROUP BY site_id"


def sums_of(
    connection: duckdb.DuckDBPyConnection, events: str, visitors: str, spans: Iterable[Span]
) -> Sums:
    """Return what the rows of a statement add up to, which have the columns of form 1.

    The statement has the place of two times, and is run for each span, which bounds the memory;
    `visitors` counts the visitors of each site. Hashes are added up, and so do not depend on the
    order: those of a day are of whole rows, those of a column name the column that differs.
    """
    counted = connection.execute(visitors).fetchall()
    found: Sums = {("visitors of site", str(site)): (number,) for site, number in counted}
    for first, end in spans:
        for key, numbers in _sums_in(connection, events.format(first=first, end=end)).items():
            before = found.get(key, (0,) * len(numbers))
            found[key] = tuple(map(add, before, numbers))
    return found


def _sums_in(connection: duckdb.DuckDBPyConnection, events: str) -> Sums:

    def rows(statement: str) -> list[tuple[int, ...]]:
        return connection.execute(statement.format(events=events)).fetchall()

    found: Sums = {_of(site, "day", day): tuple(of) for site, day, *of in rows(_DAYS)}
    for site, *hashes in rows(_COLUMNS):
        sums = zip(NAMES, hashes, strict=True)
        found |= {_of(site, "column", name): (number,) for name, number in sums}
    return found


def _of(site: int, what: str, which: object) -> tuple[str, ...]:
    return (what, str(which), "of site", str(site))


def sums_of_converted(path: Path, spans: Iterable[Span], limits: Limits) -> Sums:
    """Return what the events of a converted file add up to, of which no visit is closed yet."""
    with closing(closed_duckdb(path, read_only=True, limits=limits)) as connection:
        return sums_of(connection, _AS_FORM_ONE, _VISITORS, spans)


def differing(before: Sums, after: Sums) -> list[str]:
    """Return what differs between two files, in words; [] where they hold the same."""
    wrong = (key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    return [" ".join(key) for key in sorted(wrong)]


def _id_text(column: str, form: str) -> str:
    digits = f"replace({column}::VARCHAR, '-', '')"
    base64url = f"left(translate(to_base64(unhex({digits})), '+/', '-_'), 22)"
    halves = [f"substr({digits}, {place}, 16)" for place in (1, 17)]
    marked = " AND ".join(f"left({half}, 3) >= 'ff8'" for half in halves)
    letters = "concat(" + ", ".join(map(_letters, halves)) + ")"
    plain = f"CASE WHEN {marked} THEN {letters} ELSE {base64url} END"
    other = f"(SELECT any_value(text) FROM other_ids WHERE id = {column})"
    return f"coalesce({other}, {digits if form == 'hex' else plain})"


def _letters(half: str) -> str:
    """Return SQL for the text of a half of an id that our script makes (see `identifiers`)."""
    shifted = [f"(('0x' || {half})::UBIGINT >> {5 * place}) & 31" for place in range(10, -1, -1)]
    return ", ".join(f"substr('{OF_SCRIPT}', ({one})::INTEGER + 1, 1)" for one in shifted)


def _joined(name: str) -> str:
    side, text = "e" if name in EVENT_TEXTS else "p", f"t_{name}"
    of = f"(SELECT id, text FROM texts WHERE \"column\" = '{name}') AS {text}"
    return f'LEFT JOIN {of} ON {text}.id = {side}."{name}"'


_VISITORS = "SELECT site, count(*) FROM visitors GROUP BY site"
_KIND = "[" + ", ".join(quoted(kind) for kind in KINDS) + "]"
_AS_FORM_ONE = f"""
SELECT e.site AS site_id, {_id_text("e.event_id", "base64url")} AS event_id,
  {_KIND}[e.kind + 1] AS kind, make_timestamp(e.time * 1000) AS time,
  {_id_text("v.visitor_id", "hex")} AS visitor_id,
  {_id_text("o.visit_id", "base64url")} AS visit_id,
  {_id_text("c.consent_id", "hex")} AS consent_id, p.policy_version AS policy_version,
  {", ".join(f"coalesce(t_{name}.text, '') AS {name}" for name in TEXTS)}
FROM events AS e
LEFT JOIN open_visits AS o ON o.site = e.site AND o.visit = e.visit
LEFT JOIN visitors AS v ON v.site = e.site AND v.visitor = e.visitor
LEFT JOIN profiles AS p ON p.site = e.site
  AND p.profile = CASE e.profile WHEN 0 THEN o.profile ELSE e.profile END
LEFT JOIN consents AS c ON c.site = e.site AND c.consent = p.consent
{" ".join(_joined(name) for name in TEXTS)}
WHERE e.time >= {{first}} AND e.time < {{end}}
"""
"""The events of a converted file, of which no visit is closed yet, as rows of form 1."""
