"""Opens a warehouse as a release with other dimensions does, and prints what is seen in its lists.

It is run as a process of its own, since everything derived from the table is made at its import.
"""

import json
import sys
from contextlib import contextmanager
from dataclasses import replace
from importlib import reload
from pathlib import Path

RELEASES = {
    "older": {},
    "newer": {
        "os_version": (101, "events"),
        "title": (102, "views"),
        "utm_campaign": (103, "visits"),
        "original": (104, "clicks"),
    },
    "newest": {"title": (102, "visits"), "utm_campaign": (103, "views")},
}
"""The dimensions that each release has of columns which all have: their numbers, and by what."""
ALWAYS = ("path", "entry", "browser")
DAY, HOUR = 86_400_000, 3_600_000


def give_dimensions(release):
    """Import `askfirst.columns` with the dimensions of a release."""
    from askfirst import columns
    from askfirst.columns import dimensions, names, table

    def changed(one):
        number, by = RELEASES[release].get(one.name, (one.dimension, one.by))
        return replace(one, dimension=number, by=by)

    table.COLUMNS = tuple(map(changed, table.COLUMNS))
    for derived in (dimensions, names, columns):
        reload(derived)


def rows():
    """Return four visits of three visitors, each a day: two views and a click."""
    return [row for visit in range(4) for row in visit_on(visit)]


def visit_on(day):
    campaign = "autumn" if day == 3 else "spring"
    yield row_of(day, 0, "page_view", "/", "Home", campaign)
    yield row_of(day, 1, "page_view", "/shop", "Shop", "summer" if day % 2 else "")
    yield row_of(day, 2, "link_click", "/shop", "", "", original=f"/{day % 2}")


def row_of(day, place, kind, path, title, campaign, **others):
    from tests.askfirst.store.warehouse.streams import NOTHING, hex_of, id_of, ms, naive

    visitor = f"visitor {day % 3}"
    return {
        **NOTHING,
        "site_id": 1,
        "event_id": id_of(10 * day + place + 1),
        "kind": kind,
        "time": naive(ms("2026-05-01T12:00") + day * DAY + place * HOUR // 10),
        "visitor_id": hex_of(visitor),
        "visit_id": id_of(10 * day + 1),
        "consent_id": hex_of(f"consent of {visitor}"),
        "policy_version": 1,
        "path": path,
        "title": title,
        "utm_campaign": campaign,
        "os_version": "26" if visitor == "visitor 0" else "27",
    } | others


def fill(warehouse):
    """Store all visits, the first of which then loses the event that opens it."""
    from askfirst.columns import EVENT_COLUMNS
    from askfirst.store.warehouse.batches import batch_of
    from tests.askfirst.store.warehouse.streams import hex_of, ms

    found = rows()
    batch = batch_of({name: [row[name] for row in found] for name in EVENT_COLUMNS})
    warehouse.append(batch, "j", 1)
    close(warehouse)
    noon = ms("2026-05-01T12:00")
    assert warehouse.delete_span(1, hex_of("visitor 0"), noon, noon + 1) == 1


def close(warehouse):
    from tests.askfirst.store.warehouse.closing import close_days_at
    from tests.askfirst.store.warehouse.streams import ms

    close_days_at(warehouse, 1, "UTC", ms("2026-05-20T12:00"))


def seen_in(warehouse):
    """Return every list, without a filter and with one that all visits fulfil, and more."""
    counted = warehouse.answer("SELECT dimension FROM counts UNION ALL SELECT dimension FROM gaps")
    events = warehouse.events()
    return {
        "until": warehouse.summarised(1).until,
        "lists": lists(warehouse, filtered=False),
        "filtered": lists(warehouse, filtered=True),
        "dimensions": sorted(set(counted["dimension"].tolist())),
        "visits": sorted(set(zip(events["visit_id"], events["event_id"], strict=True))),
    }


def lists(warehouse, *, filtered):
    from askfirst.columns import DIMENSIONS
    from askfirst.store.warehouse.filters.conditions import Condition, Segment
    from askfirst.store.warehouse.filters.matching import keep_matching, narrowed
    from askfirst.store.warehouse.logical.scope import scope_between
    from reports.questions.breakdown import breakdown
    from tests.askfirst.store.warehouse.streams import ms

    period = ms("2026-05-01T00:00"), ms("2026-05-08T00:00")
    scope, page = scope_between(1, *period, "UTC", warehouse.summarised(1)), warehouse.page()
    if filtered:
        segment = Segment((Condition("path", "is", ("/shop",)),))
        keep_matching(page, scope, segment)
        scope = narrowed(scope, segment)
    found = {}
    for name in DIMENSIONS.keys() & {*ALWAYS, *RELEASES["newer"]}:
        frame = page.ask(breakdown, scope, name, 100, 0)
        columns = (frame[one].tolist() for one in ("name", "amount", "visitors"))
        found[name] = list(map(list, zip(*columns, strict=True)))
    return found


@contextmanager
def opened(engine, folder):
    import pytest

    from askfirst.store.warehouse.warehouse import Warehouse

    if engine == "duckdb":
        warehouse = Warehouse(folder / "warehouse.duckdb")
        yield warehouse
        warehouse.close()
        return
    from tests.askfirst.store.warehouse.conftest import Chdb, keep_settings

    with pytest.MonkeyPatch.context() as patch:
        keep_settings(patch)
        chdb = Chdb(folder)
        chdb.connect("default").command("CREATE DATABASE IF NOT EXISTS kept")
        warehouse = Warehouse(chdb.engine("kept", server="one"))
        yield warehouse
        warehouse.close()
        chdb.close()


def main(engine, folder, release):
    give_dimensions(release)
    seen = {}
    with opened(engine, folder) as warehouse:
        if release == "older":
            fill(warehouse)
        else:
            seen["opened"] = seen_in(warehouse)
        close(warehouse)
        seen["closed"] = seen_in(warehouse)
    if engine == "duckdb":
        with opened(engine, folder) as warehouse:
            seen["opened again"] = seen_in(warehouse)
    return seen


if __name__ == "__main__":
    found = main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
    Path(sys.argv[4]).write_text(json.dumps(found), "utf-8")
