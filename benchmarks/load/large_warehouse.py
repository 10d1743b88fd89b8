"""Creates a warehouse of many generated events in DuckDB itself, and keeps it for reuse."""

import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from askfirst.store.warehouse.duckdb.files import closed_duckdb
from askfirst.store.warehouse.warehouse import Warehouse

KEPT_DAYS = 30
"""An older one is created again: its events would come near the end of their retention."""

_MODEL = """
CREATE TEMP TABLE model AS SELECT
    1 AS site_id,
    left(md5('event' || n), 22) AS event_id,
    CASE WHEN n % 4 = 3 THEN 'link_click' ELSE 'page_view' END AS kind,
    to_milliseconds(n * ?) AS time,
    md5('visitor' || person) AS visitor_id,
    left(md5('event' || (n - n % 8)), 22) AS visit_id,
    md5('consent' || person) AS consent_id,
    1 AS policy_version,
    'example.org' AS host,
    '/articles/' || page AS path,
    CASE WHEN chance % 3 = 0 THEN '' ELSE 'https://site' || (chance % 500) || '.example/page' END
        AS referrer,
    CASE WHEN chance % 3 = 0 THEN '' ELSE 'site' || (chance % 500) || '.example' END
        AS referrer_host,
    CASE WHEN chance % 20 = 0 THEN 'newsletter' ELSE '' END AS utm_source,
    CASE WHEN chance % 20 = 0 THEN 'mail' ELSE '' END AS utm_medium,
    CASE WHEN chance % 20 = 0 THEN 'month' || (chance % 12) ELSE '' END AS utm_campaign,
    CASE WHEN n % 4 = 3 THEN 'https://example.org/articles/' || (page + 1) ELSE '' END AS link_url,
    CASE WHEN n % 4 = 3 THEN 'internal' ELSE '' END AS link_kind,
    (1 + person % 223) || '.' || (person // 223 % 256) || '.' || (person % 251) || '.'
        || (person % 241) AS ip,
    ['DE', 'GB', 'US', 'FR', 'PL', 'GR', 'IN', ''][1 + person % 8] AS country,
    ['Firefox', 'Chrome', 'Safari', 'Edge'][1 + person % 4] AS browser,
    (120 + person % 25) || '.0' AS browser_version,
    ['Windows', 'Android', 'iOS', 'Mac OS X', 'Linux'][1 + person % 5] AS os,
    (10 + person % 6)::VARCHAR AS os_version,
    ['desktop', 'phone', 'phone', 'desktop', 'tablet'][1 + person % 5] AS device,
    ['de', 'en-GB', 'en-US', 'fr', 'pl', 'el'][1 + person % 6] AS language
FROM (
    SELECT n, (hash(n // 8) % (1 + ? // 20))::BIGINT AS person,
        (hash(n) % 100000)::BIGINT AS chance,
        (hash(n + 1) % 1000 * (hash(n + 2) % 1000) // 5000)::BIGINT AS page
    FROM range(?) AS numbers(n)
)
"""
_COPY = """
INSERT INTO events BY NAME SELECT * REPLACE (
    $mark || substr(event_id, 7) AS event_id,
    $mark || substr(visit_id, 7) AS visit_id,
    $mark || substr(visitor_id, 7) AS visitor_id,
    $mark || substr(consent_id, 7) AS consent_id,
    $starts::TIMESTAMP + time AS time
) FROM model WHERE rowid < $most
"""
_DAYS = 90  # within which the events lie, spread evenly, the last an hour ago
_MODEL_ROWS = 1_000_000  # made once; the others are copies of them with other ids and times


def large_warehouse(cache: Path, events: int) -> Path:
    """Return a warehouse file with so many events, created now or kept from before; copy it."""
    path = cache / f"{events}-events.duckdb"
    if path.exists() and time.time() - path.stat().st_mtime < KEPT_DAYS * 86_400:
        return path
    cache.mkdir(parents=True, exist_ok=True)
    making = path.with_suffix(".making")
    making.unlink(missing_ok=True)
    Warehouse(making).close()  # makes the tables
    _fill(making, events)
    os.replace(making, path)
    return path


def _fill(path: Path, events: int) -> None:
    rows = min(events, _MODEL_ROWS)
    step = _DAYS * 86_400_000 / events
    starts = datetime.now(tz=UTC).replace(tzinfo=None) - timedelta(days=_DAYS, hours=1)
    print(f"Making a warehouse of {events:,} events in {path.parent}.", file=sys.stderr)
    with closed_duckdb(path) as warehouse:
        warehouse.execute(_MODEL, [step, rows, rows])
        for number, first in enumerate(range(0, events, rows)):
            values = {
                "mark": f"{number:06d}",
                "starts": starts + timedelta(milliseconds=first * step),
                "most": min(rows, events - first),
            }
            warehouse.execute(_COPY, values)
