"""Events as rows of text: every column of `EVENT_COLUMNS`, for files, exports and checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from askfirst.columns import EVENT_COLUMNS, EVENT_TEXTS, KINDS, PROFILE_TEXTS
from askfirst.store.warehouse.compiled import Text
from askfirst.store.warehouse.identifiers import FORMS, text_of
from askfirst.store.warehouse.logical.events import profiles_of_all_visits, with_profile
from askfirst.store.warehouse.logical.identifiers import digits
from askfirst.store.warehouse.logical.sides import both_sides
from askfirst.store.warehouse.tables import stored

if TYPE_CHECKING:
    from collections.abc import Mapping


def events_of_visitor(site_id: int, visitor_ids: tuple[Text, ...]) -> Any:
    """Return the events of some visitor ids as `as_rows` has them; these are as they are stored."""
    return as_rows(_events_of_visitor(site_id, visitor_ids))


def number_of_visitor_events(site_id: int, visitor_ids: tuple[Text, ...]) -> Any:
    """Return one row: events, the number of the same."""
    mine = _events_of_visitor(site_id, visitor_ids)
    return mine.agg(events=mine.count())


def _events_of_visitor(site_id: int, visitor_ids: tuple[Text, ...]) -> Any:
    visitors, events = both_sides(stored("visitors"), site_id), stored("events")
    ids = [ibis.literal(one).cast("uuid") for one in visitor_ids]
    return events.semi_join(visitors.filter(visitors.visitor_id.isin(ids)), "visitor")


def events_of_site(site_id: int) -> Any:
    """Return the events of a site as `as_rows` has them."""
    return as_rows(both_sides(stored("events"), site_id))


def all_events() -> Any:
    """Return the events of all sites as `as_rows` has them."""
    return as_rows(stored("events"))


def events_of_period(site_id: int, start: int, end: int) -> Any:
    """Return the events that count in the reports of a site, between two times (ms), as text rows.

    See `as_rows`.
    """
    events = stored("events")
    mine = events.filter(events.site == site_id, events.time >= start, events.time < end)
    return as_rows(mine)


def number_of_events(site_id: int, start: int, end: int) -> Any:
    """Return one row: events, the number of the same."""
    events = stored("events")
    mine = events.filter(events.site == site_id, events.time >= start, events.time < end)
    return mine.agg(events=mine.count())


def size_of_site(site_id: int) -> Any:
    """Return one row: the numbers of events and visitors of a site, on both sides together."""
    events = both_sides(stored("events"), site_id)
    visitors = both_sides(stored("visitors"), site_id)
    known = visitors.agg(visitors=visitors.visitor_id.nunique())
    return events.agg(events=events.count()).cross_join(known)


def as_rows(events: Any) -> Any:
    """Return stored events with the columns of `EVENT_COLUMNS`; `site_id` is that of the site.

    Ids and keys of texts are as they are stored, and `time` is milliseconds since the epoch: see
    `text_rows`.
    """
    whole = with_profile(events, profiles_of_all_visits())
    profiles = stored("profiles").drop("site", "visitor")
    whole = whole.inner_join(profiles, "profile")
    for table, key in (("visitors", "visitor"), ("consents", "consent")):
        ids = stored(table).select(key, f"{key}_id")
        whole = whole.inner_join(ids, key)
    whole = whole.inner_join(_visit_ids(events), "visit")
    kinds = [(number, name) for number, name in enumerate(KINDS)]
    ids = {name: digits(whole[name]) for name in FORMS}
    whole = whole.mutate(site_id=whole.site.abs(), kind=whole.kind.cases(*kinds, else_=""), **ids)
    return whole.select(*EVENT_COLUMNS)


def _visit_ids(events: Any) -> Any:
    opening = stored("events").filter(ibis._.opens)
    named = [stored(name).select("visit", "visit_id") for name in ("open_visits", "visit_ids")]
    opened = opening.select("visit", visit_id=opening.event_id)
    found = [one.semi_join(events, "visit") for one in (*named, opened)]
    return ibis.union(*found, distinct=True)


_TEXT_COLUMNS = (*EVENT_TEXTS, *PROFILE_TEXTS)
WANTED = "wanted_texts"
WANTED_TYPES = {"column": "string", "id": "int32"}


def wanted_texts(rows: pa.Table) -> pa.Table:
    """Return the texts to which rows of `as_rows` refer, each once: column and id."""
    found = [pc.unique(rows[name].cast(pa.int32())) for name in _TEXT_COLUMNS]
    each = zip(_TEXT_COLUMNS, found, strict=True)
    wanted = [pa.table({"column": pa.repeat(name, len(ids)), "id": ids}) for name, ids in each]
    every = pa.concat_tables(wanted)
    return every.filter(pc.greater(every["id"], 0))


def texts_wanted() -> Any:
    """Return the texts that `WANTED` names: column, id and text.

    One join to the dictionaries takes a fraction of what one for each column takes to plan.
    """
    texts, wanted = stored("texts"), ibis.table(WANTED_TYPES, name=WANTED)
    return texts.semi_join(wanted, ["column", "id"])


_TYPES = {
    "int32": pa.int32(),
    "int64": pa.int64(),
    "string": pa.string(),
    "timestamp(6)": pa.timestamp("us"),
}


def text_rows(rows: pa.Table, texts: pa.Table, others: Mapping[str, str]) -> pa.Table:
    """Return rows of `as_rows` as they were appended, in order of time and id.

    `texts` are those of `texts_wanted`, `others` the texts of ids that are not canonical, by their
    digits.
    """
    columns = {
        name: _text_column(rows[name], name, texts)
        if name in _TEXT_COLUMNS
        else _column(rows[name], name, others)
        for name in EVENT_COLUMNS
    }
    whole = pa.table(columns)
    return whole.sort_by([("time", "ascending"), ("event_id", "ascending")])


def _text_column(keys: pa.ChunkedArray, name: str, texts: pa.Table) -> Any:
    mine = texts.filter(pc.equal(texts["column"], name))
    places = pc.index_in(keys.cast(pa.int32()), mine["id"].combine_chunks().cast(pa.int32()))
    return pc.fill_null(mine["text"].cast(pa.string()).take(places), "")


def _column(values: pa.ChunkedArray, name: str, others: Mapping[str, str]) -> Any:
    if name in FORMS:
        form, distinct = FORMS[name], pc.unique(values)
        known = {one: text_of(one, form, others) for one in distinct.to_pylist()}
        return pa.array([known[one] for one in values.to_pylist()], pa.string())
    if name == "time":
        return values.cast(pa.timestamp("ms")).cast(_TYPES["timestamp(6)"])
    return values.cast(_TYPES[EVENT_COLUMNS[name]])
