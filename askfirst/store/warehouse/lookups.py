"""Lookups by which events are shipped once: ids and keys that are there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from askfirst.store.warehouse.appending.rows import arrow_table
from askfirst.store.warehouse.identifiers import FORMS, stored_id, text_of
from askfirst.store.warehouse.tables import stored

if TYPE_CHECKING:
    from askfirst.store.warehouse.engine import Reader

_IDS = {"event_id": "string"}
_ID = {"site": "int32", "id": "string"}
_TEXT = {"column": "string", "text": "string"}


def visits(reader: Reader, dialect: str) -> list[tuple[int, str, str]]:
    """Return (site, visitor, visit) of every visit; the site of what is left out is positive."""
    rows = reader.arrow(_sql(_visits, dialect)).to_pydict()
    others = other_ids(reader, dialect)
    return [
        (
            abs(site),
            text_of(visitor, FORMS["visitor_id"], others),
            text_of(visit, FORMS["visit_id"], others),
        )
        for site, visitor, visit in zip(*rows.values(), strict=True)
    ]


def visitors_between(reader: Reader, dialect: str, first: int, until: int) -> list[tuple[int, str]]:
    """Return (site, visitor) of whoever has an event from a time on and before another (ms)."""
    values = {"since": first, "until": until}
    rows = reader.arrow(_sql(_visitors_between, dialect), values).to_pydict()
    others, form = other_ids(reader, dialect), FORMS["visitor_id"]
    found = zip(rows["site"], rows["visitor_id"], strict=True)
    return sorted({(abs(site), text_of(visitor, form, others)) for site, visitor in found})


def event_ids_since(reader: Reader, dialect: str, since: datetime) -> list[tuple[str, int]]:
    """Return (event id, time in milliseconds) of the events since a UTC time."""
    values = {"since": milliseconds(since)}
    rows = reader.arrow(_sql(_event_ids, dialect), values).to_pydict()
    others, form = other_ids(reader, dialect), FORMS["event_id"]
    texts = (text_of(one, form, others) for one in rows["event_id"])
    return list(zip(texts, rows["time"], strict=True))


def known_among(reader: Reader, dialect: str, ids: Sequence[str], since: datetime) -> set[str]:
    """Return the event ids that the warehouse holds among these, of events since a UTC time."""
    stored_ids = {stored_id(one, FORMS["event_id"]): one for one in ids}
    beside = {"asked": arrow_table({"event_id": list(stored_ids)}, _IDS)}
    values = {"since": milliseconds(since)}
    rows = reader.arrow(_sql(_known, dialect), values, beside).to_pydict()
    return {stored_ids[one] for one in rows["event_id"]}


def other_ids(reader: Reader, dialect: str) -> dict[str, str]:
    """Return the texts of ids that are not canonical, by the 32 digits of what is stored."""
    rows = reader.arrow(_sql(_other_ids, dialect)).to_pydict()
    return dict(zip(rows["id"], rows["text"], strict=True))


def text_key(reader: Reader, dialect: str, column: str, text: str) -> int | None:
    """Return the key of a text in a column's dictionary, or None."""
    beside = {"asked": arrow_table({"column": [column], "text": [text]}, _TEXT)}
    found = reader.arrow(_sql(_text_key, dialect), beside=beside).to_pydict()["id"]
    return found[0] if found else None


def visitor_keys(reader: Reader, dialect: str, site: int, digits: str) -> list[int]:
    """Return the keys of a site's visitor with this stored id: one, or none."""
    return _keys(reader, dialect, _visitor_keys, site, digits)


def visit_keys(reader: Reader, dialect: str, site: int, digits: str) -> list[int]:
    """Return the keys of a site's visits with this stored id."""
    return _keys(reader, dialect, _visit_keys, site, digits)


def _keys(reader: Reader, dialect: str, question: Any, site: int, digits: str) -> list[int]:
    beside = {"asked": arrow_table({"site": [site], "id": [digits]}, _ID)}
    rows = reader.arrow(_sql(question, dialect), beside=beside)
    return list(rows.to_pydict()["key"])


def milliseconds(naive: datetime) -> int:
    """Return the milliseconds since the epoch of a naive UTC datetime."""
    return round(naive.replace(tzinfo=UTC).timestamp() * 1000)


def moment(time: int) -> datetime:
    """Return the naive UTC datetime of milliseconds since the epoch."""
    return datetime.fromtimestamp(time / 1000, tz=UTC).replace(tzinfo=None)


SINCE = 7_100_000_000_000_001  # stands for the time while a statement is compiled
UNTIL = 7_100_000_000_000_002


@lru_cache
def _sql(question: Any, dialect: str) -> str:
    import ibis  # noqa: PLC0415 - half a second

    sql = str(ibis.to_sql(question(), dialect=dialect, pretty=False))
    return sql.replace(str(SINCE), "$since").replace(str(UNTIL), "$until")


def _digits(column: Any) -> Any:
    return column.cast("string").replace("-", "")


def _visits() -> Any:
    import ibis  # noqa: PLC0415 - half a second

    events, visitors = stored("events"), stored("visitors")
    opening = events.filter(events.opens)
    names = ibis.union(
        opening.select("visit", visit_id=opening.event_id),
        *(stored(name).select("visit", "visit_id") for name in ("open_visits", "visit_ids")),
        distinct=True,
    )
    whose = events.select("visit", "visitor").distinct()
    joined = whose.inner_join(names, "visit").inner_join(visitors, "visitor")
    return joined.select(
        visitors.site, visitor_id=_digits(visitors.visitor_id), visit_id=_digits(names.visit_id)
    ).distinct()


def _visitors_between() -> Any:
    events, visitors = stored("events"), stored("visitors")
    within = events.filter(events.time >= SINCE, events.time < UNTIL).select("visitor").distinct()
    joined = visitors.semi_join(within, "visitor")
    return joined.select("site", visitor_id=_digits(joined.visitor_id))


def _event_ids() -> Any:
    events = stored("events")
    return events.filter(events.time >= SINCE).select("time", event_id=_digits(events.event_id))


def _known() -> Any:
    import ibis  # noqa: PLC0415 - half a second

    events, asked = stored("events"), ibis.table(_IDS, name="asked")
    wanted = asked.select(event_id=asked.event_id.cast("uuid"))
    found = events.filter(events.time >= SINCE).semi_join(wanted, "event_id")
    return found.select(event_id=_digits(found.event_id))


def _other_ids() -> Any:
    others = stored("other_ids")
    return others.select("text", id=_digits(others.id))


def _text_key() -> Any:
    import ibis  # noqa: PLC0415 - half a second

    return stored("texts").semi_join(ibis.table(_TEXT, name="asked"), ["column", "text"])


def _visitor_keys() -> Any:
    visitors = stored("visitors")
    return _asked_for(visitors.select("site", id=visitors.visitor_id, key=visitors.visitor))


def _visit_keys() -> Any:
    import ibis  # noqa: PLC0415 - half a second

    events = stored("events")
    opening = events.filter(events.opens)
    named = [stored("open_visits"), stored("visit_ids")]
    found = ibis.union(
        opening.select("site", id=opening.event_id, key=opening.visit),
        *(table.select("site", id=table.visit_id, key=table.visit) for table in named),
        distinct=True,
    )
    return _asked_for(found)


def _asked_for(named: Any) -> Any:
    import ibis  # noqa: PLC0415 - half a second

    asked = ibis.table(_ID, name="asked")
    same = [named.site == asked.site, named.id == asked.id.cast("uuid")]
    return named.inner_join(asked, same).select("key").distinct()
