"""Combinations of what rules look at, among a site's events, and what the rules make of each.

A site has far fewer of them than events: each host, path and source that stand together is looked
at once, however often they were seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from askfirst.rules.applying import (
    BY_ADDRESS,
    BY_OTHER,
    BY_VISITOR,
    RESTRICTED,
    Ruled,
    as_recorded,
    leaves_address_out,
    may_have_been_left_out,
    ruled,
)
from askfirst.store.warehouse.appending.rows import arrow_table
from askfirst.store.warehouse.identifiers import FORMS, stored_id
from askfirst.store.warehouse.lookups import visitor_keys
from askfirst.store.warehouse.summaries.source import kept, parameter
from askfirst.store.warehouse.tables import stored

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from askfirst.rules.report_rules import ReportRules
    from askfirst.store.warehouse.ruling.asked import Asked
    from askfirst.store.warehouse.summaries.source import Source

TEXTS = ("host", "path", "source", "original")
"""The columns of events that rules write; `excluded` is a number."""
KEYS = ("site", *TEXTS, "excluded", "by_address", "by_visitor")
_MAY_BE, _IS = 1, 2
_LEFT_OUT, _HELD = 1, 2  # bits of `by_visitor`: by the owner, by the visitor
_ADDRESS, _VISITOR = {"ip": "int32", "sure": "int32"}, {"of_visitor": "int32", "by": "int32"}
_RULED = {**{f"of_{name}": "int32" for name in KEYS}, "number": "int32", "out": "int32"}
_TEXT = {"column": "string", "id": "int32"}


@dataclass(frozen=True)
class Combination:
    """One combination: its values by `KEYS`, its texts, and what the rules make of it."""

    values: tuple[int, ...]
    texts: dict[str, str]
    made: Ruled
    is_out: bool
    """Whether the reports leave it out by the rules, or for another reason."""

    @property
    def side(self) -> int:
        """The number under which it is stored."""
        return self.values[0]

    @property
    def is_restricted(self) -> bool:
        """Whether its visitors have restricted the use of their data."""
        return self.made.excluded >= RESTRICTED

    @property
    def moves(self) -> bool:
        """Whether it belongs to the other side."""
        return self.is_out != (self.side < 0)

    @property
    def now(self) -> Ruled:
        """What is stored of it."""
        host, path, source, original = (self.texts[name] for name in TEXTS)
        return Ruled(host, path, source, original, self.values[KEYS.index("excluded")])

    @property
    def changes(self) -> bool:
        """Whether rules make something else of it than what is stored."""
        return self.moves or self.now != self.made

    @property
    def stays_as(self) -> Ruled:
        """What is to be stored of it while it is on its side."""
        return self.now if self.moves else self.made


def combinations(source: Source, asked: Asked) -> list[Combination]:
    """Return the combinations of a site's events, on both sides.

    The relations `left_addresses` and `left_visitors` are kept, which `with_numbers` needs.
    """
    _keep_addresses(source, asked)
    _keep_visitors(source, asked)
    rows = source.rows(_combined, *asked.shape, **asked.sides)
    texts = _texts(source, rows)
    columns = [rows[name].to_pylist() for name in KEYS]
    return [_combination(asked.rules, one, texts) for one in zip(*columns, strict=True)]


def keep_ruled(source: Source, found: Sequence[Combination]) -> None:
    """Keep combinations as the relation `ruled`, each with its place among them."""
    columns = {
        f"of_{name}": [one.values[place] for one in found] for place, name in enumerate(KEYS)
    }
    columns |= {"number": list(range(len(found))), "out": [int(one.is_out) for one in found]}
    arrays = {name: pa.array(values, pa.int32()) for name, values in columns.items()}
    source.keep("ruled", pa.table(arrays), _RULED)


def with_numbers(has_addresses: bool, has_visitors: bool) -> Any:
    """Return the events of both sides that are of a kept combination, with `number` and `out`."""
    events, known = _marked(has_addresses, has_visitors), kept("ruled", _RULED)
    same = [(name, f"of_{name}") for name in KEYS]
    return events.inner_join(known, same).drop(*(f"of_{name}" for name in KEYS))


def _combined(has_addresses: bool, has_visitors: bool) -> Any:
    return _marked(has_addresses, has_visitors).select(*KEYS).distinct()


def _marked(has_addresses: bool, has_visitors: bool) -> Any:
    """Return the events of both sides with `by_address` and `by_visitor`."""
    import ibis  # noqa: PLC0415 - half a second

    events = _both(stored("events"))
    by_visitor, by_address = ibis.literal(0, "int32"), ibis.literal(0, "int32")
    if has_addresses:
        events = _with_addresses(events)
    if has_visitors:
        known = kept("left_visitors", _VISITOR)
        joined = events.left_join(known, [("visitor", "of_visitor")])
        events = joined.select(*events.columns, "by")
        by_visitor = events.by.fill_null(0)
    if has_addresses:
        by_address = events.sure.fill_null(0)
    marks = {"by_visitor": by_visitor.cast("int32"), "by_address": by_address.cast("int32")}
    return events.mutate(**marks)


def _with_addresses(events: Any) -> Any:
    """Return events with `sure`, where the address of the profile in effect is one of them."""
    import ibis  # noqa: PLC0415 - half a second

    visits = (_both(stored(name)) for name in ("visits", "open_visits"))
    begun = ibis.union(*(one.select(of_visit="visit", of_profile="profile") for one in visits))
    joined = events.left_join(begun, [("visit", "of_visit")])
    own = (joined.profile == 0).ifelse(joined.of_profile, joined.profile)
    joined = joined.mutate(effective=own)
    profiles = _both(stored("profiles")).select(named="profile", address="ip")
    with_profile = joined.left_join(profiles, [("effective", "named")])
    known = kept("left_addresses", _ADDRESS)
    found = with_profile.left_join(known.rename(known_ip="ip"), [("address", "known_ip")])
    return found.select(*events.columns, "sure")


def _both(table: Any) -> Any:
    return table.filter((table.site == parameter("site")) | (table.site == parameter("other")))


def _keep_addresses(source: Source, asked: Asked) -> None:
    if not asked.rules.exclude_addresses:
        return
    known = source.rows(_addresses, **asked.sides).to_pydict()
    found = [
        (key, _IS if is_left else _MAY_BE)
        for key, text in zip(known["id"], known["text"], strict=True)
        if (is_left := leaves_address_out(asked.rules, text))
        or may_have_been_left_out(asked.rules, text)
    ]
    columns = {"ip": [key for key, _ in found], "sure": [sure for _, sure in found]}
    source.keep("left_addresses", arrow_table(columns, _ADDRESS), _ADDRESS)


def _addresses() -> Any:
    texts, profiles = stored("texts"), _both(stored("profiles"))
    addresses = texts.filter(texts.column == "ip")
    return addresses.semi_join(profiles, addresses.id == profiles.ip).select("id", "text")


def _keep_visitors(source: Source, asked: Asked) -> None:
    if not asked.visitors | asked.restricted:
        return
    ids = {
        stored_id(one, FORMS["visitor_id"]): (one in asked.visitors) * _LEFT_OUT
        + (one in asked.restricted) * _HELD
        for one in sorted(asked.visitors | asked.restricted)
    }
    sides = (asked.site, -asked.site)
    reader, dialect = source.reader, source.dialect
    found = {
        key: by
        for side in sides
        for one, by in ids.items()
        for key in visitor_keys(reader, dialect, side, one)
    }
    columns = {"of_visitor": list(found), "by": list(found.values())}
    source.keep("left_visitors", arrow_table(columns, _VISITOR), _VISITOR)


def _texts(source: Source, rows: pa.Table) -> dict[tuple[str, int], str]:
    """Return the texts of combinations by column and key."""
    found = {name: pc.unique(rows[name].cast(pa.int32())) for name in TEXTS}
    wanted = [
        pa.table({"column": pa.repeat(name, len(ids)), "id": ids}) for name, ids in found.items()
    ]
    source.keep("ruled_texts", pa.concat_tables(wanted), _TEXT)
    known = source.rows(_texts_wanted).to_pydict()
    keys = zip(known["column"], known["id"], strict=True)
    return dict(zip(keys, known["text"], strict=True))


def _texts_wanted() -> Any:
    return stored("texts").semi_join(kept("ruled_texts", _TEXT), ["column", "id"])


def _combination(
    rules: ReportRules, values: tuple[int, ...], known: Mapping[tuple[str, int], str]
) -> Combination:
    said = dict(zip(KEYS, values, strict=True))
    texts = {name: known.get((name, said[name]), "") for name in TEXTS}
    host, path, source = as_recorded(*(texts[name] for name in TEXTS))
    made = ruled(path, rules, host, source)
    is_left_out_anyway = said["excluded"] == RESTRICTED + BY_OTHER or (
        said["site"] < 0 and not said["excluded"]
    )
    excluded = 0 if is_left_out_anyway else made.excluded or _excluded(said)
    is_out = bool(excluded) or is_left_out_anyway
    if said["by_visitor"] & _HELD:
        excluded = RESTRICTED + (BY_OTHER if is_left_out_anyway else excluded)
    return Combination(values, texts, made._replace(excluded=excluded), is_out or bool(excluded))


def _excluded(said: Mapping[str, int]) -> int:
    """Return by which rule about visitor or address an event is left out.

    An address that was shortened since tells no more whether a rule is about it: then it stays as
    it was, as long as there is a rule that may have been.
    """
    if said["by_visitor"] & _LEFT_OUT:
        return BY_VISITOR
    was_left_out = said["excluded"] % RESTRICTED == BY_ADDRESS
    is_left_out = said["by_address"] == _IS or (said["by_address"] == _MAY_BE and was_left_out)
    return BY_ADDRESS if is_left_out else 0
