"""What an owner's rules would change in the reports of a site, before they are saved."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from askfirst.store.warehouse.logical.events import VIEW
from askfirst.store.warehouse.ruling.combinations import (
    Combination,
    combinations,
    keep_ruled,
    with_numbers,
)
from askfirst.store.warehouse.summaries.source import parameter
from askfirst.store.warehouse.tables import stored

if TYPE_CHECKING:
    from askfirst.store.warehouse.ruling.asked import Asked
    from askfirst.store.warehouse.summaries.source import Source

MOST_NAMED = 20
"""Of how many names is told what becomes of them."""


@dataclass(frozen=True)
class Figures:
    """Figures of a period: page views, visitors of any event, pages with a view, and sources."""

    views: int = 0
    visitors: int = 0
    pages: int = 0
    sources: int = 0


@dataclass(frozen=True)
class Becomes:
    """What becomes of a page or source; `name` is '' where the reports leave it out."""

    was: str
    name: str
    views: int


@dataclass(frozen=True)
class Preview:
    """What rules change: the figures of a period before and after, and the names most seen.

    `all_views` and `all_left_out` are of all times: page views that are stored, and those of them
    that the reports would leave out, for whatever reason.
    """

    before: Figures
    after: Figures
    becomes: tuple[Becomes, ...]
    all_views: int
    all_left_out: int


def preview(source: Source, asked: Asked, start: int, end: int) -> Preview:
    """Return what the rules change in the reports between two times (ms)."""
    found = combinations(source, asked)
    keep_ruled(source, found)
    period = {**asked.sides, "start": start, "end": end}
    views = _by_number(source.rows(_views, *asked.shape, **period), found)
    visitors = source.one(_visitors, *asked.shape, **period)
    ever = _by_number(source.rows(_views, *asked.shape, **asked.sides, start=0, end=1 << 52), found)
    return Preview(
        _figures(found, views, int(visitors["before"] or 0), is_after=False),
        _figures(found, views, int(visitors["after"] or 0), is_after=True),
        _becomes(found, views),
        sum(ever.values()),
        sum(count for number, count in ever.items() if found[number].is_out),
    )


def _by_number(rows: Any, found: list[Combination]) -> dict[int, int]:
    """Return views by the number of their combination, without those no rule can count again."""
    views = zip(rows["number"].to_pylist(), rows["views"].to_pylist(), strict=True)
    return {number: count for number, count in views if not found[number].is_restricted}


def _views(*shape: bool) -> Any:
    viewed = _of_period(*shape)
    viewed = viewed.filter(viewed.kind == VIEW)
    return viewed.group_by("number").agg(views=viewed.count())


def _visitors(*shape: bool) -> Any:
    """Return one row: the visitors before and after, each counted once on both sides together."""
    seen = _of_period(*shape).select("visitor", "site", "out").distinct()
    known = seen.inner_join(stored("visitors").select("visitor", "visitor_id"), "visitor")
    known = known.select("visitor_id", "site", "out")
    before, after = known.site > 0, known.out == 0
    return known.agg(
        before=known.visitor_id.nunique(where=before), after=known.visitor_id.nunique(where=after)
    )


def _of_period(*shape: bool) -> Any:
    events = with_numbers(*shape)
    return events.filter(events.time >= parameter("start"), events.time < parameter("end"))


def _figures(
    found: list[Combination], views: dict[int, int], visitors: int, *, is_after: bool
) -> Figures:
    those = [
        (one.made if is_after else one.now, views[number])
        for number, one in enumerate(found)
        if number in views and not (one.is_out if is_after else one.side < 0)
    ]
    return Figures(
        sum(count for _, count in those),
        visitors,
        len({one.path for one, _ in those}),
        len({one.source for one, _ in those if one.source}),
    )


def _becomes(found: list[Combination], views: dict[int, int]) -> tuple[Becomes, ...]:
    seen: Counter[tuple[str, str]] = Counter()
    for number, count in views.items():
        one = found[number]
        if one.moves:
            names = (_page(one.now), "") if one.is_out else ("", _page(one.made))
            seen[names] += count
        elif one.is_out:
            continue
        elif _page(one.now) != _page(one.made):
            seen[_page(one.now), _page(one.made)] += count
        if not one.is_out and one.now.source != one.made.source:
            seen[one.now.source, one.made.source] += count
    most = sorted(seen.items(), key=lambda one: (-one[1], one[0]))[:MOST_NAMED]
    return tuple(Becomes(was, name, count) for (was, name), count in most)


def _page(one: Any) -> str:
    return f"{one.host}{one.path}"
