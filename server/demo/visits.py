"""Generates one visit to the demo website: the pages it opens and the links it follows."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from askfirst.events import EventKind, LinkKind
from server.demo import crowd
from server.demo.website import DOWNLOAD, OUTSIDE


@dataclass(frozen=True)
class Step:
    """One event of a visit; times are milliseconds since the epoch."""

    kind: EventKind
    happened_at: int
    path: str
    referrer: str
    link_url: str = ""
    link_kind: LinkKind | str = ""


class Visits:
    """Generates visits; `origin` is the address of the pages, e.g. `http://127.0.0.1:8001`."""

    def __init__(self, made_by: random.Random, origin: str) -> None:
        self._random = made_by
        self._origin = origin

    def steps(self, start: int) -> list[Step]:
        """Generate one visit, its first page view first."""
        return list(self._steps(start))

    def pages(self, start: int) -> Iterator[tuple[int, str]]:
        """Yield the time in milliseconds and the path of each page of a visit."""
        path, time = crowd.FIRST_PAGES.draw(self._random), start
        for _ in range(crowd.VIEWS.draw(self._random)):
            yield time, path
            time += int(self._random.lognormvariate(10, 0.9)) + 300
            path = self._following(path)

    def _following(self, path: str) -> str:
        return self._random.choice([page for page in crowd.PAGES if page != path])

    def _steps(self, start: int) -> Iterator[Step]:
        views = crowd.VIEWS.draw(self._random)
        path, referrer = (
            crowd.FIRST_PAGES.draw(self._random),
            crowd.SOURCES.draw(self._random),
        )
        time = start
        for number in range(views):
            yield Step("page_view", time, path, referrer)
            time += int(self._random.lognormvariate(10, 0.9))
            following = self._following(path)
            if number + 1 < views:
                link = self._origin + following
                yield Step("link_click", time, path, referrer, link, "internal")
            referrer, path, time = self._origin + path, following, time + 300
        yield from self._leaving(time, path, referrer)

    def _leaving(self, time: int, path: str, referrer: str) -> Iterator[Step]:
        chance = self._random.random()
        if chance < 0.12:
            outside = self._random.choice(OUTSIDE)
            yield Step("link_click", time, path, referrer, outside, "outbound")
        elif chance < 0.17:
            link = self._origin + DOWNLOAD
            yield Step("link_click", time, path, referrer, link, "download")
