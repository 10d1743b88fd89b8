"""A day of twelve events, of which every figure can be counted by hand."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ExampleEvent:
    """What somebody did at a time, on the site's clocks; `columns` is how it is stored."""

    time: str
    who: str
    what: str
    visit: int
    """Which visit of the day it belongs to."""
    columns: dict[str, Any] = field(default_factory=dict)


def _view(
    time: str, who: str, visit: int, path: str, source: str = "", channel: str = "direct"
) -> ExampleEvent:
    stored = {"path": path, "source": source, "channel": channel}
    came = f", from {source}" if source else ""
    return ExampleEvent(time, who, f"views {path}{came}", visit, stored)


def _reads(time: str, who: str, visit: int, path: str, seconds: int) -> ExampleEvent:
    stored = {"kind": "engagement", "path": path, "engaged_ms": seconds * 1000}
    return ExampleEvent(time, who, f"has read {path} for {seconds} seconds", visit, stored)


EVENTS = (
    _view("09:00", "Anna", 1, "/", "Google", "search"),
    _reads("09:01", "Anna", 1, "/", 40),
    _view("09:02", "Anna", 1, "/shop"),
    ExampleEvent(
        "09:05",
        "Anna",
        "clicks on a link to example.net",
        1,
        {"kind": "link_click", "path": "/shop", "link_url": "https://example.net/"},
    ),
    _reads("09:06", "Anna", 1, "/shop", 20),
    _view("09:40", "Anna", 2, "/"),
    _view("10:00", "Bert", 3, "/shop", "news.example", "referral"),
    _reads("10:01", "Bert", 3, "/shop", 30),
    _view("11:00", "Cleo", 4, "/"),
    _view("11:02", "Cleo", 4, "/shop"),
    _view("11:03", "Cleo", 4, "/thanks"),
    _reads("11:04", "Cleo", 4, "/thanks", 30),
)
LOADS = 20
"""How often the tag was loaded on that day, whatever the visitor said."""
