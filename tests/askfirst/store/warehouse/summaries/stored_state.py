"""What a warehouse's stored tables say, in texts and plain Python, and what they should say."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, date
from typing import Any

import ibis

from askfirst.columns import DIMENSIONS, EVENT_NUMBERS, EVENT_TEXTS, KINDS, PROFILE_TEXTS
from askfirst.store.warehouse.engine import Engine
from askfirst.store.warehouse.identifiers import FORMS, id_text
from askfirst.store.warehouse.tables import TABLES, stored
from tests.askfirst.store.warehouse.oracle import Row, Visit, local_day, visits_of

Sums = dict[tuple[Any, ...], tuple[int, ...]]


class StoredState:
    """All rows of all tables, read at once."""

    def __init__(self, engine: Engine) -> None:
        with engine.reading() as reader:
            self.tables = {name: self._read(reader, engine.dialect, name) for name in TABLES}
        self.texts = {(row["column"], row["id"]): row["text"] for row in self.tables["texts"]}
        self.other = {row["id"]: row["text"] for row in self.tables["other_ids"]}
        self.closed = {row["site"]: row for row in self.tables["summarised"]}

    @staticmethod
    def _read(reader: Any, dialect: str, name: str) -> list[Row]:
        sql = _READ.get((dialect, name))
        if sql is None:
            table = stored(name)
            ids = [one for one, kind in table.schema().items() if kind.is_uuid()]
            table = table.mutate(**{one: table[one].cast("string").replace("-", "") for one in ids})
            sql = _READ[dialect, name] = str(ibis.to_sql(table, dialect=dialect))
        return list(reader.arrow(sql).to_pylist())

    def text(self, column: str, key: int) -> str:
        return self.texts[column, key] if key else ""

    def id(self, digits: str, column: str) -> str:
        return self.other.get(digits) or id_text(digits, FORMS[column])

    def sums(self, name: str) -> Sums:
        """Return the sums of a summary by site, dimension, text and the other keys."""
        table = TABLES[name]
        found: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0] * len(table.sums))
        texts = {one.number: one.texts for one in DIMENSIONS.values()}
        for row in self.tables[name]:
            if not any(row[one] for one in table.sums):
                continue
            key = (row["site"], row["dimension"], row["value"], row["day"], row.get("prev", 0))
            found[key] = [a + row[one] for a, one in zip(found[key], table.sums, strict=True)]
        return {
            (site, number, self.text(texts[number], value), day, prev): tuple(sums)
            for (site, number, value, day, prev), sums in found.items()
            if any(sums)
        }

    def rows(self) -> list[Row]:
        """Return the events as rows of `EVENT_COLUMNS`, without the order of columns."""
        visits = {
            row["visit"]: row for name in ("visits", "open_visits") for row in self.tables[name]
        }
        names = self.visit_ids()
        profiles = {row["profile"]: row for row in self.tables["profiles"]}
        consents = {row["consent"]: row["consent_id"] for row in self.tables["consents"]}
        visitors = {row["visitor"]: row["visitor_id"] for row in self.tables["visitors"]}
        found = []
        for row in self.tables["events"]:
            profile = profiles[row["profile"] or visits[row["visit"]]["profile"]]
            found.append(
                {
                    "site_id": row["site"],
                    "event_id": self.id(row["event_id"], "event_id"),
                    "kind": KINDS[row["kind"]],
                    "time": row["time"],
                    "visitor_id": self.id(visitors[row["visitor"]], "visitor_id"),
                    "visit_id": self.id(names[row["visit"]], "visit_id"),
                    "consent_id": self.id(consents[profile["consent"]], "consent_id"),
                    "policy_version": profile["policy_version"],
                    **{name: self.text(name, row[name]) for name in EVENT_TEXTS},
                    **{name: row[name] for name in EVENT_NUMBERS},
                    **{name: self.text(name, profile[name]) for name in PROFILE_TEXTS},
                }
            )
        return found

    def visit_ids(self) -> dict[int, str]:
        found = {row["visit"]: row["event_id"] for row in self.tables["events"] if row["opens"]}
        for name in ("visit_ids", "open_visits"):
            found |= {row["visit"]: row["visit_id"] for row in self.tables[name]}
        return found

    def unused(self) -> list[Any]:
        """Return the rows of dictionaries that nothing refers to."""
        events, profiles = self.tables["events"], self.tables["profiles"]
        visits = [*self.tables["visits"], *self.tables["open_visits"]]
        used_texts = {(name, row[name]) for row in events for name in EVENT_TEXTS}
        used_texts |= {(name, row[name]) for row in profiles for name in PROFILE_TEXTS}
        used = {
            "visitors": {row["visitor"] for row in events},
            "consents": {row["consent"] for row in profiles},
            "profiles": {row["profile"] for row in [*events, *visits]},
            "visits": {row["visit"] for row in events},
            "open_visits": {row["visit"] for row in events},
            "visit_ids": {row["visit"] for row in self.tables["visits"] if row["named"]},
        }
        ids = {row[name] for table, name in _IDS for row in self.tables[table]}
        return [
            *(key for key in self.texts if key not in used_texts),
            *(one for one in self.other if one not in ids),
            *(
                (table, row)
                for table, keys in used.items()
                for row in self.tables[table]
                if row[_KEYS.get(table, "visit")] not in keys
            ),
        ]


_READ: dict[tuple[str, str], str] = {}
_IDS = (
    ("events", "event_id"), ("open_visits", "visit_id"), ("visit_ids", "visit_id"),
    ("visitors", "visitor_id"), ("consents", "consent_id"),
)  # fmt: skip
_KEYS = {"visitors": "visitor", "consents": "consent", "profiles": "profile"}


def milliseconds(row: Row) -> int:
    return round(row["time"].replace(tzinfo=UTC).timestamp() * 1000)


def number(row: Row | Visit, zone: str) -> int:
    time = row.begin if isinstance(row, Visit) else row["time"]
    return (local_day(time, zone) - date(1970, 1, 1)).days


def expected_sums(rows: Iterable[Row], site: int, zone: str, until: int) -> tuple[Sums, Sums]:
    """Return the counts and gaps of a site's days before one, computed from its events."""
    mine = [row for row in rows if row["site_id"] == site and number(row, zone) < until]
    visits = [one for one in visits_of(rows, site) if number(one, zone) < until]
    seen: dict[tuple[int, str, str], set[int]] = defaultdict(set)
    visited, viewed = Counter[Any](), Counter[Any]()
    for one in DIMENSIONS.values():
        for value, visitor, day, amount in _marks(one, mine, visits, zone):
            seen[one.number, value, visitor].add(day)
            (visited if one.by == "visits" else viewed)[one.number, value, day] += amount
    bounced, lengths = Counter[Any](), Counter[Any]()
    for visit in visits:
        key = (0, "", number(visit, zone))
        visited[key] += 1
        bounced[key] += visit.is_bounce
        lengths[key] += round(visit.length.total_seconds() * 1000)
    counts = {
        (site, *key, 0): (visited[key], viewed[key], bounced[key], lengths[key])
        for key in {*visited, *viewed}
        if visited[key] or viewed[key]
    }
    gaps = Counter[Any]()
    for (dimension, value, _), days in seen.items():
        prev = 0
        for day in sorted(days):
            gaps[site, dimension, value, day, prev] += 1
            prev = day
    return counts, {key: (visitors,) for key, visitors in gaps.items()}


def _marks(one: Any, rows: list[Row], visits: list[Visit], zone: str) -> list[tuple[Any, ...]]:
    if one.by == "visits":
        found = [(of_visit(visit, one.column), visit) for visit in visits]
        return [(text, v.visitor, number(v, zone), 1) for text, v in found if text is not None]
    kinds = {"views": ("page_view",), "clicks": ("link_click",)}.get(one.by, KINDS)
    return [
        (
            row[one.column] if one.column else "",
            row["visitor_id"],
            number(row, zone),
            row["kind"] == "page_view" or one.by == "clicks",
        )
        for row in rows
        if row["kind"] in kinds
    ]


_OF_VISITS = {one.column: one.texts for one in DIMENSIONS.values() if one.kept == "visit"}


def of_visit(visit: Visit, column: str) -> str | None:
    """Return what a column of a visit should say, None without a page view."""
    return getattr(visit, column) if column in ("entry", "leaving") else visit.first(column)


def expected_visits(rows: Iterable[Row], sites: Iterable[int]) -> dict[tuple[int, str], Row]:
    """Return what the stored table of closed visits should say of each visit."""
    return {
        (site, visit.id): {
            "start": milliseconds(visit.events[0]),
            "lasted": round(visit.length.total_seconds() * 1000),
            "views": visit.views,
            "events": visit.views + visit.interactions,
            **{name: of_visit(visit, name) or "" for name in _OF_VISITS},
        }
        for site in sites
        for visit in visits_of(rows, site)
    }


def stored_visits(state: StoredState) -> dict[tuple[int, str], Row]:
    """Return what the stored table of closed visits says."""
    names = state.visit_ids()
    return {
        (row["site"], state.id(names[row["visit"]], "visit_id")): {
            **{name: row[name] for name in ("start", "lasted", "views", "events")},
            **{name: state.text(texts, row[name]) for name, texts in _OF_VISITS.items()},
        }
        for row in state.tables["visits"]
    }
