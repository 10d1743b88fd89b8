"""The journal's tables, and the SQL statements on them."""

FORM = 1
"""The version of the tables, in the file's `user_version`; a change of a table raises it."""

WAITING_EVENTS = """
    SELECT seq, value AS event_id, arrived_at FROM waiting, json_each(ids)
    WHERE json_valid(ids)"""
SHIPPED_EVENTS = """
    SELECT value AS event_id, arrived_at FROM shipped, json_each(ids)
    WHERE json_valid(ids)"""
# Older versions need the views below. No statement here reads them, because a view of a schema that
# is not trusted must not call json_valid (SQLite 3.40).
SCHEMA = f"""
PRAGMA user_version = {FORM};  -- first, so that an interrupted start leaves no tables without it
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value NOT NULL);
CREATE TABLE IF NOT EXISTS waiting (
    seq INTEGER PRIMARY KEY,
    arrived_at INTEGER NOT NULL,
    events INTEGER NOT NULL,
    ids TEXT NOT NULL,
    sum INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS damaged AS SELECT * FROM waiting;
CREATE TABLE IF NOT EXISTS shipped (
    seq INTEGER PRIMARY KEY,
    arrived_at INTEGER NOT NULL,
    ids TEXT NOT NULL
);
CREATE VIEW IF NOT EXISTS waiting_events AS{WAITING_EVENTS};
CREATE VIEW IF NOT EXISTS shipped_events AS{SHIPPED_EVENTS};
INSERT OR IGNORE INTO meta VALUES ('last', 0);
"""
MOVE_LOG = "PRAGMA wal_checkpoint(PASSIVE)"
TRIMMED_AT_ONCE = 1024  # events; a request that comes meanwhile waits for at most these

NEXT = """
WITH RECURSIVE ahead (seq, total) AS (
    SELECT ?1, 0
    UNION ALL
    SELECT next.seq, total + max(1, CAST(ifnull(next.events, 1) AS INTEGER))
    FROM ahead JOIN waiting AS next
    ON next.seq = (SELECT min(seq) FROM waiting WHERE seq > ahead.seq) WHERE total < ?2
)
SELECT seq, total FROM ahead WHERE seq > ?1 ORDER BY seq
"""
"""Reads the groups after a number, with the events up to each, until there are so many.

A group has an event at least, whatever a damaged number says, so no more groups than that are read.
"""

INSERT = """
INSERT INTO waiting (seq, arrived_at, events, ids, sum, body) VALUES (?, ?, ?, ?, ?, ?)
"""
# Ids are read as bytes: damaged text may no longer be UTF-8, and then cannot be read as text.
GROUPS = "SELECT seq, events, sum, CAST(ids AS BLOB), body FROM waiting"
"""Reads the columns of `groups.StoredGroup`, in its order."""
GROUPS_BETWEEN = f"{GROUPS} WHERE seq > ? AND seq <= ? ORDER BY seq"
OF_VISITOR = f"{GROUPS} WHERE instr(body, CAST(? AS BLOB))"
IDS = "SELECT CAST(ids AS BLOB) FROM waiting WHERE seq <= ?"
KNOWN = f"""
SELECT DISTINCT event_id FROM ({SHIPPED_EVENTS})
WHERE event_id IN (SELECT value FROM json_each(CAST(? AS TEXT)))
"""
KNOW = """
INSERT INTO shipped SELECT min(0, (SELECT coalesce(min(seq), 0) FROM shipped)) - 1, ?, ?
"""
LAST_SHIPPED = "SELECT max(0, coalesce(max(seq), 0)) FROM shipped"
SHIPPED_AFTER = """
SELECT CAST(value AS BLOB), max(arrived_at) FROM shipped, json_each(ids)
WHERE json_valid(ids) AND seq > ?1 AND value NOT IN (
    SELECT value FROM shipped, json_each(ids) WHERE json_valid(ids) AND seq <= ?1
) GROUP BY value
"""
"""Reads the ids of events that are known as shipped in groups after a number, and not before it."""
FORGET_AFTER = "DELETE FROM shipped WHERE seq > ?"
LAST = """
SELECT max(value, (SELECT coalesce(max(seq), 0) FROM waiting)) FROM meta WHERE name = 'last'
"""
KEEP_LAST = "UPDATE meta SET value = max(value, ?) WHERE name = 'last'"
TRIMMING = (
    "INSERT INTO shipped SELECT seq, arrived_at, ids FROM waiting WHERE seq <= ?",
    KEEP_LAST,  # a number is never used again: the warehouse would take its row for shipped
    "DELETE FROM waiting WHERE seq <= ?",
)
SET_ASIDE = (
    "INSERT INTO damaged SELECT * FROM waiting WHERE seq = ?",
    KEEP_LAST,
    "DELETE FROM waiting WHERE seq = ?",
)
GONE = "DELETE FROM waiting WHERE seq = ? AND length(body) = 0"
LEFT = "UPDATE waiting SET events = ?, ids = ?, sum = ?, body = ? WHERE seq = ?"
