"""Who is on a site now: one question every few seconds, however many people look."""

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass

import pandas as pd

from askfirst.sites import Site
from reports.dependencies import Dependencies
from reports.questions.now import now
from reports.questions.scope import scope_between

MINUTES = 5
"""Whoever had an event so many minutes ago at most is here."""
FRESH_MS = 3000
"""An answer is good for so long, in milliseconds."""
ROWS = 10


@dataclass(frozen=True)
class Row:
    """A page or a source, and how many visitors are on it or came by it."""

    name: str
    visitors: int
    part: float
    """Its share of the longest row, in per cent."""


@dataclass(frozen=True)
class Now:
    """Who had an event in the last five minutes."""

    visitors: int
    pages: tuple[Row, ...] = ()
    """The pages that most of them are on, ten at most."""
    sources: tuple[Row, ...] = ()
    """The sources by which most of them came, ten at most."""


class Watch:
    """Asks who is on a site, at most once in `FRESH_MS` for each."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._asking: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._known: dict[int, tuple[int, Now]] = {}

    async def look(self, site: Site) -> Now:
        """Return who is on the site, as of `FRESH_MS` ago at most."""
        async with self._asking[site.id]:
            time = self._deps.clock()
            asked, found = self._known.get(site.id, (None, None))
            if asked is None or found is None or abs(time - asked) >= FRESH_MS:
                scope = scope_between(site.id, time - MINUTES * 60_000, time + 1)
                found = now_of(await asyncio.to_thread(self._deps.warehouse.ask, now, scope))
                self._known[site.id] = (time, found)
            return found


def now_of(frame: pd.DataFrame) -> Now:
    """Sum up the answer of the question `now`."""
    pages: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    for path, source, visitors in zip(*(frame[name] for name in _COLUMNS), strict=True):
        pages[path] += int(visitors)
        sources[source] += int(visitors)
    return Now(pages.total(), _rows(pages), _rows(sources))


_COLUMNS = ("path", "source", "visitors")


def _rows(counted: Counter[str]) -> tuple[Row, ...]:
    most = max(counted.values(), default=1)
    ordered = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    return tuple(Row(name, n, round(100 * n / most, 1)) for name, n in ordered[:ROWS])
