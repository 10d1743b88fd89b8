"""The world map: land as dots of equal area, the darker the more visitors a country has."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from askfirst.system.assets import asset_path
from reports.cards.empty_words import FILTERED
from reports.figures.figures import Row
from reports.formatting.template_filters import country
from reports.url.report_view import ReportView

_STEP, _HIGH, _EDGE = 6, 5.2, 3
_COLUMNS, _ROWS = 91, 46
_SHADES = 5
WIDTH, HEIGHT = _COLUMNS * _STEP + _EDGE, round(_ROWS * _HIGH) + _EDGE

_Dots = Mapping[str, tuple[tuple[int, int], ...]]


@dataclass(frozen=True)
class MapCountry:
    """A country with visitors: `dots` is the `d` of an SVG path, `shade` 1 to 5, light to dark."""

    code: str
    name: str
    visitors: int
    shade: int
    dots: str
    href: str


@dataclass(frozen=True)
class WorldMap:
    """What the map draws, in a box of `width` by `height`."""

    land: str
    """The dots of all countries without visitors, as the `d` of an SVG path."""
    countries: tuple[MapCountry, ...]
    """Those that have visitors and a place on the map, the most first."""
    elsewhere: int
    """How many visitors have no country that the map has: unknown, or a local network."""
    most: int
    """The visitors of the first country."""
    no_place: str
    """Why no country is on it, where none is."""
    wording: str
    """The address of the wording, which says whether countries are recorded."""
    width: int = WIDTH
    height: int = HEIGHT


@cache
def dots_of_land() -> _Dots:
    """Read the places of dots on the grid by country; odd rows stand half a step to the right."""
    table: dict[str, str] = json.loads(asset_path("data/world-dots.json").read_text("utf-8"))
    return {code: tuple(map(_place, text.split())) for code, text in table.items()}


def _place(text: str) -> tuple[int, int]:
    column, row = text.split(",")
    return int(column), int(row)


def world_map(view: ReportView, rows: Sequence[Row]) -> WorldMap:
    """Draw the visitors of countries, whose rows are named by their codes."""
    known = [row for row in rows if row.name and row.name in dots_of_land() and row.visitors]
    most = max((row.visitors for row in known), default=0)
    found = tuple(
        MapCountry(
            code=row.name,
            name=country(row.name),
            visitors=row.visitors,
            shade=shade_of(row.visitors, most),
            dots=_path(row.name),
            href=view.toggled("country", row.name),
        )
        for row in known
    )
    visited = frozenset(one.code for one in found)
    return WorldMap(
        land=_land_without(visited),
        countries=found,
        elsewhere=sum(row.visitors for row in rows) - sum(one.visitors for one in found),
        most=most,
        no_place=no_place_words(any(row.visitors for row in rows), view.is_filtered),
        wording=view.beside("/wording").with_(),
    )


def no_place_words(has_visitors: bool, is_filtered: bool) -> str:
    """Return what stands in the place of a map on which no visitor has a place."""
    if not has_visitors and is_filtered:
        return FILTERED
    if not has_visitors:
        return "No visitor in these days. The countries that they come from will stand here."
    return (
        "Visitors came in these days, none from a country that is known. An address in a local "
        "network has none: behind a reverse proxy, name the proxy in the setting trusted_proxies. "
        "And the wording says whether countries are recorded at all."
    )


def shade_of(visitors: int, most: int) -> int:
    """Return the shade, 1 to 5: each stands for about four times the visitors of the one before."""
    shade = _SHADES
    while shade > 1 and visitors * 4 ** (_SHADES - shade + 1) <= most:
        shade -= 1
    return shade


@lru_cache(maxsize=64)
def _land_without(visited: frozenset[str]) -> str:
    """Return the `d` of all other countries; the days of a site mostly have the same ones."""
    others = (places for code, places in dots_of_land().items() if code not in visited)
    return path_of(place for places in others for place in places)


@cache
def _path(code: str) -> str:
    return path_of(dots_of_land()[code])


def path_of(places: Iterable[tuple[int, int]]) -> str:
    """Return the `d` of places (column, row): dots side by side are one line, dashed by the style.

    A line is a little longer than to its last dot, so that rounding does not cut that off.

    >>> path_of([(1, 0), (0, 0), (3, 0), (0, 1)])
    'M3 3h6.1M21 3h.1M6 8h.1'
    """
    found: list[list[int]] = []
    for row, column in sorted((row, column) for column, row in places):
        if found and found[-1][:2] == [row, column - 1]:
            found[-1][1:] = [column, found[-1][2] + 1]
        else:
            found.append([row, column, 1])
    return "".join(_line(row, last - count + 1, count) for row, last, count in found)


def _line(row: int, column: int, count: int) -> str:
    x = column * _STEP + (_STEP // 2 if row % 2 else 0) + _EDGE
    return f"M{x} {row * _HIGH + _EDGE:.0f}h{(count - 1) * _STEP or ''}.1"
