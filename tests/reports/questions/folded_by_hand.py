"""A warehouse of a stream, whose closed days are folded in plain Python."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from askfirst.columns import DIMENSIONS
from askfirst.events import EVENT_COLUMNS
from askfirst.local_days import local_day
from askfirst.store.warehouse.appending.rows import insert_columns
from askfirst.store.warehouse.batches import batch_of
from askfirst.store.warehouse.engine import Delete
from askfirst.store.warehouse.tables import TABLES
from askfirst.store.warehouse.warehouse import Warehouse

VIEW, CLICK = 1, 2


def warehouse_of(stream) -> Warehouse:
    warehouse = Warehouse(Path(":memory:"))
    for number, rows in enumerate(stream, 1):
        columns = {name: [row[name] for row in rows] for name in EVENT_COLUMNS}
        warehouse.append(batch_of(columns), "journal", number)
    return warehouse


def fold(warehouse: Warehouse, site: int, zone: str, until: int) -> None:
    """Close the days of a site before `until`."""
    with warehouse.reading() as reader:
        read = lambda name: reader.arrow(f"SELECT * FROM {name}").to_pylist()  # noqa: E731
        events, opened, profiles = read("events"), read("open_visits"), read("profiles")
    opened = {row["visit"]: row for row in opened if row["site"] == site}
    profiles = {row["profile"]: row for row in profiles}
    by_visit: dict[int, list[Any]] = defaultdict(list)
    for event in events:
        if event["site"] == site:
            by_visit[event["visit"]].append(event)
    visits = []
    counts: dict[tuple[int, int, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    seen = set()
    for visit, rows in by_visit.items():
        rows.sort(key=lambda row: (row["time"], str(row["event_id"]).replace("-", "")))
        views = [row for row in rows if row["kind"] == VIEW]
        start, lasted = rows[0]["time"], rows[-1]["time"] - rows[0]["time"]
        day, visitor = local_day(start, zone), rows[0]["visitor"]
        first = {
            "entry": views[0]["path"] if views else 0,
            "leaving": views[-1]["path"] if views else 0,
            "referrer_host": views[0]["referrer_host"] if views else 0,
        }
        if day < until:
            visits.append(
                {
                    **{k: opened[visit][k] for k in ("site", "visit", "visitor", "profile")},
                    "start": start,
                    "lasted": lasted,
                    "views": len(views),
                    "events": len(rows),
                    **first,
                    "named": False,
                }
            )
            bounce = len(views) == len(rows) == 1
            for place, amount in ((0, 1), (2, int(bounce)), (3, lasted)):
                counts[0, 0, day][place] += amount
            for one in DIMENSIONS.values():
                if one.kept == "visit" and views:
                    counts[one.number, first[one.column], day][0] += 1
                    seen.add((one.number, first[one.column], visitor, day))
        for row in rows:
            day, is_view = local_day(row["time"], zone), row["kind"] == VIEW
            if day >= until:
                continue
            profile = profiles[row["profile"] or opened[visit]["profile"]]
            for one in DIMENSIONS.values():
                value = {"event": row, "profile": profile}.get(one.kept, {}).get(one.column, 0)
                if one.kept == "visit" or (one.by == "views" and not is_view):
                    continue
                if one.by == "clicks" and row["kind"] != CLICK:
                    continue
                counts[one.number, value, day][1] += one.by == "clicks" or is_view
                seen.add((one.number, value, visitor, day))
    gaps: dict[tuple[int, int, int, int], int] = defaultdict(int)
    last: dict[tuple[int, int, int], int] = {}
    for number, value, visitor, day in sorted(seen, key=lambda one: one[3]):
        gaps[number, value, day, last.get((number, value, visitor), 0)] += 1
        last[number, value, visitor] = day
    made = {
        "counts": [(site, *key, *sums) for key, sums in counts.items()],
        "gaps": [(site, *key, number) for key, number in gaps.items()],
        "visits": [tuple(row[name] for name in TABLES["visits"].columns) for row in visits],
        "summarised": [(site, zone, until)],
    }
    moved = pa.array([row["visit"] for row in visits], pa.int32())
    operations: list[Any] = [Delete("open_visits", {"site": site}, {"visit": moved})]
    for name, rows in made.items():
        names = list(TABLES[name].columns)
        columns = {one: [row[place] for row in rows] for place, one in enumerate(names)}
        operations.append(insert_columns(name, columns))
    warehouse.engine.commit(operations, "fold")
