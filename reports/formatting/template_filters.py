"""The templates' filters: how numbers, shares, changes and names are written."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from markupsafe import Markup

from askfirst.clock import Clock
from askfirst.system.assets import asset_path
from askfirst.web.shown_addresses import host, place
from askfirst.web.urls import split_address
from reports.formatting import dates
from reports.formatting.app_words import app_words
from reports.formatting.channel_words import channel_words
from reports.formatting.dates import NOTHING, duration
from reports.formatting.file_address import chart_address, file_address
from reports.formatting.hour_marks import hour_mark
from reports.formatting.marks import flag, row_icon
from reports.formatting.readers import decimal, percentage, reader
from reports.formatting.record_words import giver_words, method_words, state_words

UP, DOWN = "\N{BLACK UP-POINTING TRIANGLE}", "\N{BLACK DOWN-POINTING TRIANGLE}"
_ISOLATED_END = "\N{POP DIRECTIONAL ISOLATE}"
_LONGEST_COUNT = 100_000
_LARGEST_PERCENTAGE = 10.0


def number(value: float | None) -> str:
    """Write a whole number with separated thousands: 12,345."""
    return NOTHING if value is None else decimal(value)


def short_number(value: float | None) -> str:
    """Write a number in short form for an axis: 950, 1.2k, 12k, 3.4M."""
    if value is None:
        return NOTHING
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if value >= size:
            short = f"{value / size:.1f}".removesuffix(".0")
            return short.replace(".", reader().point) + letter
    return decimal(value)


def percent(value: float | None) -> str:
    """Write a share as a percentage: 0.421 is 42.1%, and 0.0004 is <0.1%."""
    if value is None:
        return NOTHING
    if 0 < value < 0.001:
        return f"<{percentage(decimal(0.1, 1))}"
    return percentage(decimal(value * 100, 1))


def round_percent(value: float) -> str:
    """Write a share as a whole percentage, 0% and 100% only where it is just that: 62%, <1%."""
    whole = round(value * 100)
    if whole == 0 and value > 0:
        return f"<{percentage('1')}"
    if whole == 100 and value < 1:
        return f">{percentage('99')}"
    return percentage(decimal(whole))


def figure(value: float | None, kind: str) -> str:
    """Write a headline's value by its kind; a count above 99,999 is short: 123.4k."""
    if value is None:
        return NOTHING
    if kind == "ratio":
        return decimal(value, 2)
    if kind == "count" and value >= _LONGEST_COUNT:
        return short_number(value)
    writers: dict[str, Callable[[float | None], str]] = {"share": percent, "seconds": duration}
    return writers.get(kind, number)(value)


def delta(change: float | None, kind: str, now: float | None = None) -> str:
    """Write a change since before: \N{BLACK UP-POINTING TRIANGLE} 33%, or = where it is too small.

    A share changes in points: \N{BLACK DOWN-POINTING TRIANGLE} 0.7 pts. Where there was nothing
    before, the change is "new", or a dash where there is nothing `now` either. From 1,000% up it is
    how many times as much: \N{BLACK UP-POINTING TRIANGLE} \N{MULTIPLICATION SIGN}1,776.
    """
    if change is None:
        return "new" if now else NOTHING
    if _is_least(change, kind):
        return "="
    size = abs(change)
    if kind == "share":
        words = f"{decimal(size, 1)} pts"
    elif round(size, 2) >= _LARGEST_PERCENTAGE:
        words = f"\N{MULTIPLICATION SIGN}{decimal(1 + size)}"
    else:
        words = percentage(decimal(100 * size))
    return f"{UP if change > 0 else DOWN} {words}"


def _is_least(change: float, kind: str) -> bool:
    """Return whether a change would be written as 0."""
    return abs(change) < 0.05 if kind == "share" else not round(100 * abs(change))


def direction(change: float | None, kind: str, less_is_better: bool) -> str:
    """Return whether a change is "better", "worse", or too small to tell: "same"."""
    if change is None or _is_least(change, kind):
        return "same"
    return "better" if (change > 0) != less_is_better else "worse"


@cache
def _names() -> dict[str, dict[str, str]]:
    names: dict[str, dict[str, str]] = json.loads(asset_path("data/names.json").read_text("utf-8"))
    return names


def country(code: str) -> str:
    """Write a country's code as its English name; `local` is an address in a local network."""
    if code == "local":
        return "Local network"
    return _names()["countries"].get(code.upper(), code) if code else "Unknown"


def country_codes(part: str) -> tuple[str, ...]:
    """Return the codes of the countries whose English name has a part, which is in small letters.

    A code of two letters is one as well.
    """
    names = {**_names()["countries"], "local": "Local network"}
    found = [code for code, name in names.items() if part in name.lower()]
    code = part if part in names else part.upper()
    return tuple(dict.fromkeys([*found, *([code] if code in names else [])]))


def language(code: str) -> str:
    """Write a language's code as its English name, with its region: English (GB)."""
    base, _, rest = code.replace("_", "-").partition("-")
    name = _names()["languages"].get(base.lower(), base)
    return (f"{name} ({rest.upper()})" if rest else name) or "Unknown"


def ordinal(number: int) -> str:
    """Write an ordinal number: 1st, 2nd, 3rd, 4th, 11th, 21st."""
    endings = {1: "st", 2: "nd", 3: "rd"}
    ending = "th" if 10 < number % 100 < 14 else endings.get(number % 10, "th")
    return f"{decimal(number)}{ending}"


def ended(text: str) -> str:
    """End a sentence with a full stop, which "27. Nov." and "a. m." have already."""
    words = text.striptags() if isinstance(text, Markup) else text
    return text if words.rstrip(_ISOLATED_END).endswith(".") else text + "."


def link_icon(kind: str) -> str:
    """Return the icon of a kind of link, such as outbound, or within the site."""
    return _LINK_ICONS.get(kind, "arrow")


def out_icon(link: str) -> str:
    """Return the icon of a link that leads out, by its address."""
    return {"mailto": "mail", "tel": "phone"}.get(link.partition(":")[0], "outbound")


_LINK_ICONS = {
    "outbound": "outbound", "download": "download", "mail": "mail", "telephone": "phone",
}  # fmt: skip
_OPENED = {"mailto": "E-mail to ", "tel": "Call to "}


def _link(url: str) -> str:
    """Write a link's address, or whom it writes to or calls."""
    scheme, _, behind = url.partition(":")
    if behind and scheme in _OPENED:
        return _OPENED[scheme] + place(behind)
    return place(url).removeprefix("https://")


def ends_last(name: str) -> tuple[str, str]:
    """Split an address before its last part, which tells pages apart: "/articles/" and "knots"."""
    cut = name.rstrip("/").rfind("/") + 1
    return (name[:cut], name[cut:]) if cut > 1 else ("", name)


_EMPTY = {
    "referrer": "Direct, or not recorded",
    "source": "Direct, or not recorded",
    "path": "(no path)",
    "page": "(page not told)",
    "title": "(no title)",
    "campaign": "(none)",
}


def listed(name: str, kind: str, note: str = "") -> str:
    """Write a name in a list by the list's kind; a link within the site is written as its path."""
    if kind == "link" and note == "internal":
        parts = split_address(name)
        return place(parts._replace(scheme="", netloc="").geturl() or "/")
    writers: dict[str, Callable[[str], str]] = {
        "country": country,
        "language": language,
        "device": str.capitalize,
        "link": _link,
        "path": place,
        "page": place,
        "referrer": lambda name: app_words(name) or host(name),
        "channel": channel_words,
    }
    empty = _EMPTY.get(kind, "Unknown")
    return writers.get(kind, str)(name) or empty


_FILTERS: dict[str, Callable[..., Any]] = {
    one.__name__: one
    for one in (
        number,
        percent,
        duration,
        dates.full_hour,
        hour_mark,
        figure,
        delta,
        direction,
        ordinal,
        ended,
        link_icon,
        out_icon,
        ends_last,
        round_percent,
        listed,
        state_words,
        method_words,
        giver_words,
        file_address,
        chart_address,
        flag,
        row_icon,
    )
}


def filters(now: Clock) -> dict[str, Callable[..., Any]]:
    """Return the filters that `Pages` is given, by name; `now` tells what day it is."""
    return {**_FILTERS, **dates.filters(now)}
