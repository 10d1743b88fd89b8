"""Generates one visit to the demo website: what the tag would send of its pages and acts."""

import base64
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from collector.intake.wire_events import (
    ID_LENGTH,
    Engagement,
    LinkClick,
    PageView,
    WebVitals,
    WireEvent,
)
from server.demo import crowd
from server.demo.acts import acts_on
from server.demo.browsers import Browser
from server.demo.crowd import DIRECT, Source
from server.demo.website import DOWNLOAD, OUTSIDE, title_of

_NOT_FOUND, _FOUND = 404, 200
_TO_NEXT = 300  # milliseconds from a click to the page that it opens
_LOOKING_AWAY = 0.12  # the share of pages that are hidden for a while, and looked at again


class Step(NamedTuple):
    """One event of a visit; `happened_at` is milliseconds since the epoch."""

    happened_at: int
    path: str
    event: WireEvent


class Visits:
    """Generates visits.

    `origin` is the address of the pages, e.g. `http://127.0.0.1:8001`; `now` is when the events are
    taken to be sent, by which their age counts.
    """

    def __init__(self, made_by: random.Random, origin: str, now: int) -> None:
        self._random = made_by
        self._origin = origin
        self._now = now
        self._begun = 0

    def steps(self, start: int, browser: Browser, source: Source | None = None) -> list[Step]:
        """Generate one visit, its first page view first, the others in order of time."""
        came = source or (DIRECT if browser.app else crowd.SOURCES.draw(self._random))
        return sorted(self._steps(start, browser, came), key=lambda step: step.happened_at)

    def pages(self, start: int) -> Iterator[tuple[int, str]]:
        """Yield the time in milliseconds and the path of each page of a visit."""
        path, time = crowd.FIRST_PAGES.draw(self._random), start
        for _ in range(crowd.VIEWS.draw(self._random)):
            yield time, path
            time += self._stay() + _TO_NEXT
            path = self._following(path)

    def _following(self, path: str) -> str:
        others = crowd.FOLLOWING.get(path, crowd.PAGES)
        return others[int(self._random.random() * len(others))]

    def _stay(self) -> int:
        return 500 + int(self._random.lognormvariate(10, 0.9))

    def _first_page(self) -> str:
        self._begun += 1
        chance = self._random.random()
        if self._begun % crowd.DESK_EVERY == crowd.DESK_EVERY // 2:
            return crowd.DESK_PAGE
        return (crowd.GONE if chance < crowd.LOST else crowd.FIRST_PAGES).draw(self._random)

    def _steps(self, start: int, browser: Browser, source: Source) -> Iterator[Step]:
        views = crowd.VIEWS.draw(self._random)
        time, path, (referrer, query) = start, self._first_page(), source
        for number in range(views):
            yield self._view(time, path, referrer, query)
            left = time + self._stay()
            yield from self._on_page(time, left, path, browser)
            following = self._following(path)
            if number + 1 < views:
                link = {"link_url": self._origin + following, "link_kind": "internal"}
                yield self._step(LinkClick, left - 1, path, **link)
            else:
                yield from self._leaving(left - 1, path)
            referrer, query = self._origin + path, ""
            path, time = following, left + _TO_NEXT

    def _view(self, time: int, path: str, referrer: str, query: str) -> Step:
        title = title_of(path)
        status = _FOUND if title else _NOT_FOUND
        return self._step(
            PageView,
            time,
            path,
            url=self._origin + path + query,
            referrer=referrer,
            title=title or title_of(""),
            status=status,
        )

    def _on_page(self, time: int, left: int, path: str, browser: Browser) -> Iterator[Step]:
        """Yield what is told of the reading of a page, and what is done on it."""
        stay = left - time
        deepest = int(25 + 75 * min(1.0, self._random.random() + stay / 120_000))
        looked_away = time + stay // 3 if self._random.random() < _LOOKING_AWAY else 0
        hidden = looked_away or left
        seen = deepest // 2 if looked_away else 0
        if looked_away:
            yield self._read(looked_away, path, stay // 3, 0, seen)
        engaged = int((left - (looked_away or time)) * (0.8 + 0.2 * self._random.random()))
        yield self._read(left, path, engaged, seen, deepest)
        if vitals := self._vitals(browser):
            yield self._step(WebVitals, hidden, path, **vitals)
        for kind, fields in acts_on(path, self._random):
            yield self._step(
                kind, time + int(stay * (0.3 + 0.6 * self._random.random())), path, **fields
            )

    def _read(self, time: int, path: str, engaged: int, before: int, deepest: int) -> Step:
        return self._step(
            Engagement, time, path, engaged_ms=engaged, scroll_from=before, scroll=deepest
        )

    def _vitals(self, browser: Browser) -> dict[str, int]:
        """Return how a page loaded, by what the browser's engine can measure."""
        if browser.engine == "safari":
            return {}
        server = self._about(190)
        found = {
            "ttfb_ms": server,
            "lcp_ms": server + self._about(900 if browser.touch else 600),
            "inp_ms": self._about(120 if browser.touch else 60),
        }
        if browser.engine == "chromium":
            found["cls"] = int(200 * self._random.random() ** 4)
        return found

    def _about(self, median: int) -> int:
        """Return a positive number; half of those that are drawn are below `median`."""
        return int(median * 8 ** (self._random.random() - 0.5)) + 1

    def _leaving(self, time: int, path: str) -> Iterator[Step]:
        chance = self._random.random()
        if chance < 0.12:
            outside = OUTSIDE[int(self._random.random() * len(OUTSIDE))]
            yield self._step(LinkClick, time, path, link_url=outside, link_kind="outbound")
        elif chance < 0.17:
            link = self._origin + DOWNLOAD
            yield self._step(LinkClick, time, path, link_url=link, link_kind="download")

    def _step(self, kind: type[WireEvent], time: int, path: str, **fields: Any) -> Step:
        fields.setdefault("url", self._origin + path)
        number = base64.urlsafe_b64encode(self._random.randbytes(16)).decode()[:ID_LENGTH]
        return Step(time, path, kind(id=number, age=self._now - time, **fields))
