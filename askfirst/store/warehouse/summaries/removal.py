"""What is to be deleted of a site's events: a condition to find them by, and how they go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from askfirst.store.warehouse.compiled import shape_of
from askfirst.store.warehouse.engine import Delete
from askfirst.store.warehouse.summaries.history import Condition, Visitors, of_site
from askfirst.store.warehouse.summaries.source import parameter
from askfirst.store.warehouse.tables import stored

if TYPE_CHECKING:
    from askfirst.store.warehouse.engine import Value
    from askfirst.store.warehouse.summaries.source import Source


@dataclass(frozen=True)
class Removal:
    """Some events of a site: `goes` holds for them among the site's rows of the stored `events`."""

    site: int
    goes: Condition
    values: Mapping[str, Value]
    """The parameters of `goes`."""
    deletes: tuple[Delete, ...]
    """What removes just these events."""

    @property
    def visitors(self) -> Visitors:
        """The visitors that lose events."""
        return Visitors(self.site, self.goes, self.values)

    @property
    def parameters(self) -> dict[str, Value]:
        """The parameters of `going` and `staying`."""
        return {**self.values, "site": self.site}


def going(goes: Condition) -> Any:
    """Return the stored events that go."""
    events = of_site(stored("events"))
    return events.filter(goes(events))


def staying(goes: Condition) -> Any:
    """Return the stored events that stay, of all sites."""
    events = stored("events")
    return events.filter((events.site != parameter("site")) | ~goes(events))


def of_visitor(site: int, visitor: int) -> Removal:
    """Return the removal of a visitor's events."""
    delete = Delete("events", equal={"site": site, "visitor": visitor})
    return Removal(site, _of_visitor, {"visitor": visitor}, (delete,))


def of_visitors(site: int, visitors: Sequence[int]) -> Removal:
    """Return the removal of the events of some visitors; there is at least one."""
    if len(visitors) == 1:
        return of_visitor(site, visitors[0])
    filled = [*visitors, *[visitors[-1]] * (shape_of(len(visitors)) - len(visitors))]
    values: dict[str, Value] = {f"visitor_{place}": one for place, one in enumerate(filled)}
    delete = Delete("events", {"site": site}, {"visitor": pa.array(visitors, pa.int32())})
    return Removal(site, _of_one_of(len(filled)), values, (delete,))


@cache
def _of_one_of(number: int) -> Condition:
    """Return the condition of so many visitors, always the same one: statements are kept by it."""

    def goes(events: Any) -> Any:
        return events.visitor.isin([parameter(f"visitor_{place}") for place in range(number)])

    return goes


def _of_visitor(events: Any) -> Any:
    return events.visitor == parameter("visitor")


def of_visit(site: int, visitor: int, visit: int) -> Removal:
    """Return the removal of the events of a visit, if it is one of this visitor's."""
    values: dict[str, Value] = {"visitor": visitor, "visit": visit}
    delete = Delete("events", equal={"site": site, "visitor": visitor, "visit": visit})
    return Removal(site, _of_visit, values, (delete,))


def _of_visit(events: Any) -> Any:
    return _of_visitor(events) & (events.visit == parameter("visit"))


def of_span(site: int, visitor: int, start: int, end: int) -> Removal:
    """Return the removal of a visitor's events from a time to another, which is not included."""
    values: dict[str, Value] = {"visitor": visitor, "start": start, "end": end}
    own = {"site": site, "visitor": visitor}
    delete = Delete("events", equal=own, since={"time": start}, below={"time": end})
    return Removal(site, _of_span, values, (delete,))


def _of_span(events: Any) -> Any:
    within = (events.time >= parameter("start")) & (events.time < parameter("end"))
    return _of_visitor(events) & within


def of_before(site: int, time: int) -> Removal:
    """Return the removal of the events before a time."""
    delete = Delete("events", equal={"site": site}, below={"time": time})
    return Removal(site, _of_before, {"end": time}, (delete,))


def _of_before(events: Any) -> Any:
    return events.time < parameter("end")


def of_whole_site(site: int) -> Removal:
    """Return the removal of all events of a site."""
    return Removal(site, _every, {}, (Delete("events", equal={"site": site}),))


def _every(events: Any) -> Any:
    return events.site == parameter("site")


def of_profiles_saying(
    source: Source, site: int, column: str, text: int, part: tuple[int, int]
) -> Removal:
    """Return the removal of the events whose profile has a text (its key) in a column.

    `part` is a slice of the visitors: how many there are, and which. What an owner's rule leaves
    out (`excluded`) is not among them.
    """
    values: dict[str, Value] = {"text": text, "parts": part[0], "part": part[1]}
    own = _keys(source.rows(_profiles_saying, column, site=site, **values))
    there = {"site": site, "excluded": 0}
    deletes = [Delete("events", there, {"profile": own})]
    for name in _VISITS:
        visits = _keys(source.rows(_visits_saying, name, column, site=site, **values))
        deletes.append(Delete("events", {**there, "profile": 0}, {"visit": visits}))
    return Removal(site, _saying(column), values, tuple(deletes))


def _profiles_saying(column: str) -> Any:
    profiles = of_site(stored("profiles"))
    mine = profiles.visitor % parameter("parts") == parameter("part")
    return profiles.filter(profiles[column] == parameter("text"), mine).select("profile")


def _visits_saying(name: str, column: str) -> Any:
    return of_site(stored(name)).semi_join(_profiles_saying(column), "profile").select("visit")


@cache
def _saying(column: str) -> Condition:
    """Return the condition of a column, always the same one: statements are kept by it."""

    def goes(events: Any) -> Any:
        closed, still = (events.visit.isin(_visits_saying(name, column).visit) for name in _VISITS)
        own = events.profile.isin(_profiles_saying(column).profile)
        said = own | ((events.profile == 0) & (closed | still))
        return said & (events.excluded == 0)

    return goes


def of_version(source: Source, site: int, version: int, time: int) -> Removal:
    """Return the removal of the events before a time that a version of the policy allowed."""
    values: dict[str, Value] = {"version": version, "end": time}
    own = _keys(source.rows(_profiles_of_version, site=site, version=version))
    deletes = [Delete("events", {"site": site}, {"profile": own}, {"time": time})]
    for name in _VISITS:
        visits = _keys(source.rows(_visits_of_version, name, site=site, version=version))
        inherited = {"site": site, "profile": 0}
        deletes.append(Delete("events", inherited, {"visit": visits}, {"time": time}))
    return Removal(site, _of_version, values, tuple(deletes))


_VISITS = ("visits", "open_visits")


def _profiles_of_version() -> Any:
    profiles = of_site(stored("profiles"))
    return profiles.filter(profiles.policy_version == parameter("version")).select("profile")


def _visits_of_version(name: str) -> Any:
    return of_site(stored(name)).semi_join(_profiles_of_version(), "profile").select("visit")


def _of_version(events: Any) -> Any:
    own = events.profile.isin(_profiles_of_version().profile)
    closed, still = (events.visit.isin(_visits_of_version(name).visit) for name in _VISITS)
    inherited = (events.profile == 0) & (closed | still)
    return (events.time < parameter("end")) & (own | inherited)


def _keys(rows: pa.Table) -> pa.Array:
    return rows.column(0).combine_chunks()
