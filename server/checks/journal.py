"""What waits in a journal, as `askfirst check` and its repair read it."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from askfirst.errors import Misconfigured
from askfirst.store.sqlite_files import open_sqlite
from collector.journal.checksum import matches_crc32
from collector.journal.tables import SHIPPED_AFTER, SHIPPED_EVENTS, WAITING_EVENTS

_LAST_MADE = "SELECT 1 FROM sqlite_schema WHERE name = 'shipped_events'"


@dataclass(frozen=True)
class Waiting:
    """The journal's events that wait: its id, its last number, and (seq, event id) of each.

    The id is '' where a start has not made all tables yet: nothing is in such a journal. `aside` is
    the number of events that were set aside because their bytes had changed; `changed` has (seq,
    number of events) of the groups whose bytes have changed and that are not set aside yet.
    """

    journal: str
    last: int
    rows: list[tuple[int, str]]
    aside: int
    changed: list[tuple[int, int]]


_NOTHING = Waiting("", 0, [], 0, [])


def read_waiting(path: Path) -> Waiting:
    """Read the events that wait in a journal and are not known as shipped."""
    asked = f"SELECT seq, event_id FROM ({WAITING_EVENTS})"
    asked += f" WHERE event_id NOT IN (SELECT event_id FROM ({SHIPPED_EVENTS}))"
    try:
        with closing(open_sqlite(path)) as connection:
            connection.text_factory = _text
            if connection.execute(_LAST_MADE).fetchone() is None:
                return _NOTHING
            facts = dict(connection.execute("SELECT name, value FROM meta").fetchall())
            if "journal" not in facts:
                return _NOTHING
            rows = connection.execute(asked).fetchall()
            top = connection.execute("SELECT coalesce(max(seq), 0) FROM waiting").fetchone()[0]
            aside = connection.execute("SELECT coalesce(sum(events), 0) FROM damaged").fetchone()[0]
            changed = _changed(connection)
    except sqlite3.DatabaseError as error:
        raise Misconfigured(f"The journal {path} cannot be read.") from error
    last = max(int(facts["last"]), int(top))
    return Waiting(str(facts["journal"]), last, rows, int(aside), changed)


def read_shipped(path: Path, after: int) -> list[str]:
    """Read the ids of events that are known to have been shipped after a number, and no sooner."""
    try:
        with closing(open_sqlite(path)) as connection:
            rows = connection.execute(SHIPPED_AFTER, (after,)).fetchall()
    except sqlite3.DatabaseError as error:
        raise Misconfigured(f"The journal {path} cannot be read.") from error
    return [_text(event_id) for event_id, _ in rows]


def _text(content: bytes) -> str:
    """Read a text whose bytes may have changed."""
    return content.decode(errors="replace")


def _changed(connection: sqlite3.Connection) -> list[tuple[int, int]]:
    groups = connection.execute("SELECT seq, events, sum, CAST(ids AS BLOB), body FROM waiting")
    return [(seq, events) for seq, events, *group in groups if not matches_crc32(*group)]
