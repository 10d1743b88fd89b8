"""How numbers, shares, changes and names are written: the templates' named filters."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from askfirst.assets import asset_path
from askfirst.clock import Clock
from askfirst.shown_addresses import host, place
from askfirst.web_addresses import split_address
from reports import dates
from reports.dates import NOTHING, duration
from reports.record_words import giver_words, method_words, state_words

MINUS = "\N{MINUS SIGN}"


def number(value: float | None) -> str:
    """Write a whole number with its thousands apart: 12,345."""
    return NOTHING if value is None else f"{value:,.0f}"


def short_number(value: float | None) -> str:
    """Write a number shortly for an axis: 950, 1.2k, 12k, 3.4M."""
    if value is None:
        return NOTHING
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if value >= size:
            return f"{value / size:.1f}".removesuffix(".0") + letter
    return f"{value:.0f}"


def percent(value: float | None) -> str:
    """Write a share as a percentage: 0.421 is 42.1%; less than 0.1% is said so."""
    if value is None:
        return NOTHING
    if 0 < value < 0.001:
        return "<0.1%"
    return f"{value * 100:.1f}%"


def figure(value: float | None, kind: str) -> str:
    """Write a headline's value by its kind."""
    if value is None:
        return NOTHING
    if kind == "ratio":
        return f"{value:.2f}"
    writers: dict[str, Callable[[float | None], str]] = {"share": percent, "seconds": duration}
    return writers.get(kind, number)(value)


def delta(change: float | None, kind: str) -> str:
    """Write a change: +12%, +3.4 pts, 0%; a dash where there is nothing to compare with."""
    if change is None:
        return NOTHING
    size = change if kind == "share" else change * 100
    rounded = round(size, 1) if abs(size) < 10 else round(size)
    sign = "+" if rounded > 0 else MINUS if rounded < 0 else ""
    text = f"{abs(rounded):,.1f}".removesuffix(".0")
    return f"{sign}{text} pts" if kind == "share" else f"{sign}{text}%"


def direction(change: float | None, kind: str, less_is_better: bool) -> str:
    """Say whether a change is "better", "worse", or too small to say: "same"."""
    least = 0.5 if kind == "share" else 0.005
    if change is None or abs(change) < least:
        return "same"
    return "better" if (change > 0) != less_is_better else "worse"


@cache
def _names() -> dict[str, dict[str, str]]:
    names: dict[str, dict[str, str]] = json.loads(asset_path("data/names.json").read_text("utf-8"))
    return names


def country(code: str) -> str:
    """Write a country's code as its English name."""
    return _names()["countries"].get(code.upper(), code) if code else "Unknown"


def language(code: str) -> str:
    """Write a language's code as its English name, with its region: English (GB)."""
    base, _, rest = code.replace("_", "-").partition("-")
    name = _names()["languages"].get(base.lower(), base)
    return (f"{name} ({rest.upper()})" if rest else name) or "Unknown"


def link_sign(kind: str) -> str:
    """Give the arrow of a kind of link: out of the site, down to a file, or on within it."""
    signs = {"outbound": "\N{NORTH EAST ARROW}", "download": "\N{DOWNWARDS ARROW}"}
    return signs.get(kind, "\N{RIGHTWARDS ARROW}")


_EMPTY = {"referrer": "Direct / none", "path": "(no path)", "page": "(page not told)"}


def listed(name: str, kind: str, note: str = "") -> str:
    """Write a name in a list by the list's kind; of a link within the site the path is enough."""
    if kind == "link" and note == "internal":
        parts = split_address(name)
        return place(parts._replace(scheme="", netloc="").geturl() or "/")
    writers: dict[str, Callable[[str], str]] = {
        "country": country,
        "language": language,
        "device": str.capitalize,
        "link": lambda url: place(url).removeprefix("https://"),
        "path": place,
        "page": place,
        "referrer": host,
    }
    empty = _EMPTY.get(kind, "Unknown")
    return writers.get(kind, str)(name) or empty


_FILTERS: dict[str, Callable[..., Any]] = {
    one.__name__: one
    for one in (
        number,
        percent,
        duration,
        figure,
        delta,
        direction,
        link_sign,
        listed,
        state_words,
        method_words,
        giver_words,
    )
}


def filters(now: Clock) -> dict[str, Callable[..., Any]]:
    """Return the filters that `Pages` is given, by name; `now` tells what day it is."""
    return {**_FILTERS, **dates.filters(now)}
