"""Counts of page loads, without any identifier: by day, where they were counted, and language."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import delete, select

from askfirst.clock import Clock, utc_day
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.page_floor import PageFloor
from askfirst.store.ledger.tables import load_counts
from askfirst.store.ledger.upsert import WaitingSums
from askfirst.web.accept_language import language_of

TAG, LOG, LOG_RECORDED = "tag", "log", "log_recorded"
SOURCES = (TAG, LOG, LOG_RECORDED)
"""The tag's loads; pages that an imported log shows; those of them that were recorded."""
_LONGEST = 3
"""Letters of a language's code; others are not told apart."""


class LoadCount(NamedTuple):
    """How often pages were loaded on a UTC day; a language that is not told is ''."""

    day: str
    source: str
    language: str
    times: int


def spoken(accept_language: str) -> str:
    """Return the language that a header wants most, without its region: `de`, or ''."""
    code = language_of(accept_language).partition("-")[0]
    return code if len(code) <= _LONGEST else ""


def log_rows(site_id: int, counts: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    """Return the rows that add (day, source) of an imported log, which tells no language."""
    return [
        {"site_id": site_id, "day": day, "source": source, "language": "", "count": times}
        for (day, source), times in counts.items()
    ]


class LoadCounts:
    """Sums up the tag's loads in memory, and writes them to the ledger when `flush` is called.

    A language is counted by name from its `smallest`th load of a UTC day on, as pages are: one that
    a single visitor speaks would point at somebody. What came before stays under ''.
    """

    def __init__(self, ledger: Ledger, clock: Clock, smallest: int) -> None:
        self._ledger = ledger
        self._clock = clock
        self._sums = WaitingSums(ledger, load_counts)
        self._day = ""
        self._floor = PageFloor(smallest)

    async def start(self) -> None:
        """Read which languages were counted by name today before this process started."""
        self._begin_day()
        mine = load_counts.c
        chosen = select(mine.site_id, mine.language).where(
            mine.day == self._day, mine.language != ""
        )
        async with self._ledger.read() as connection:
            for site_id, language in await connection.execute(chosen.distinct()):
                self._floor.learn(site_id, language)

    def add(self, site_id: int, accept_language: str) -> None:
        """Count a load of the tag by a browser that sent this header."""
        self._begin_day()
        named = self._floor.open(site_id, TAG, spoken(accept_language))
        self._sums.add(site_id, self._day, TAG, named)

    def _begin_day(self) -> None:
        if (today := utc_day(self._clock())) != self._day:
            self._day = today
            self._floor.clear()

    async def flush(self) -> None:
        """Write the sums; those that cannot be written are kept for the next time."""
        self._begin_day()
        await self._sums.flush()

    async def forget(self, before_day: str) -> None:
        """Delete the counts of the days before a UTC day."""
        async with self._ledger.write() as connection:
            await connection.execute(delete(load_counts).where(load_counts.c.day < before_day))

    async def read(self, site_id: int, first_day: str, last_day: str) -> list[LoadCount]:
        """Return the counts of a site over whole UTC days, both included."""
        await self.flush()
        mine = load_counts.c
        chosen = select(mine.day, mine.source, mine.language, mine.count).where(
            mine.site_id == site_id, mine.day.between(first_day, last_day)
        )
        async with self._ledger.read() as connection:
            return [LoadCount(*row) for row in await connection.execute(chosen)]
