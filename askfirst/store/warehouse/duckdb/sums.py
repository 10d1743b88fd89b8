"""What the events of a file add up to: equal before and after a conversion, or it has failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
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

Span = tuple[int, int]
"""Times in milliseconds since the epoch: from the first up to the second, which is not in it."""

_KEEP = "CREATE OR REPLACE TEMP TABLE compared AS {events}"
_COUNTS = """
SELECT site_id, epoch_ms(time) // 86400000 AS day, count(*), count(*) FILTER (kind = 'page_view')
FROM compared GROUP BY site_id, day
"""
_HASHES = """
SELECT site_id, epoch_ms(time) // 86400000 AS day, sum(hash(event_id, {value}))
FROM compared AS e {join} GROUP BY site_id, day
"""


@dataclass(frozen=True)
class Form:
    """How a file is read: statements, each with the place of two times, or for a column of texts.

    What they need of memory is bounded: at most the events of a span are held or joined at once.
    """

    events: str
    """Selects the events of a span, with the columns of form 1, in which a text may be a key."""
    visitors: str
    """Counts the visitors of each site."""
    text: str = '"{name}"'
    """The value of a column of texts."""
    join: str = ""
    """What this value is found in."""


def sums_of(connection: duckdb.DuckDBPyConnection, form: Form, spans: Iterable[Span]) -> Sums:
    """Return what the events of some spans add up to.

    Of each site and day: the events and the page views; of each column of it the sum of a hash of
    each value with the event's id. Sums do not depend on the order.
    """
    counted = connection.execute(form.visitors).fetchall()
    found: Sums = {("visitors of site", str(site)): (number,) for site, number in counted}
    for first, end in spans:
        events = form.events.format(first=first, end=end)
        connection.execute(_KEEP.format(events=events))
        for key, numbers in _sums_in(connection, form):
            before = found.get(key, (0,) * len(numbers))
            found[key] = tuple(map(add, before, numbers))
    return found


def _sums_in(
    connection: duckdb.DuckDBPyConnection, form: Form
) -> Iterator[tuple[tuple[str, ...], tuple[int, ...]]]:
    for site, day, *numbers in connection.execute(_COUNTS).fetchall():
        yield _of(site, "day", day), tuple(numbers)
    for name in NAMES:
        value, join = (form.text, form.join) if name in TEXTS else (f'"{name}"', "")
        statement = _HASHES.format(value=value.format(name=name), join=join.format(name=name))
        for site, day, number in connection.execute(statement).fetchall():
            yield (*_of(site, "day", day), "column", name), (number,)


def _of(site: int, what: str, which: object) -> tuple[str, ...]:
    return (what, str(which), "of site", str(site))


def sums_of_converted(path: Path, spans: Iterable[Span], limits: Limits) -> Sums:
    """Return what the events of a converted file add up to, of which no visit is closed yet."""
    with closing(closed_duckdb(path, read_only=True, limits=limits)) as connection:
        return sums_of(connection, _CONVERTED, spans)


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


_KIND = "[" + ", ".join(quoted(kind) for kind in KINDS) + "]"
_CONVERTED = Form(
    events=f"""
WITH e AS MATERIALIZED (SELECT * FROM events WHERE time >= {{first}} AND time < {{end}}),
o AS MATERIALIZED (SELECT * FROM open_visits WHERE visit IN (SELECT visit FROM e)),
p AS MATERIALIZED (
  SELECT * FROM profiles
  WHERE profile IN (SELECT profile FROM o UNION ALL SELECT profile FROM e)
)
SELECT e.site AS site_id, {_id_text("e.event_id", "base64url")} AS event_id,
  {_KIND}[e.kind + 1] AS kind, make_timestamp(e.time * 1000) AS time,
  {_id_text("v.visitor_id", "hex")} AS visitor_id,
  {_id_text("o.visit_id", "base64url")} AS visit_id,
  {_id_text("c.consent_id", "hex")} AS consent_id, p.policy_version AS policy_version,
  {", ".join(f'{"e" if name in EVENT_TEXTS else "p"}."{name}"' for name in TEXTS)}
FROM e
LEFT JOIN o ON o.site = e.site AND o.visit = e.visit
LEFT JOIN (SELECT * FROM visitors WHERE visitor IN (SELECT visitor FROM e)) AS v
  ON v.site = e.site AND v.visitor = e.visitor
LEFT JOIN p ON p.site = e.site
  AND p.profile = CASE e.profile WHEN 0 THEN o.profile ELSE e.profile END
LEFT JOIN (SELECT * FROM consents WHERE consent IN (SELECT consent FROM p)) AS c
  ON c.site = e.site AND c.consent = p.consent
""",
    visitors="SELECT site, count(*) FROM visitors GROUP BY site",
    text="coalesce(t.text, '')",
    join="""
LEFT JOIN (
  SELECT id, text FROM texts
  WHERE "column" = '{name}' AND id IN (SELECT "{name}" FROM compared)
) AS t ON t.id = e."{name}"
""",
)
"""A converted file, of which no visit is closed yet; its texts are keys of the table `texts`."""
