"""A warehouse file of the first form, made by hand: one table of strings, and no version."""

from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from askfirst.store.warehouse.identifiers import FORMS, id_text

TEXTS = (
    "host", "path", "referrer", "referrer_host", "utm_source", "utm_medium", "utm_campaign",
    "link_url", "link_kind", "ip", "country", "browser", "browser_version", "os", "os_version",
    "device", "language",
)  # fmt: skip
COLUMNS = (
    "site_id", "event_id", "kind", "time", "visitor_id", "visit_id", "consent_id",
    "policy_version", *TEXTS,
)  # fmt: skip
_KINDS = {"site_id": "INTEGER", "policy_version": "INTEGER", "time": "TIMESTAMP"}
NOON = datetime(2026, 1, 1, 12)  # noqa: DTZ001 - the warehouse keeps plain UTC


def an_old_row(**changes: Any) -> dict[str, Any]:
    """Return an event; texts that are not named are ''."""
    facts = {
        "site_id": 1,
        "event_id": "Hvkmyg-ecO0KrsmwAnvUuQ",
        "kind": "page_view",
        "time": NOON,
        "visitor_id": "a" * 32,
        "visit_id": "Hvkmyg-ecO0KrsmwAnvUuQ",
        "consent_id": "c" * 32,
        "policy_version": 1,
    }
    return {**facts, **dict.fromkeys(TEXTS, ""), **changes}


def some_old_rows(number: int) -> list[dict[str, Any]]:
    """Return events of some visitors, two in each visit."""
    return [
        an_old_row(
            event_id=f"{n:021d}A",
            visit_id=f"{n - n % 2:021d}A",
            visitor_id=f"{n // 4:032x}",
            time=NOON + timedelta(minutes=7 * n),
            path=f"/page/{n % 3}",
            country="DE" if n % 5 else "",
        )
        for n in range(number)
    ]


def make_old_warehouse(
    path: Path, rows: list[dict[str, Any]], shipped: dict[str, int] | None = None
) -> Path:
    """Write a file as releases before the version of its form have made it."""
    with closing(duckdb.connect(str(path))) as connection:
        columns = ", ".join(f"{name} {_KINDS.get(name, 'VARCHAR')} NOT NULL" for name in COLUMNS)
        connection.execute(f"CREATE TABLE events ({columns})")
        connection.execute(
            "CREATE TABLE shipped (journal VARCHAR PRIMARY KEY, seq BIGINT NOT NULL)"
        )
        marks = ", ".join("?" * len(COLUMNS))
        values = [[row[name] for name in COLUMNS] for row in rows]
        if values:
            connection.executemany(f"INSERT INTO events VALUES ({marks})", values)
        for journal, seq in (shipped or {}).items():
            connection.execute("INSERT INTO shipped VALUES (?, ?)", [journal, seq])
    return path


def rows_in(path: Path) -> list[dict[str, Any]]:
    """Return the events of a converted file as rows of the first form, put together by hand."""
    with closing(duckdb.connect(str(path), read_only=True)) as connection:

        def table(name: str) -> list[dict[str, Any]]:
            found = connection.execute(f"SELECT * FROM {name}")
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

        texts = {(row["column"], row["id"]): row["text"] for row in table("texts")}
        others = {row["id"]: row["text"] for row in table("other_ids")}
        visits = {row["visit"]: row for row in table("open_visits")}
        visitors = {row["visitor"]: row["visitor_id"] for row in table("visitors")}
        consents = {row["consent"]: row["consent_id"] for row in table("consents")}
        profiles = {row["profile"]: row for row in table("profiles")}
        events = table("events")

    def an_id(name: str, stored: Any) -> str:
        return others[stored] if stored in others else id_text(stored.hex, FORMS[name])

    made = []
    for event in events:
        visit = visits[event["visit"]]
        profile = profiles[event["profile"] or visit["profile"]]
        made.append(
            {
                "site_id": event["site"],
                "event_id": an_id("event_id", event["event_id"]),
                "kind": ("", "page_view", "link_click")[event["kind"]],
                "time": datetime(1970, 1, 1) + timedelta(milliseconds=event["time"]),  # noqa: DTZ001
                "visitor_id": an_id("visitor_id", visitors[event["visitor"]]),
                "visit_id": an_id("visit_id", visit["visit_id"]),
                "consent_id": an_id("consent_id", consents[profile["consent"]]),
                "policy_version": profile["policy_version"],
                **{
                    name: texts[name, key] if key else ""
                    for name in TEXTS
                    for key in [event.get(name, profile.get(name))]
                },
            }
        )
    return made
