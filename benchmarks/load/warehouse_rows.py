"""SQL of DuckDB that generates a site's visits and inserts them into the stored tables.

Nine in twenty visits are one event, the others have a long tail; one visitor in three returns;
pages, sources and what is known of browsers follow Zipf's law. Visitors, visits and profiles are
numbered in the order in which they come, as appending numbers them.
"""

import duckdb

from askfirst.columns import EVENT_NUMBERS, EVENT_TEXTS, PROFILE_TEXTS

SITE = 1
DAYS = 90
"""Within which the events lie."""

_DAY_MS = 86_400_000
_VISITORS_AN_EVENT = 0.1098  # about 9.1 events a visitor, 2.3 visits a visitor

_MACROS = (
    # a number from 0 to 1 that is the same for the same seed and salt, in every run
    """CREATE TEMP MACRO chance(seed, salt) AS
    (hash(seed::BIGINT * 1024 + salt) >> 11) / 9007199254740992.0""",
    """CREATE TEMP MACRO zipf(seed, salt, most) AS
    floor(exp(chance(seed, salt) * ln(most + 1)))::INTEGER""",
)
_SITTINGS = f"""
CREATE TEMP TABLE sittings AS
WITH people AS (
    SELECT person, chance(person, 3) * {DAYS} AS base,
        CASE WHEN chance(person, 1) < 0.6667 THEN 1
        ELSE 2 + floor(-ln(1 - chance(person, 2)) * 3.7)::INTEGER END AS times
    FROM range(1, $people + 1) AS numbers(person)
), turns AS (
    SELECT person, person * 64 + turn AS seed,
        base + CASE WHEN turn = 0 THEN 0 ELSE 45 * chance(person * 64 + turn, 4) END AS day
    FROM (SELECT person, base, unnest(range(least(times, 64))) AS turn FROM people)
), timed AS (
    SELECT person, seed, $first + ({_DAY_MS} * (
        floor(CASE WHEN day < {DAYS} THEN day ELSE (day - {DAYS}) * {DAYS} / 90 END)
        + 0.1 + 0.45 * (chance(seed, 5) + chance(seed, 6))))::BIGINT AS start
    FROM turns
), apart AS (
    SELECT person, seed, start FROM timed WHERE start < $end
    QUALIFY start - coalesce(lag(start) OVER (PARTITION BY person ORDER BY start), 0) > 21600000
)
SELECT row_number() OVER (ORDER BY start, seed)::INTEGER AS visit,
    dense_rank() OVER (ORDER BY since, person)::INTEGER AS visitor, seed, start,
    CASE WHEN chance(seed, 7) < 0.45 THEN 1
    ELSE least(60, 2 + floor(-ln(1 - chance(seed, 8)) * 4.77))::INTEGER END AS events
FROM (SELECT *, min(start) OVER (PARTITION BY person) AS since FROM apart)
ORDER BY visit
"""
_ACTS = """
CREATE TEMP TABLE acts AS
WITH each AS (
    SELECT visit, visitor, start, seed * 64 + nth AS seed, nth
    FROM (SELECT *, unnest(range(events)) AS nth FROM sittings)
)
SELECT visit, visitor, seed, nth, nth > 0 AND chance(seed, 10) < 0.18 AS clicked,
    start + coalesce(sum(
        CASE WHEN nth > 0 THEN 1000 + least(1500000, -ln(1 - chance(seed, 9)) * 55000) END::BIGINT
    ) OVER (PARTITION BY visit ORDER BY nth), 0)::BIGINT AS time
FROM each
"""
_EVENTS = f"""
INSERT INTO events BY NAME
SELECT {SITE} AS site, time, visit, visitor, nth = 0 AS opens,
    CASE WHEN nth > 2 AND chance(seed, 11) < 0.002 THEN 2 * $people + visitor ELSE 0 END AS profile,
    CASE WHEN clicked THEN 2 ELSE 1 END AS kind,
    1 AS host,
    zipf(seed, 12, $paths) AS path,
    CASE WHEN sent THEN zipf(seed, 14, 5000) ELSE 0 END AS referrer,
    CASE WHEN sent THEN 1 + zipf(seed, 14, 5000) % 800 ELSE 0 END AS referrer_host,
    CASE WHEN campaign THEN zipf(seed, 16, 12) ELSE 0 END AS utm_source,
    CASE WHEN campaign THEN zipf(seed, 17, 5) ELSE 0 END AS utm_medium,
    CASE WHEN campaign THEN zipf(seed, 18, 40) ELSE 0 END AS utm_campaign,
    CASE WHEN clicked THEN zipf(seed, 19, $links) ELSE 0 END AS link_url,
    CASE WHEN clicked THEN zipf(seed, 20, 3) ELSE 0 END AS link_kind,
    CASE WHEN clicked THEN 0 ELSE zipf(seed, 12, $paths) END AS title,
    CASE WHEN sent THEN 1 + zipf(seed, 14, 5000) % 40 ELSE 0 END AS source,
    CASE WHEN sent THEN 1 + zipf(seed, 14, 5000) % 6 ELSE 1 END AS channel,
    {{nothing}},
    uuid() AS event_id
FROM (SELECT *, nth = 0 AND chance(seed, 13) > 0.45 AS sent,
    nth = 0 AND chance(seed, 15) < 0.1 AS campaign FROM acts)
WHERE time < $end ORDER BY time
"""
_OPEN_VISITS = f"""
INSERT INTO open_visits BY NAME
SELECT {SITE} AS site, visit, s.visitor, s.start, event_id AS visit_id,
    s.visitor + CASE WHEN s.visitor % 7 = 0 AND turn > 3 THEN $people ELSE 0 END AS profile
FROM (SELECT *, row_number() OVER (PARTITION BY visitor ORDER BY start) AS turn FROM sittings) s
JOIN events e USING (visit) WHERE e.opens ORDER BY visit
"""
_VISITORS = f"""
INSERT INTO visitors BY NAME
SELECT {SITE} AS site, visitor, uuid() AS visitor_id
FROM (SELECT DISTINCT visitor FROM sittings) ORDER BY visitor
"""
_CONSENTS = f"""
INSERT INTO consents BY NAME
SELECT {SITE} AS site, visitor AS consent, visitor, uuid() AS consent_id FROM visitors
ORDER BY consent
"""
_PROFILES = f"""
INSERT INTO profiles BY NAME
SELECT {SITE} AS site, profile, visitor, visitor AS consent, 1 AS policy_version,
    (1 + (visitor + CASE WHEN profile > 2 * $people THEN 77 ELSE 0 END) % $ips)::INTEGER AS ip,
    zipf(visitor, 21, 60) AS country,
    zipf(visitor, 22, 8) AS browser,
    zipf(visitor, 22, 8) * 12 + zipf(profile, 23, 12) - 12 AS browser_version,
    zipf(visitor, 24, 5) AS os,
    zipf(visitor, 25, 12) AS os_version,
    zipf(visitor, 26, 3) AS device,
    zipf(visitor, 27, 40) AS language,
    zipf(visitor, 27, 40) AS languages,
    zipf(visitor, 28, 200) AS region,
    zipf(visitor, 29, 2000) AS city,
    zipf(visitor, 30, 4) AS browser_variant,
    zipf(visitor, 31, 60) AS screen,
    {{nothing}}
FROM (
    SELECT DISTINCT profile, visitor FROM open_visits
    UNION ALL SELECT DISTINCT profile, visitor FROM events WHERE profile > 0
) ORDER BY profile
"""


def _with_nothing(statement: str, columns: tuple[str, ...]) -> str:
    """Return a statement with 0 for each of the columns that it does not make."""
    missing = [name for name in columns if f" AS {name}," not in statement]
    return statement.replace("{nothing}", ", ".join(f"0 AS {name}" for name in missing))


_EVENTS = _with_nothing(_EVENTS, (*EVENT_TEXTS, *EVENT_NUMBERS))
_PROFILES = _with_nothing(_PROFILES, PROFILE_TEXTS)
_TEXTS: dict[str, str] = {
    "host": "'example.org'",
    "path": "'/articles/' || id || '/' || left(md5(id::VARCHAR), 8)",
    "referrer": "'https://site' || (id % 800) || '.example/links/' || id",
    "referrer_host": "'site' || (id - 1) || '.example'",
    "utm_source": "'source' || id",
    "utm_medium": "'medium' || id",
    "utm_campaign": "'campaign' || id",
    "link_url": "'https://elsewhere' || (id % 97) || '.example/page/' || id",
    "link_kind": "['internal', 'outbound', 'download'][id]",
    "ip": "(11 + id // 65536) || '.' || (id // 256 % 256) || '.' || (id % 256) || '.0'",
    "country": "chr((65 + id // 26)::INTEGER) || chr((65 + id % 26)::INTEGER)",
    "browser": "['Chrome', 'Safari', 'Firefox', 'Edge', 'Samsung Internet', 'Opera', 'Vivaldi',"
    " 'Brave'][id]",
    "browser_version": "(60 + id) || '.0'",
    "os": "['Windows', 'Android', 'iOS', 'Mac OS X', 'Linux'][id]",
    "os_version": "(5 + id)::VARCHAR",
    "device": "['desktop', 'phone', 'tablet'][id]",
    "language": "'l' || id",
}
"""Each dictionary's text of a number; it holds the numbers that events or profiles have."""


def insert_rows(warehouse: duckdb.DuckDBPyConnection, events: int, paths: int, end: int) -> None:
    """Insert about so many events of the last 90 days before `end` (ms), in no summary yet.

    The tables exist and are empty. The number differs by up to one in a hundred at a million
    events, and by more at fewer.
    """
    people = max(1, round(events * _VISITORS_AN_EVENT))
    numbers = {
        "people": people,
        "first": end - DAYS * _DAY_MS,
        "end": end,
        "paths": paths,
        "links": min(2 * paths, 20_000),
        "ips": max(1, people // 3),
    }
    for statement in _MACROS:
        warehouse.execute(statement)
    for statement in (_SITTINGS, _ACTS, _EVENTS, _OPEN_VISITS, _VISITORS, _CONSENTS, _PROFILES):
        used = {name: value for name, value in numbers.items() if f"${name}" in statement}
        warehouse.execute(statement, used)
    for columns, table in ((EVENT_TEXTS, "events"), (PROFILE_TEXTS, "profiles")):
        for column in columns:
            warehouse.execute(_dictionary(column, table))


def _dictionary(column: str, table: str) -> str:
    used = f"SELECT DISTINCT {column}::INTEGER AS id FROM {table} WHERE {column} > 0"
    text = _TEXTS.get(column, f"'{column}' || id")
    return (
        "INSERT INTO texts BY NAME"
        f" SELECT '{column}' AS \"column\", id, {text} AS text FROM ({used}) ORDER BY id"
    )
